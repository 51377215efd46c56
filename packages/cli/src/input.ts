import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { Trouble } from "./trouble.ts";

/** A file that was read. */
export interface TextFile {
  /** As the user would name it: relative paths stay relative. */
  readonly path: string;
  readonly text: string;
}

/** Model files of the langop container, and where the Secrets they name are mounted. */
export interface ModelFolder {
  /** `model__*.json` sorted by name, or `model.json` alone. */
  readonly models: readonly TextFile[];
  /** Holds `<secret>/<key>`; need not exist. */
  readonly secrets: string;
}

/** What lies in the paths a user gave, by kind. */
export interface Input {
  readonly manifests: readonly TextFile[];
  /** LiteLLM configuration files; files that another one includes are among them. */
  readonly configs: readonly TextFile[];
  readonly modelFolders: readonly ModelFolder[];
  /** Absolute paths whose change means that the input has changed. */
  readonly watch: readonly string[];
  /** Errors: a path that cannot be read. Warnings: files that are none of the above. */
  readonly troubles: readonly Trouble[];
}

/** Which reader a file is for. */
export type InputKind = "manifest" | "config" | "model";

/** Top-level keys by which a LiteLLM configuration file is told from any other YAML (litellm.md §2). */
const configKeys = [
  "model_list",
  "litellm_settings",
  "router_settings",
  "general_settings",
  "environment_variables",
  "credential_list",
  "include",
  "gatewright",
];

const topLevel = (keys: readonly string[]): RegExp =>
  new RegExp(`^["']?(?:${keys.join("|")})["']?[ \\t]*:`, "m");
const manifestText = topLevel(["apiVersion", "kind"]);
const configText = topLevel(configKeys);
const modelName = /^model(__.*)?\.json$/;
const readable = /\.(ya?ml|json)$/;

/**
 * Which kind of input a file is. Looks at the text, not at the parsed value, so that a file with a syntax error still
 * reaches the reader that can say where the error is.
 */
export function inputKind(path: string, text: string): InputKind | undefined {
  if (modelName.test(basename(path))) return "model";
  const keys = flowKeys(text);
  if (keys === undefined)
    return manifestText.test(text) ? "manifest" : configText.test(text) ? "config" : undefined;
  if (keys.includes("apiVersion") || keys.includes("kind")) return "manifest";
  return keys.some((key) => configKeys.includes(key)) ? "config" : undefined;
}

/** Top-level keys of a JSON text; `undefined` when the text is not JSON-like. */
function flowKeys(text: string): readonly string[] | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const objects: unknown[] = Array.isArray(value) ? value : [value];
    return objects.flatMap((object) =>
      typeof object === "object" && object !== null ? Object.keys(object) : [],
    );
  } catch {
    // Broken or not quite JSON: any key counts, the reader will tell what is wrong.
    return [...text.matchAll(/["']?([A-Za-z_]+)["']?\s*:/g)].map((match) => match[1] ?? "");
  }
}

/**
 * Reads what the paths hold. A folder gives its own `*.yaml`, `*.yml` and `*.json` files and the model files in its
 * `models` folder, with Secrets in its `secrets` folder; other subfolders are not entered.
 * `from` is the folder that relative paths start from.
 */
export function readInput(paths: readonly string[], from: string): Input {
  const found = new Search(from);
  for (const path of paths) found.path(path);
  return found.result();
}

class Search {
  readonly #from: string;
  readonly #seen = new Set<string>();
  readonly #manifests: TextFile[] = [];
  readonly #configs: TextFile[] = [];
  readonly #models = new Map<string, TextFile[]>();
  readonly #watch = new Set<string>();
  readonly #troubles: Trouble[] = [];

  constructor(from: string) {
    this.#from = from;
  }

  path(path: string): void {
    const kind = this.#stat(path);
    this.#watch.add(resolve(this.#from, path));
    if (kind === "folder") this.#folder(path);
    else if (kind === "file") this.#file(path, { named: true, secrets: join(dirname(path), "secrets") });
    else {
      const text =
        "there is no such file or folder. Give files or folders that hold manifests, LiteLLM configuration files or model files.";
      this.#troubles.push({ level: "error", code: "PathNotFound", file: path, text });
    }
  }

  #folder(folder: string): void {
    const secrets = join(folder, "secrets");
    for (const name of this.#list(folder)) {
      const path = join(folder, name);
      if (readable.test(name) && this.#stat(path) === "file") this.#file(path, { named: false, secrets });
    }
    const models = join(folder, "models");
    if (this.#stat(models) !== "folder") return;
    this.#watch.add(resolve(this.#from, models));
    for (const name of this.#list(models)) {
      if (modelName.test(name)) this.#file(join(models, name), { named: false, secrets });
    }
  }

  #file(path: string, how: { readonly named: boolean; readonly secrets: string }): void {
    const absolute = resolve(this.#from, path);
    if (this.#seen.has(absolute)) return;
    this.#seen.add(absolute);
    this.#watch.add(absolute);
    let text: string;
    try {
      text = readFileSync(absolute, "utf8");
    } catch (error) {
      this.#troubles.push({
        level: "error",
        code: "FileNotReadable",
        file: path,
        text: `it cannot be read: ${(error as Error).message}`,
      });
      return;
    }
    const kind = inputKind(path, text);
    if (kind === "manifest") this.#manifests.push({ path, text });
    else if (kind === "config") this.#configs.push({ path, text });
    else if (kind === "model") {
      const models = this.#models.get(how.secrets) ?? [];
      this.#models.set(how.secrets, [...models, { path, text }]);
    } else if (text.trim() !== "") {
      this.#troubles.push({
        level: how.named ? "error" : "warning",
        code: "FileNotRecognised",
        file: path,
        text: `it is neither a manifest (no apiVersion and kind) nor a LiteLLM configuration file (none of ${configKeys.join(", ")})${how.named ? "." : "; it is left out."}`,
      });
    }
  }

  result(): Input {
    const modelFolders = [...this.#models].map(([secrets, models]): ModelFolder => {
      // The container reads model.json only when there is no model__*.json (langop.md §3.3).
      const several = models.filter((file) => basename(file.path) !== "model.json");
      return { models: several.length > 0 ? several : models, secrets };
    });
    return {
      manifests: this.#manifests,
      configs: this.#configs,
      modelFolders,
      watch: [...this.#watch],
      troubles: this.#troubles,
    };
  }

  #list(folder: string): readonly string[] {
    try {
      return readdirSync(resolve(this.#from, folder)).sort();
    } catch (error) {
      this.#troubles.push({
        level: "error",
        code: "FolderNotReadable",
        file: folder,
        text: `it cannot be read: ${(error as Error).message}`,
      });
      return [];
    }
  }

  #stat(path: string): "file" | "folder" | undefined {
    const stats = statSync(isAbsolute(path) ? path : resolve(this.#from, path), { throwIfNoEntry: false });
    return stats === undefined ? undefined : stats.isDirectory() ? "folder" : "file";
  }
}

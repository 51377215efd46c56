import { lstatSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { readConfigFile, readText } from "./config-file.ts";
import type { Declaration } from "./declaration.ts";
import { runtimeHints } from "./runtime-hints.ts";
import { type SecretSource, secretSource } from "./secret-lookup.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Trouble } from "./trouble.ts";

/** Where a single gateway takes its document from: the options `gateway` and `config` share. */
export interface GatewayInputOptions {
  /**
   * A LiteLLM configuration file. Without it `CONFIG_FILE_PATH`, else what the operator has put beside the model files,
   * else the langop container's places.
   */
  readonly config?: string;
  /** Folder of `model__*.json`, and of `config.yaml` where the operator delivers the document that they come to. */
  readonly models: string;
  /** The single model file that is read when there is none in `models`. */
  readonly modelJson: string;
  /** Files `<secret>/<key>` and, with a configuration file, also files named like the variables. */
  readonly secrets?: string;
}

/** The places of the langop container (langop.md §3.3, §4.1). */
export const containerPlaces = {
  models: "/etc/langop/models",
  modelJson: "/etc/langop/model.json",
  secrets: "/etc/secrets",
} as const;

/** Where the operator mounts secrets for a document, one file per variable. */
export const secretsFolder = "/etc/gatewright/secrets";

/** What one gateway is to serve. */
export interface GatewayInput {
  /** Absent exactly when one of the troubles is an error. */
  readonly declaration?: Declaration;
  readonly secrets: SecretSource;
  readonly troubles: readonly Trouble[];
  /** Replicas that serve the same, as the operator knows; absent: this is the only one. */
  readonly replicas?: number;
  /** Absolute paths whose change means that this has changed. */
  readonly watch: readonly string[];
}

/** Reads what a single gateway is to serve. */
export async function readGatewayInput(
  options: GatewayInputOptions,
  surroundings: Surroundings,
): Promise<GatewayInput> {
  const config =
    options.config ??
    (surroundings.environment["CONFIG_FILE_PATH"] || undefined) ??
    deliveredDocument(options, surroundings);
  return config === undefined
    ? fromContainer(options, surroundings)
    : fromConfig(config, options, surroundings);
}

/** The document in the folder of the model files: what the operator made of them, and of what it knows beyond them. */
function deliveredDocument(
  { models }: GatewayInputOptions,
  { folder }: Pick<Surroundings, "folder">,
): string | undefined {
  const path = resolve(folder, models, "config.yaml");
  // Not what it leads to: in the middle of a swap of the mount that is nowhere for an instant, and the model files alone
  // would make a gateway without the keys that the document asks for.
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : path;
}

function fromConfig(path: string, options: GatewayInputOptions, surroundings: Surroundings): GatewayInput {
  const { folder: from, environment } = surroundings;
  const places = {
    environment,
    folder: resolve(from, options.secrets ?? secretsFolder),
    mounts: [
      ...(options.secrets === undefined ? [] : [resolve(from, options.secrets)]),
      containerPlaces.secrets,
    ],
  };
  const text = readText(resolve(from, path));
  if (text === undefined) {
    const trouble: Trouble = {
      level: "error",
      code: "ConfigNotReadable",
      file: path,
      text: "there is no such file, or it cannot be read. Give --config the path of a LiteLLM configuration file.",
    };
    return { secrets: secretSource(places), troubles: [trouble], watch: [resolve(from, path)] };
  }
  const reading = readConfigFile({ path, text }, from, "native");
  const references = reading.declaration?.references ?? [];
  const hints = runtimeHints(resolve(from, path));
  return {
    ...reading,
    watch: [...reading.watch, hints.path],
    replicas: hints.replicas,
    secrets: secretSource({ ...places, references }),
  };
}

async function fromContainer(
  options: GatewayInputOptions,
  surroundings: Surroundings,
): Promise<GatewayInput> {
  // The dialects' schemas take their time to load, and a gateway with a configuration file does without them.
  const { modelFolderDeclaration } = await import("./model-folder.ts");
  const { folder: from, environment } = surroundings;
  const mounts = resolve(from, options.secrets ?? containerPlaces.secrets);
  const models = resolve(from, options.models);
  const modelJson = resolve(from, options.modelJson);
  const several = modelPaths(models);
  const troubles: Trouble[] = [];
  const files = (several.length > 0 ? several : [modelJson]).flatMap((path) => {
    const text = readText(path);
    if (text !== undefined) return [{ path, text }];
    // Only model.json may be missing: then there is no model yet (langop.md §3.3).
    if (several.length > 0)
      troubles.push({ level: "error", code: "FileNotReadable", file: path, text: "it cannot be read." });
    return [];
  });
  const { declaration, troubles: more } = modelFolderDeclaration(
    { models: files, secrets: mounts },
    surroundings,
  );
  const references = declaration?.references ?? [];
  const secrets = secretSource({ environment, references, mounts: [mounts], folder: secretsFolder });
  const all = [...troubles, ...more];
  const watch = [models, modelJson, ...files.map(({ path }) => path)];
  if (declaration === undefined || troubles.length > 0) return { secrets, troubles: all, watch };
  return { declaration, secrets, troubles: all, watch };
}

function modelPaths(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^model__.*\.json$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { readContainer } from "@gatewright/dialects";
import type { Declaration } from "./declaration.ts";
import type { ModelFolder } from "./input.ts";
import { planDeclaration } from "./plan-declaration.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Locate, Trouble } from "./trouble.ts";

/** Model files as a gateway. */
export interface ModelFolderReading {
  /** Absent exactly when one of the troubles is an error. */
  readonly declaration?: Declaration;
  readonly troubles: readonly Trouble[];
}

/** Reads model files as the langop container does (langop.md §3.3, §4.1). Relative paths start from `folder`. */
export function modelFolderDeclaration(
  { models, secrets }: ModelFolder,
  { folder, environment }: Pick<Surroundings, "folder" | "environment">,
): ModelFolderReading {
  const mounts = resolve(folder, secrets);
  const paths = new Map(models.map(({ path }) => [containerName(path), path]));
  const { gateway, problems } = readContainer({
    files: Object.fromEntries(models.map(({ path, text }) => [containerName(path), text])),
    secretKeys: (secret) => filesIn(join(mounts, secret)),
    environment,
    secretsFolder: mounts,
  });
  const troubles = problems.map(({ severity, ...problem }): Trouble => {
    const file = paths.get(problem.file) ?? problem.file;
    // The reader knows names alone; its texts are to show where the file is.
    return { level: severity, ...problem, file };
  });
  if (gateway === undefined) return { troubles };
  const locate: Locate = ({ kind, name }) => {
    const file =
      kind === "LanguageModel" ? (paths.get(`model__${name}.json`) ?? paths.get(`${name}.json`)) : undefined;
    return file === undefined ? undefined : { file };
  };
  const place = models[0] === undefined ? secrets : dirname(models[0].path);
  const declaration = planDeclaration(gateway, locate);
  return {
    declaration: { ...declaration, id: `models ${resolve(folder, place)}`, title: place, mounts },
    troubles,
  };
}

/** What a file would be called in the container; a single model may have any name outside (`--model-json FILE`). */
function containerName(path: string): string {
  const name = basename(path);
  return /^model__.*\.json$/.test(name) ? name : "model.json";
}

/** The keys of a mounted Secret. Kubernetes keeps the real files behind names that begin with two dots. */
function filesIn(folder: string): readonly string[] | "absent" {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("..") && statSync(join(folder, name)).isFile())
      .sort();
  } catch {
    return "absent";
  }
}

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { digestOf, type Problem, readDocument, unsupported } from "@gatewright/litellm";
import type { Engine, Origin } from "@gatewright/plan";
import type { Declaration } from "./declaration.ts";
import type { TextFile } from "./input.ts";
import { isPassingFault } from "./passing-fault.ts";
import { documentReferences } from "./secret-lookup.ts";
import type { Trouble } from "./trouble.ts";

/** A LiteLLM configuration file as a gateway. */
export interface ConfigReading {
  /** Absent exactly when one of the troubles is an error. */
  readonly declaration?: Declaration;
  readonly troubles: readonly Trouble[];
  /** Absolute paths of the file and of all it includes. */
  readonly watch: readonly string[];
}

/** The origin of findings about a configuration file. */
export function fileOrigin(path: string): Origin {
  return { apiVersion: "file", kind: "File", name: path };
}

/** Reads a configuration file and what it includes. Relative paths start from the folder `from`. */
export function readConfigFile(file: TextFile, from: string, engine: Engine): ConfigReading {
  const texts = [file.text];
  const { document, place, problems, files } = readDocument(file.text, {
    file: file.path,
    include: (path) => {
      const text = readText(resolve(from, path));
      if (text !== undefined) texts.push(text);
      return text;
    },
  });
  const troubles = problems.map(problemTrouble);
  const watch = files.map((path) => resolve(from, path));
  if (document === undefined) return { troubles, watch };
  const origin = fileOrigin(file.path);
  const declaration: Declaration = {
    id: `file ${resolve(from, file.path)}`,
    title: file.path,
    origin,
    document,
    text: file.text,
    digest: digestOf(texts.join("")),
    storedModels: [],
    references: documentReferences(document),
    locate: ({ path }) => place?.(path ?? "") ?? { file: file.path },
    findings: engine === "native" ? unsupported(document, { origin }) : [],
    allowUnsupported: [],
  };
  return { declaration, troubles, watch };
}

/** The text of a file; `undefined` when it cannot be read. Throws when it cannot be read just now. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isPassingFault(error)) throw error;
    return undefined;
  }
}

/** A problem of a document as the command line tells it. */
export function problemTrouble(problem: Problem): Trouble {
  const { severity, ...place } = problem;
  return { level: severity, ...place };
}

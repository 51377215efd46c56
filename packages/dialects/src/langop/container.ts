import { compareText, isJsonObject, type Json, type JsonObject, type Origin } from "@gatewright/plan";
import * as yaml from "yaml";
import type { Gateway } from "../dialect.ts";
import type { Resource } from "../resource.ts";
import { joined } from "./read/entry.ts";
import type { Variable } from "./read/environment.ts";
import { readGateway } from "./read/gateway.ts";
import { hmacVariable, readAgentKeys } from "./read/identity.ts";
import { masterKeyVariable, readKey } from "./read/key.ts";
import { extraConfigVariable, parseExtraConfig, readOverlay } from "./read/overlay.ts";

/** What the container of the dialect finds around itself (langop.md §3.3, §4.1). */
export interface ContainerInput {
  /**
   * Text by file name: `model__<name>.json` for each model, or `model.json` alone. Without any of them the gateway has
   * no models. Other names are ignored.
   */
  readonly files: { readonly [name: string]: string };
  /** The files in the folder of a Secret; `absent` when there is no such folder. */
  secretKeys(secret: string): readonly string[] | "absent";
  /** The process environment; only the variables of the contract are looked at. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Where the folders of Secrets are. Default `/etc/secrets`. */
  readonly secretsFolder?: string;
  readonly allowUnsupported?: readonly string[];
}

/** Why a container cannot start. */
export interface ContainerProblem {
  readonly severity: "error";
  readonly code: "InvalidJson" | "NotAMapping" | "ExtraConfigInvalid";
  /** Name of the file, or of the environment variable. */
  readonly file: string;
  readonly line?: number;
  readonly path: string;
  readonly text: string;
}

/** The gateway of a container; absent exactly when there are problems, and the process must exit with code 1. */
export interface ContainerReading {
  readonly gateway?: Gateway;
  readonly problems: readonly ContainerProblem[];
}

const gatewayOrigin: Origin = { apiVersion: "langop.io/v1alpha1", kind: "LanguageCluster", name: "gateway" };

/** Reads model files as the container of the dialect does, and through the same readers as manifests. Pure. */
export function readContainer(input: ContainerInput): ContainerReading {
  const { environment, secretsFolder = "/etc/secrets" } = input;
  const { resources, problems } = readFiles(input.files);
  const extra = parseExtraConfig(environment[extraConfigVariable] ?? "");
  if (typeof extra === "string") {
    problems.push({
      severity: "error",
      code: "ExtraConfigInvalid",
      file: extraConfigVariable,
      path: "",
      text: `The environment variable ${extraConfigVariable} ${extra}; it must be a YAML mapping that is merged over the configuration.`,
    });
  }
  if (problems.length > 0 || typeof extra === "string") return { problems };
  const origin = gatewayOrigin;
  const overlay = readOverlay(origin, textVariable(environment, extraConfigVariable));
  const gateway = readGateway({
    header: {
      namespace: "",
      name: "gateway",
      origin,
      engine: "native",
      ...(input.allowUnsupported === undefined ? {} : { allowUnsupported: input.allowUnsupported }),
    },
    models: resources,
    surroundings: {
      engine: "native",
      secretsFolder,
      secretKeys: (name) => input.secretKeys(name),
      environmentHas: (name) => (environment[name] ?? "") !== "",
    },
    settings: joined([
      readKey(origin, textVariable(environment, masterKeyVariable)),
      overlay.contribution,
      readAgentKeys({
        origin,
        engine: "native",
        variable: textVariable(environment, hmacVariable),
        extra: overlay.value,
      }),
    ]),
  });
  return { gateway, problems: [] };
}

function readFiles(files: ContainerInput["files"]): { resources: Resource[]; problems: ContainerProblem[] } {
  const shared = Object.keys(files)
    .filter((file) => /^model__.+\.json$/u.test(file))
    .sort(compareText);
  const names = shared.length > 0 ? shared : Object.keys(files).filter((file) => file === "model.json");
  const resources: Resource[] = [];
  const problems: ContainerProblem[] = [];
  for (const file of names) {
    const spec = parseJson(file, files[file] ?? "", problems);
    if (spec === undefined) continue;
    const name = /^model__(.+)\.json$/u.exec(file)?.[1] ?? "model";
    resources.push({ apiVersion: "langop.io/v1alpha1", kind: "LanguageModel", metadata: { name }, spec });
  }
  return { resources, problems };
}

function parseJson(file: string, text: string, problems: ContainerProblem[]): JsonObject | undefined {
  const problem = { severity: "error", file, path: "" } as const;
  try {
    const value = JSON.parse(text) as Json;
    if (isJsonObject(value)) return value;
    problems.push({
      ...problem,
      code: "NotAMapping",
      text: `${file} must hold the spec of a LanguageModel, a JSON object.`,
    });
  } catch {
    // The exception quotes the file, which may hold what should not be in a log, and often does not know the line.
    const line = brokenLine(text);
    problems.push({
      ...problem,
      code: "InvalidJson",
      ...(line === undefined ? {} : { line }),
      text: `${file} is not valid JSON${text.trim() === "" ? ": it is empty" : ""}.`,
    });
  }
  return undefined;
}

/** The line, from 1, at which a text stops being JSON, as far as a YAML parser limited to JSON's words can tell. */
function brokenLine(text: string): number | undefined {
  const position = yaml.parseDocument(text, { schema: "json", prettyErrors: false }).errors[0]?.pos[0];
  return position === undefined ? undefined : text.slice(0, position).split("\n").length;
}

function textVariable(environment: ContainerInput["environment"], name: string): Variable | undefined {
  const text = environment[name];
  return text === undefined ? undefined : { kind: "text", text, path: name };
}

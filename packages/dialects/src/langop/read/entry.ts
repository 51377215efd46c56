import {
  compareText,
  type Effect,
  type Engine,
  type Finding,
  type Origin,
  originText,
  type Part,
} from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { type LanguageModelSpec, languageModel } from "../kinds/language-model.ts";

/** A LanguageModel whose spec can be read. */
export interface ModelEntry {
  readonly resource: Resource;
  readonly origin: Origin;
  /** Of the resource: a second name for clients, and the name of its deployments. */
  readonly name: string;
  /** Empty in a container, which does not know its namespace. */
  readonly namespace: string;
  readonly spec: LanguageModelSpec;
}

/** What the readers of one gateway may look at beyond the resources themselves. */
export interface Surroundings {
  readonly engine: Engine;
  /** As `World.secretKeys`, in the namespace of the gateway. */
  secretKeys(name: string): readonly string[] | "absent" | "unknown";
  /** True for variables that the gateway's own environment is known to hold. */
  environmentHas(name: string): boolean;
  /** Where Secrets are mounted in the gateway, without a slash at the end. */
  readonly secretsFolder: string;
}

/** What one reader found. */
export interface Contribution {
  readonly parts: readonly Part[];
  readonly findings: readonly Finding[];
}

/** Contributions of several readers as one. */
export function joined(contributions: Iterable<Contribution>): Contribution {
  const all = [...contributions];
  return { parts: all.flatMap(({ parts }) => parts), findings: all.flatMap(({ findings }) => findings) };
}

/** A finding about one field. `text` goes on after the field's name: "is not used because …". */
export function fieldFinding(
  resource: Resource,
  path: string,
  code: string,
  effect: Effect,
  text: string,
): Finding {
  const origin = originOf(resource, path);
  return { code, effect, origin, text: `${originText(origin)} ${text}` };
}

/** Reads the specs of LanguageModels; those that cannot be read are in the findings instead of the entries. */
export function readEntries(resources: readonly Resource[]): {
  readonly entries: readonly ModelEntry[];
  readonly findings: ReadonlyMap<Resource, readonly Finding[]>;
} {
  const entries: ModelEntry[] = [];
  const findings = new Map<Resource, readonly Finding[]>();
  for (const resource of [...resources].sort(byFileName)) {
    const { spec, findings: found } = readSpec(languageModel, resource);
    findings.set(resource, found);
    if (spec === undefined) continue;
    const { name, namespace = "" } = resource.metadata;
    entries.push({ resource, origin: originOf(resource), name, namespace, spec });
  }
  return { entries, findings };
}

/**
 * The order of the files the models are delivered in, which decides who gets a contested alias (langop.md §3.3).
 * It is not quite the order of the names: `model__a-b.json` comes before `model__a.json`.
 */
function byFileName(a: Resource, b: Resource): number {
  return compareText(`model__${a.metadata.name}.json`, `model__${b.metadata.name}.json`);
}

/** The name clients call a model by: its modelName, or `<resource>/*` for a whole catalogue. */
export function publicName(entry: ModelEntry): string {
  return isCatalogue(entry) ? `${entry.name}/*` : entry.spec.modelName;
}

/** True for a model that stands for the provider's whole catalogue. */
export function isCatalogue(entry: ModelEntry): boolean {
  return entry.spec.modelName === "*";
}

/** True for upstreams that speak OpenAI's protocol without being OpenAI. */
export function isOpenaiCompatible(entry: ModelEntry): boolean {
  return entry.spec.provider === "openai-compatible" || entry.spec.provider === "custom";
}

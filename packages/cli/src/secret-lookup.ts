import { join } from "node:path";
import { environmentName, Secret, type SecretLookup, secretFile } from "@gatewright/litellm";
import { isJsonObject, type Json, type SecretKey, type SecretReference } from "@gatewright/plan";
import { readSecretFile } from "./data-folder.ts";

/** Where the values of a gateway's secrets may lie. What is left out is not looked at. */
export interface SecretPlaces {
  readonly environment: { readonly [name: string]: string | undefined };
  /** Variables that the gateway's own resource sets in clear. */
  readonly resource?: { readonly [name: string]: Secret };
  /** What stands behind the names of this gateway's document. */
  readonly references?: readonly SecretReference[];
  /** Values from Secret manifests. */
  readonly manifests?: (secret: SecretKey) => Secret | undefined;
  /** Files named like the variables; also `<namespace>/<secret>/<key>`, which is how `up` keeps Secrets. */
  readonly folder?: string;
  /** Folders in which Secrets are mounted as `<secret>/<key>`: the langop container's `/etc/secrets` (langop.md §4.1). */
  readonly mounts?: readonly string[];
}

/** Where a value was found. */
export type SecretPlace =
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "resource" }
  | { readonly kind: "manifest"; readonly secret: SecretKey }
  | { readonly kind: "file"; readonly path: string };

/** Values by name, and the files and folders they are looked for in. */
export interface SecretSource {
  /** Reads files anew at every call. Surrounding white space of a file is not part of a value; an empty one is none. */
  readonly find: (name: string) => { readonly secret: Secret; readonly place: SecretPlace } | undefined;
  readonly lookup: SecretLookup;
  /** Paths whose change may change an answer. */
  readonly watch: readonly string[];
}

/**
 * Looks names up in this order: the environment (where only the user puts things, so the user wins), what the resource
 * sets itself, Secret manifests, the folder, mounted Secrets, and last the fallback variable of the reference (langop.md §3.3).
 */
export function secretSource(places: SecretPlaces): SecretSource {
  const { environment, resource, references = [], manifests, mounts = [], folder } = places;
  const watch = new Set<string>(folder === undefined ? [] : [folder]);
  for (const { secret } of references) {
    if (secret === undefined) continue;
    for (const mount of mounts) watch.add(join(mount, secret.name));
    if (folder !== undefined) watch.add(join(folder, secret.namespace, secret.name));
  }

  function* candidates(name: string): Iterable<readonly [value: string | undefined, place: SecretPlace]> {
    yield [environment[name], { kind: "environment", variable: name }];
    yield [resource?.[name]?.reveal(), { kind: "resource" }];
    const meant = references.filter((reference) => reference.variable === name);
    for (const { secret } of meant) {
      if (secret === undefined) continue;
      yield [manifests?.(secret)?.reveal().trim(), { kind: "manifest", secret }];
      if (folder !== undefined) yield fileValue(folder, secret.namespace, secret.name, secret.key);
    }
    if (folder !== undefined) yield fileValue(folder, name);
    for (const { secret } of meant) {
      if (secret === undefined) continue;
      for (const mount of mounts) yield fileValue(mount, secret.name, secret.key);
    }
    for (const { fallbackVariable: variable } of meant) {
      if (variable !== undefined) yield [environment[variable], { kind: "environment", variable }];
    }
  }

  const find: SecretSource["find"] = (name) => {
    for (const [value, place] of candidates(name)) {
      if (value !== undefined && value !== "") return { secret: new Secret(value), place };
    }
    return undefined;
  };
  return { find, lookup: (name) => find(name)?.secret, watch: [...watch] };
}

function fileValue(folder: string, ...names: readonly string[]): readonly [string | undefined, SecretPlace] {
  return [readSecretFile(folder, ...names), { kind: "file", path: join(folder, ...names) }];
}

/** Every secret reference of a plan, in the plan's order, each once. */
export function referencesOf(plan: unknown): readonly SecretReference[] {
  const found = new Map<string, SecretReference>();
  collect(plan, found);
  return [...found.values()];
}

/**
 * What stands behind the names of a document that is all there is: of a name that `secretVariable` writes, the key of a
 * Secret in a namespace nobody knows. All other names stand for themselves.
 */
export function documentReferences(document: Json): readonly SecretReference[] {
  return [...namesIn(document, new Set())].flatMap((variable) => {
    const file = secretFile(variable);
    if (file === undefined) return [];
    const { secret: name, key, fallbackVariable } = file;
    return [{ variable, secret: { namespace: "", name, key }, fallbackVariable }];
  });
}

function namesIn(value: Json, names: Set<string>): ReadonlySet<string> {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) namesIn(member, names);
  }
  const name = environmentName(value);
  if (name !== undefined) names.add(name);
  return names;
}

function collect(value: unknown, found: Map<string, SecretReference>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, found);
  if (!isJsonObject(value)) return;
  if (isReference(value)) found.set(JSON.stringify(value), value);
  else for (const member of Object.values(value)) collect(member, found);
}

const referenceMembers = new Set(["variable", "secret", "fallbackVariable"]);

function isReference(value: object): value is SecretReference {
  return (
    "variable" in value &&
    typeof value.variable === "string" &&
    Object.keys(value).every((member) => referenceMembers.has(member))
  );
}

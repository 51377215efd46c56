import { isJsonObject } from "@gatewright/plan";
import { environmentName } from "../environment.ts";
import { Secret } from "../secret.ts";

/*
 * How LiteLLM's values are read. It is generous (numbers as texts, `on` and "true" as booleans), and files rely on it.
 * Every function gives undefined for what it cannot read. A `Secret` stands where a reference was resolved.
 */

const numeric = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const yes: ReadonlySet<string> = new Set(["true", "yes", "on", "y", "t", "1"]);
const no: ReadonlySet<string> = new Set(["false", "no", "off", "n", "f", "0"]);

export function text(value: unknown): string | undefined {
  const plain = revealed(value);
  if (typeof plain === "string") return plain;
  return typeof plain === "number" || typeof plain === "boolean" ? String(plain) : undefined;
}

export function number(value: unknown): number | undefined {
  const plain = revealed(value);
  if (typeof plain === "string" && numeric.test(plain.trim())) return Number(plain);
  return typeof plain === "number" && Number.isFinite(plain) ? plain : undefined;
}

export function integer(value: unknown): number | undefined {
  const found = number(value);
  return Number.isInteger(found) ? found : undefined;
}

export function flag(value: unknown): boolean | undefined {
  const plain = revealed(value);
  if (typeof plain === "boolean") return plain;
  const word = String(text(plain)).trim().toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

/** A list of texts; one text alone is a list of one, as in `callbacks: prometheus`. */
export function textList(value: unknown): readonly string[] | undefined {
  const items = Array.isArray(value) ? value : [value];
  const texts = items.map(text);
  return texts.every((item) => item !== undefined) ? texts : undefined;
}

export function textMap(value: unknown): { readonly [name: string]: string } | undefined {
  return mapOf(value, text);
}

export function numberMap(value: unknown): { readonly [name: string]: number } | undefined {
  return mapOf(value, number);
}

/** Any map, references in it revealed. */
export function map(value: unknown): { readonly [name: string]: unknown } | undefined {
  return isJsonObject(value) ? mapOf(value, revealed) : undefined;
}

/** Any list, references in it revealed. */
export function list(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value.map(revealed) : undefined;
}

/** A secret. Credentials of Google are also given as a map: that is kept as its JSON text. */
export function secret(value: unknown): Secret | undefined {
  if (value instanceof Secret) return value;
  if (isJsonObject(value)) return new Secret(JSON.stringify(revealed(value)));
  const plain = text(value);
  return plain === undefined ? undefined : new Secret(plain);
}

export function secretMap(value: unknown): { readonly [name: string]: Secret } | undefined {
  return mapOf(value, secret);
}

/** Where an alias leads. */
export interface Alias {
  readonly model: string;
  /** Not listed among the models. */
  readonly hidden: boolean;
}

/** `model_group_alias`: alias → model name, or `{model, hidden}`. */
export function aliases(value: unknown): { readonly [alias: string]: Alias } | undefined {
  return mapOf(value, (target) => {
    const model = isJsonObject(target) ? text(target["model"]) : text(target);
    if (model === undefined) return undefined;
    return { model, hidden: isJsonObject(target) && flag(target["hidden"]) === true };
  });
}

/** Where requests go when a model fails: `[{model: [fallback, …]}]`; a fallback is a name, or a map with a `model`. */
export type Chains = readonly { readonly [model: string]: readonly unknown[] }[];

export function chains(value: unknown): Chains | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = value.map((item) => mapOf(item, list));
  return found.every((item) => item !== undefined) ? found : undefined;
}

/** What a value is with the secrets in it revealed, at any depth. */
export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revealed(member)]));
}

/** Members that are references still have no value yet, those that are null were left empty: both are left out. */
function mapOf<T>(
  value: unknown,
  read: (member: unknown) => T | undefined,
): { readonly [name: string]: T } | undefined {
  if (!isJsonObject(value)) return undefined;
  const found: [string, T][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (read !== revealed && (member === null || environmentName(member) !== undefined)) continue;
    const read_ = read(member);
    if (read_ === undefined) return undefined;
    found.push([name, read_]);
  }
  return Object.fromEntries(found);
}

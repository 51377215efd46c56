import type { Json } from "@gatewright/plan";
import * as z from "zod";
import { environmentName } from "../environment.ts";
import { Secret } from "../secret.ts";
import * as coerce from "./coerce.ts";

/** What is known about a leaf beyond its value: kept as zod metadata, and the source of the reference page. */
export interface LeafFacts {
  /** For people: `text`, `seconds`, `list of texts`. */
  readonly type: string;
  /** One line. */
  readonly description: string;
  /** What holds when the key is absent, where the contract says so. */
  readonly default?: Json;
  /** The values that mean something. */
  readonly values?: readonly string[];
  /** Other values are an error; without it they are kept and reported. */
  readonly strict?: boolean;
  /** The value is a secret: never printed. */
  readonly secret?: boolean;
  /** The block around it means nothing without it. */
  readonly required?: boolean;
}

/** What a leaf may add to its description. */
export type LeafOptions = Pick<LeafFacts, "default" | "values" | "strict">;

/** A leaf that may be absent. */
export type Leaf<T> = z.ZodOptional<z.ZodTransform<T | undefined, unknown>>;

const makers = {
  text: kind("text", "a text", coerce.text),
  duration: kind("duration", "a duration such as 30s, 24h or 30d", coerce.text),
  integer: kind("integer", "a whole number", coerce.integer),
  number: kind("number", "a number", coerce.number),
  seconds: kind("seconds", "a number of seconds", coerce.number),
  dollars: kind("US dollars", "a number of US dollars", coerce.number),
  flag: kind("boolean", "true or false", coerce.flag),
  textList: kind("list of texts", "a list of texts", coerce.textList),
  list: kind("list", "a list", coerce.list),
  map: kind("map", "a map", coerce.map),
  textMap: kind("map of texts", "a map of texts", coerce.textMap),
  numberMap: kind("map of numbers", "a map of numbers", coerce.numberMap),
  any: kind("any", "any value", coerce.revealed),
  secret: kind("secret", "a text", coerce.secret),
  secretMap: kind("map of secrets", "a map of texts", coerce.secretMap),
  aliases: kind("map of aliases", "a map from alias to a model name or {model, hidden}", coerce.aliases),
  chains: kind("list of fallbacks", "a list of maps from a model to a list of fallbacks", coerce.chains),
};

export const text = makers.text.optional;
/** `30s`, `24h`, `30d`: kept as written. */
export const duration = makers.duration.optional;
export const integer = makers.integer.optional;
export const number = makers.number.optional;
export const seconds = makers.seconds.optional;
export const dollars = makers.dollars.optional;
export const flag = makers.flag.optional;
export const textList = makers.textList.optional;
export const list = makers.list.optional;
export const map = makers.map.optional;
export const textMap = makers.textMap.optional;
export const numberMap = makers.numberMap.optional;
/** A value the document only carries; references in it are resolved. */
export const any = makers.any.optional;
export const secret = makers.secret.optional;
export const secretMap = makers.secretMap.optional;
export const aliases = makers.aliases.optional;
export const chains = makers.chains.optional;
/** A text its block means nothing without. One that refers to a variable nobody set keeps the reference's own text. */
export const requiredText = makers.text.required;
export const requiredAny = makers.any.required;

/** Reads what no leaf of a block names: kept as it is, references resolved. */
export const remainder: z.ZodType<unknown> = z.transform(coerce.revealed);

/**
 * A kind of leaf. A kind is built once and its leaves are clones, which keeps a schema of many hundred keys cheap.
 * `read` gives undefined for what it cannot read; `what` names what it can.
 */
function kind<T>(type: string, what: string, read: (value: unknown) => T | undefined) {
  const secretive = type.includes("secret");
  const reader = <R>(ofReference: (reference: unknown) => R) =>
    z.transform((value: unknown, context: z.core.$RefinementCtx): T | R => {
      // A reference may stand for any scalar; whether its value fits shows when it is resolved.
      if (environmentName(value) !== undefined) return ofReference(value);
      const found = value === undefined ? undefined : read(value);
      if (found !== undefined) return found;
      const message =
        value === undefined ? "is required" : `must be ${what}, but is ${described(value, secretive)}`;
      context.addIssue({ code: "custom", message, input: value });
      return z.NEVER;
    });
  const optional: Leaf<T> = reader(() => undefined).optional();
  const required = reader((reference) => reference as T);
  const facts = secretive ? { type, secret: true } : { type };
  return {
    optional: (description: string, options: LeafOptions = {}) =>
      optional.meta({ ...facts, ...options, description }),
    required: (description: string) => required.meta({ ...facts, description, required: true }),
  };
}

/** A value as messages show it. What came from a variable, or belongs to a secret, is never shown. */
export function described(value: unknown, secretive = false): string {
  if (value instanceof Secret) return "not";
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (secretive) return typeof value === "string" ? "a text" : `a ${typeof value}`;
  const json = JSON.stringify(value);
  return json.length > 40 ? `a text of ${json.length} characters` : json;
}

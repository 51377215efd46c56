/** What a plain (unquoted) scalar means, or why it means nothing a document can hold. */
export type PlainScalar = { readonly value: string | number | boolean | null } | { readonly problem: string };

const nothing = /^(?:~|null|Null|NULL|)$/;
const truth = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const falsehood = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const integers: readonly (readonly [form: RegExp, base: number])[] = [
  [/^[-+]?0b[0-1_]+$/, 2],
  [/^[-+]?0[0-7_]+$/, 8],
  [/^[-+]?(?:0|[1-9][0-9_]*)$/, 10],
  [/^[-+]?0x[0-9a-fA-F_]+$/, 16],
];
const float = /^[-+]?(?:(?:[0-9][0-9_]*)\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const unnumbered = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * Reads a plain scalar as LiteLLM's YAML reader does (YAML 1.1): `yes` and `off` are booleans but `y` and `n` are not,
 * `010` is eight, `1:30` is ninety, `1e-7` is a text because it has no point. Dates stay the texts they were written
 * as, which is what `api_version: 2024-06-01` means. So does a whole number too large to be kept exactly.
 */
export function plainScalar(text: string): PlainScalar {
  if (nothing.test(text)) return { value: null };
  if (truth.test(text)) return { value: true };
  if (falsehood.test(text)) return { value: false };
  const digits = text.replaceAll("_", "");
  for (const [form, base] of integers) {
    if (form.test(text)) return integer(text, digits, base);
  }
  if (float.test(text)) return { value: Number(digits) };
  if (base60.test(text)) return { value: sexagesimal(digits) };
  if (unnumbered.test(text)) return { problem: `${text} is no number a document can hold` };
  return { value: text };
}

/** A plain scalar under an explicit tag of YAML's own; undefined for a tag the reader does not take. */
export function taggedScalar(tag: string, text: string): PlainScalar | undefined {
  if (tag === "!!str" || tag === "!") return { value: text };
  const read = plainScalar(text);
  const types = { "!!int": "number", "!!float": "number", "!!bool": "boolean", "!!null": "object" } as const;
  const type = types[tag as keyof typeof types];
  if (type === undefined) return undefined;
  if ("problem" in read || typeof read.value === type) return read;
  return { problem: `${JSON.stringify(text)} is no ${tag.slice(2)}` };
}

function integer(text: string, digits: string, base: number): PlainScalar {
  const sign = digits.startsWith("-") ? -1 : 1;
  const magnitude = digits.replace(/^[-+]/, "").replace(/^0[bx]/, "");
  const value = sign * Number.parseInt(magnitude, base);
  const exact = Number.isSafeInteger(value) || String(value) === digits;
  return exact ? { value: value === 0 ? 0 : value } : { value: text };
}

function sexagesimal(digits: string): number {
  const sign = digits.startsWith("-") ? -1 : 1;
  const parts = digits.replace(/^[-+]/, "").split(":").map(Number);
  return sign * parts.reduce((value, part) => value * 60 + part, 0);
}

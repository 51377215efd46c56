/** A value that survives `JSON.stringify` and back unchanged. The plan and the document consist of nothing else. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** True for a plain JSON object: not null, not a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Compares by UTF-16 code unit, so that order never depends on the machine's locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A frozen deep copy with the keys of every object sorted and `undefined` members left out, so that equal values
 * have equal bytes. Throws on what JSON cannot hold (functions, NaN, cycles): such a value is a defect of the caller.
 */
export function frozen<T>(value: T): T {
  return sortAndFreeze(value, []) as T;
}

/** The one spelling of a value: JSON text with sorted keys and no white space. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(frozen(value));
}

function sortAndFreeze(value: unknown, parents: readonly unknown[]): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number`);
    return value;
  }
  if (typeof value !== "object") throw new TypeError(`a ${typeof value} is not JSON`);
  if (parents.includes(value)) throw new TypeError("a cycle is not JSON");
  const inside = [...parents, value];
  if (Array.isArray(value)) return Object.freeze(value.map((item) => sortAndFreeze(item, inside)));
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, member]) => [key, sortAndFreeze(member, inside)] as const);
  return Object.freeze(Object.fromEntries(entries));
}

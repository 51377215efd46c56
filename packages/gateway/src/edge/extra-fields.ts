import type { Fields } from "@gatewright/call";

/** What a client sent beside the fields that are known, for upstreams that may know it. */
export function extraFields(fields: Fields, known: ReadonlySet<string>): Fields {
  const extra: { [field: string]: unknown } = {};
  for (const field in fields) {
    const value = fields[field];
    if (value !== undefined && value !== null && !known.has(field)) extra[field] = value;
  }
  return extra;
}

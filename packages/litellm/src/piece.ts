import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";

/** Top-level keys that renderers write, in the order a document lists them (agentic-layer.md §3.4). */
const blocks = [
  "model_list",
  "mcp_servers",
  "credential_list",
  "litellm_settings",
  "router_settings",
  "general_settings",
  "guardrails",
  "gatewright",
] as const;

/** What one concern of a plan adds to the document. */
export type Piece = { readonly [B in (typeof blocks)[number]]?: JsonObject | readonly JsonObject[] };

/** The members that have a value. Unset settings are left out of a document, so that the engine's default holds. */
export function present(members: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

/** The same, or nothing at all when no member has a value. */
export function presentOrAbsent(members: {
  readonly [key: string]: Json | undefined;
}): JsonObject | undefined {
  const found = present(members);
  return Object.keys(found).length === 0 ? undefined : found;
}

/** Puts pieces together: maps merge, lists are joined, blocks come in the document's order and empty ones go. */
export function joined(pieces: readonly Piece[]): JsonObject {
  const document: { [key: string]: Json } = {};
  for (const block of blocks) {
    const value = pieces.map((piece) => piece[block]).reduce<Json | undefined>(join, undefined);
    if (value !== undefined && Object.keys(value as object).length > 0) document[block] = value;
  }
  return document;
}

function join(into: Json | undefined, value: Json | undefined): Json | undefined {
  if (into === undefined) return value;
  if (value === undefined) return into;
  if (Array.isArray(into) && Array.isArray(value)) return [...into, ...value];
  if (!isJsonObject(into) || !isJsonObject(value)) return value;
  return present(
    Object.fromEntries(
      [...new Set([...Object.keys(into), ...Object.keys(value)])].map((key) => [
        key,
        join(into[key], value[key]),
      ]),
    ),
  );
}

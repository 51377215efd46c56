import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";
import { shortened } from "./degraded.ts";

/** What a server said that it offers, as a status can hold it. */
export interface ToolOffer {
  /** In the server's order. */
  readonly names: readonly string[];
  /** Absent when they are too large for a status, or cannot be kept there. */
  readonly schemas?: readonly JsonObject[];
  /** What is missing, as a sentence. */
  readonly note?: string;
}

/** What is known about the tools of a server. */
export type ToolDiscovery =
  | { readonly kind: "offered"; readonly offer: ToolOffer }
  /** It was asked in vain: `text` goes on after "The server". */
  | { readonly kind: "silent"; readonly text: string }
  /** It is being asked, or cannot be asked yet. */
  | { readonly kind: "pending" };

/** Characters of all schemas together, as JSON: the API server takes 1.5 MiB for a whole object. */
const mostSchemaBytes = 256 * 1024;
/** Names are for people and lists; the specification recommends at most 128 characters. */
const longestName = 128;
/** Whoever compares statuses does so by recursion. */
const deepestSchema = 100;

/** Members of a tool that say how it is called (MCP 2025-11-25, Tool); icons and the like are left out. */
const members = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"] as const;

/**
 * What of a server's tools goes into the status of a LanguageTool (langop.md §2.6). `complete`: they are all it has. The
 * server is trusted with nothing: sizes and depths are bounded.
 */
export function toolOffer(tools: readonly JsonObject[], complete: boolean): ToolOffer {
  const names = tools.flatMap(({ name }) =>
    typeof name === "string" ? [shortened(name, longestName).toWellFormed()] : [],
  );
  const schemas = tools.map((tool) =>
    stored(Object.fromEntries(members.flatMap((member) => entryOf(member, tool[member]))), deepestSchema),
  );
  const kept = schemas.filter((schema) => isJsonObject(schema ?? null)) as readonly JsonObject[];
  const notes = complete ? [] : ["It has more, which are not listed."];
  if (kept.length < tools.length) notes.push("Their schemas are nested too deeply to be listed.");
  else if (new TextEncoder().encode(JSON.stringify(kept)).length > mostSchemaBytes) {
    notes.push(`Their schemas are larger than ${mostSchemaBytes / 1024} KiB, so they are not listed.`);
  } else return { names, schemas: kept, ...(complete ? {} : { note: notes.join(" ") }) };
  return { names, note: notes.join(" ") };
}

function entryOf(member: string, value: Json | undefined): readonly (readonly [string, Json])[] {
  return value === undefined ? [] : [[member, value]];
}

/**
 * A value as the API server keeps it: without nulls, which a merge patch takes out of lists too. What is read back would
 * differ from what was written for good otherwise. Undefined: too deep.
 */
function stored(value: Json, depth: number): Json | undefined {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return undefined;
  if (Array.isArray(value)) {
    const items = value.filter((item) => item !== null).map((item: Json) => stored(item, depth - 1));
    return items.includes(undefined) ? undefined : (items as readonly Json[]);
  }
  const entries = Object.entries(value)
    .filter(([, item]) => item !== null)
    .map(([name, item]) => [name.toWellFormed(), stored(item, depth - 1)] as const);
  return entries.some(([, item]) => item === undefined)
    ? undefined
    : (Object.fromEntries(entries) as JsonObject);
}

import type { Citation, Fields } from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";

/** What a candidate's text is based on: what it found with a search, and what it quotes at length. */
export function readCitations(candidate: Fields): readonly Citation[] {
  const grounding = fieldsIn(candidate["groundingMetadata"]);
  const quotes = fieldsIn(candidate["citationMetadata"]);
  if (grounding === undefined && quotes === undefined) return none;
  const quoted = listIn(quotes?.["citations"] ?? quotes?.["citationSources"]);
  return [...(grounding === undefined ? none : groundingOf(grounding)), ...quoted.flatMap(quoteOf)];
}

const none: readonly Citation[] = Object.freeze([]);

/** One for each passage and source; sources that no passage names once, without a passage. */
function groundingOf(grounding: Fields): readonly Citation[] {
  const chunks = listIn(grounding["groundingChunks"]).map(fieldsIn);
  const supports = listIn(grounding["groundingSupports"]).map(fieldsIn);
  const named = new Set<unknown>();
  const citations: Citation[] = [];
  for (const support of supports) {
    for (const index of listIn(support?.["groundingChunkIndices"])) {
      const chunk = typeof index === "number" ? chunks[index] : undefined;
      if (chunk === undefined) continue;
      named.add(chunk);
      citations.push(sourceOf(chunk, fieldsIn(support?.["segment"])));
    }
  }
  for (const chunk of chunks) {
    if (chunk !== undefined && !named.has(chunk)) citations.push(sourceOf(chunk, undefined));
  }
  return citations;
}

function sourceOf(chunk: Fields, segment: Fields | undefined): Citation {
  const source = fieldsIn(chunk["web"] ?? chunk["maps"] ?? chunk["retrievedContext"] ?? chunk["image"]);
  const text = textIn(segment?.["text"]);
  return {
    wire: "gemini",
    value: segment === undefined ? chunk : { ...chunk, segment },
    ...members(textIn(source?.["uri"]) ?? textIn(source?.["sourceUri"]), textIn(source?.["title"])),
    ...(text === undefined ? {} : { text }),
  };
}

function quoteOf(item: unknown): readonly Citation[] {
  const value = fieldsIn(item);
  if (value === undefined) return none;
  return [{ wire: "gemini", value, ...members(textIn(value["uri"]), textIn(value["title"])) }];
}

function members(url: string | undefined, title: string | undefined): { url?: string; title?: string } {
  return { ...(url === undefined ? {} : { url }), ...(title === undefined ? {} : { title }) };
}

import type { CacheMark, DocumentPart, Fields, ImagePart, Part, Source, TextPart } from "@gatewright/call";
import { fieldsIn, parsedJson } from "../fields-in.ts";
import { notMarked } from "../gemini/signature.ts";
import type { WireNames } from "../wire-names.ts";

/** `cache_control` of a block or a tool. */
export function cacheControl(mark: CacheMark | undefined): Fields {
  if (mark === undefined) return {};
  return {
    cache_control: mark.ttl === undefined ? { type: "ephemeral" } : { type: "ephemeral", ttl: mark.ttl },
  };
}

/** Anthropic refuses texts that are empty or all white space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** The blocks of a message; what has no place in the Messages API is left out. */
export function writeBlocks(
  parts: readonly Part[],
  role: string,
  toolNames: WireNames,
  callIds: WireNames,
): Fields[] {
  const blocks: Fields[] = [];
  for (const part of parts) {
    const block = writeBlock(part, role, toolNames, callIds);
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}

function writeBlock(part: Part, role: string, toolNames: WireNames, callIds: WireNames): Fields | undefined {
  switch (part.kind) {
    case "text":
      return isBlank(part.text) ? undefined : textBlock(part);
    case "refusal":
      return isBlank(part.text) ? undefined : { type: "text", text: part.text };
    case "image":
      return imageBlock(part);
    case "audio":
      return undefined;
    case "document":
      return documentBlock(part);
    case "tool-call":
      return {
        type: "tool_use",
        id: callIds.toWire(part.id),
        name: toolNames.toWire(part.name),
        input: inputOf(part.arguments),
        ...cacheControl(part.cache),
      };
    case "tool-result": {
      const content = writeBlocks(part.content, role, toolNames, callIds);
      return {
        type: "tool_result",
        tool_use_id: callIds.toWire(part.id),
        ...(content.length === 0 ? {} : { content }),
        ...(part.isError ? { is_error: true } : {}),
        ...cacheControl(part.cache),
      };
    }
    case "reasoning":
      return notMarked(part.signature) === undefined
        ? undefined
        : { type: "thinking", thinking: part.text, signature: part.signature };
    case "redacted-reasoning":
      return { type: "redacted_thinking", data: part.data };
    case "other":
      return part.wire === "anthropic" ? part.value : undefined;
  }
}

/** An answer's citations go back with it, if they are Anthropic's own. */
export function textBlock({ cache, citations, text }: TextPart): Fields {
  const own = citations?.flatMap(({ value, wire }) => (wire === "anthropic" ? [value] : [])) ?? [];
  return {
    type: "text",
    text,
    ...(own.length === 0 ? {} : { citations: own }),
    ...cacheControl(cache),
  };
}

function imageBlock({ cache, source }: ImagePart): Fields {
  return { type: "image", source: sourceOf(source), ...cacheControl(cache) };
}

function documentBlock({ cache, cite, context, name, source }: DocumentPart): Fields {
  return {
    type: "document",
    source: documentSource(source),
    ...(name === undefined ? {} : { title: name }),
    ...(context === undefined ? {} : { context }),
    ...(cite === undefined ? {} : { citations: { enabled: cite } }),
    ...cacheControl(cache),
  };
}

/** PDF is the only document Anthropic takes as base64. */
function documentSource(source: Source): Fields {
  if (source.kind === "base64" && source.mediaType === "text/plain") {
    return { type: "text", media_type: "text/plain", data: Buffer.from(source.data, "base64").toString() };
  }
  return sourceOf(source);
}

function sourceOf(source: Source): Fields {
  switch (source.kind) {
    case "url":
      return { type: "url", url: source.url };
    case "base64":
      return { type: "base64", media_type: source.mediaType, data: source.data };
    case "text":
      return { type: "text", media_type: "text/plain", data: source.text };
    case "file":
      return { type: "file", file_id: source.id };
  }
}

/** Arguments as the object that Anthropic wants. A model may have written anything: what is no object is kept as text. */
function inputOf(text: string): Fields {
  if (isBlank(text)) return {};
  return fieldsIn(parsedJson(text)) ?? { arguments: text };
}

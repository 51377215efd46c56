import type { CacheMark, DocumentPart, Fields, ImagePart, Part } from "@gatewright/call";
import type { ChatTraits } from "./traits.ts";

/** `cache_control`, as a member to be spread, for servers that take it. */
export function cacheControl(cache: CacheMark | undefined, { cacheMarks }: ChatTraits): Fields {
  return cache === undefined || !cacheMarks ? {} : { cache_control: { type: "ephemeral", ...cache } };
}

/**
 * The content of a message: a string where one text is all, else a list; null where an assistant only calls tools, and ""
 * where a message says nothing at all.
 */
export function writeContent(parts: readonly Part[], traits: ChatTraits): string | null | readonly Fields[] {
  const written = writeParts(parts, traits);
  const [only] = written;
  // Servers that know no lists of texts are not rare.
  if (written.length === 1 && only?.["type"] === "text" && only["cache_control"] === undefined) {
    return String(only["text"]);
  }
  if (written.length > 0) return written;
  return parts.some(({ kind }) => kind === "tool-call") ? null : "";
}

/** The parts that are content and have a place here. */
export function writeParts(parts: readonly Part[], traits: ChatTraits): readonly Fields[] {
  const written: Fields[] = [];
  for (const part of parts) {
    const value = writePart(part, traits);
    if (value !== undefined) written.push(value);
  }
  return written;
}

function writePart(part: Part, traits: ChatTraits): Fields | undefined {
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text, ...cacheControl(part.cache, traits) };
    case "image":
      return writeImage(part, traits);
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
    case "document":
      return writeDocument(part, traits);
    case "refusal":
      return { type: "refusal", refusal: part.text };
    case "other":
      return part.wire === "openai" && typeof part.value["type"] === "string" ? part.value : undefined;
    default:
      return undefined;
  }
}

function writeImage({ cache, detail, source }: ImagePart, traits: ChatTraits): Fields | undefined {
  if (source.kind !== "url" && source.kind !== "base64") return undefined;
  const url = source.kind === "url" ? source.url : dataUrl(source.mediaType, source.data);
  return {
    type: "image_url",
    image_url: { url, ...(detail === undefined ? {} : { detail }) },
    ...cacheControl(cache, traits),
  };
}

function writeDocument(part: DocumentPart, traits: ChatTraits): Fields | undefined {
  const { cache, context, name, source } = part;
  const mark = cacheControl(cache, traits);
  switch (source.kind) {
    case "base64": {
      const filename = name ?? `document.${source.mediaType.split("/").at(-1)}`;
      const data = dataUrl(source.mediaType, source.data);
      return { type: "file", file: { filename, file_data: data }, ...mark };
    }
    case "file":
      return { type: "file", file: { file_id: source.id }, ...mark };
    case "text": {
      const lines = [name, context, source.text].filter((line) => line !== undefined);
      return { type: "text", text: lines.join("\n\n"), ...mark };
    }
    case "url":
      return undefined;
  }
}

function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

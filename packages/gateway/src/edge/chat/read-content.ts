import type {
  AudioPart,
  CacheMark,
  DocumentPart,
  Fields,
  ImagePart,
  OtherPart,
  RefusalPart,
  TextPart,
} from "@gatewright/call";
import {
  invalid,
  isFields,
  missing,
  objectAt,
  optionalFlag,
  optionalObject,
  optionalText,
  textAt,
} from "../field.ts";
import { dataOf, mediaOf, sourceOf } from "./read-source.ts";

/** What the content of a message can be. */
export type ContentPart = TextPart | ImagePart | DocumentPart | AudioPart | RefusalPart | OtherPart;

/** Content of a message: a string, or a list of parts. An empty string says nothing. */
export function readContent(value: unknown, path: string): ContentPart[] {
  if (typeof value === "string") return value === "" ? [] : [{ kind: "text", text: value }];
  if (value === undefined || value === null) missing(path);
  if (!Array.isArray(value)) invalid(path, "a string or a list of parts");
  return value.map((item, index) => {
    const at = `${path}[${index}]`;
    return readPart(objectAt(item, at), at);
  });
}

/** Content of a tool's answer. */
export function readResult(value: unknown, path: string): (TextPart | ImagePart | DocumentPart)[] {
  return readContent(value ?? "", path).map((part, index) =>
    part.kind === "text" || part.kind === "image" || part.kind === "document"
      ? part
      : invalid(`${path}[${index}].type`, "text, image_url or file"),
  );
}

function readPart(part: Fields, path: string): ContentPart {
  switch (part["type"]) {
    case "text":
      return { kind: "text", text: textAt(part["text"], `${path}.text`), ...cacheOf(part) };
    case "refusal":
      return { kind: "refusal", text: textAt(part["refusal"], `${path}.refusal`) };
    case "image_url":
      return readImage(part, path);
    case "input_audio":
      return readAudio(part, path);
    case "file":
      return readFile(part, path);
    case "document":
      return readDocument(part, path);
    case undefined:
      return missing(`${path}.type`);
    default:
      // Something that was added to the API, or that one of its servers has: an upstream may know it.
      textAt(part["type"], `${path}.type`);
      return { kind: "other", wire: "openai", value: part };
  }
}

/** The image's address, or the image itself as a data URL; the address alone is LiteLLM's short form. */
function readImage(part: Fields, path: string): ImagePart | DocumentPart {
  const short = part["image_url"];
  const image = typeof short === "string" ? { url: short } : objectAt(short, `${path}.image_url`);
  const url = textAt(image["url"], `${path}.image_url.url`);
  const detail = optionalText(image["detail"], `${path}.image_url.detail`);
  const media = mediaOf(sourceOf(url, `${path}.image_url.url`), undefined, cacheOf(part));
  return media.kind === "document" || detail === undefined ? media : { ...media, detail };
}

function readAudio(part: Fields, path: string): AudioPart {
  const audio = objectAt(part["input_audio"], `${path}.input_audio`);
  return {
    kind: "audio",
    data: textAt(audio["data"], `${path}.input_audio.data`),
    format: textAt(audio["format"], `${path}.input_audio.format`),
  };
}

/** A file by its content, or by its id: LiteLLM's clients also give an address there. */
function readFile(part: Fields, path: string): ImagePart | DocumentPart {
  const file = objectAt(part["file"], `${path}.file`);
  const name = optionalText(file["filename"], `${path}.file.filename`);
  const id = optionalText(file["file_id"], `${path}.file.file_id`);
  const cache = cacheOf(part);
  const data = optionalText(file["file_data"], `${path}.file.file_data`);
  if (data === undefined) {
    if (id === undefined) return missing(`${path}.file.file_data`);
    const source = id.includes("://") ? ({ kind: "url", url: id } as const) : ({ kind: "file", id } as const);
    return { kind: "document", source, ...(name === undefined ? {} : { name }), ...cache };
  }
  if (data.startsWith("data:"))
    return mediaOf(dataOf(data) ?? invalid(`${path}.file.file_data`, dataUrl), name, cache);
  const mediaType = optionalText(file["format"], `${path}.file.format`) ?? "application/pdf";
  return mediaOf({ kind: "base64", mediaType, data }, name, cache);
}

const dataUrl = "base64, or a data URL with base64, as in data:application/pdf;base64,…";

/** Anthropic's block, which LiteLLM's clients send as it is: only it can be cited from. */
function readDocument(part: Fields, path: string): DocumentPart {
  const source = objectAt(part["source"], `${path}.source`);
  const name = optionalText(part["title"], `${path}.title`);
  const context = optionalText(part["context"], `${path}.context`);
  const citations = optionalObject(part["citations"], `${path}.citations`);
  const cite = optionalFlag(citations?.["enabled"], `${path}.citations.enabled`);
  return {
    kind: "document",
    source: readDocumentSource(source, `${path}.source`),
    ...(name === undefined ? {} : { name }),
    ...(context === undefined ? {} : { context }),
    ...(cite === true ? { cite } : {}),
    ...cacheOf(part),
  };
}

function readDocumentSource(source: Fields, path: string): DocumentPart["source"] {
  switch (source["type"]) {
    case "base64": {
      const mediaType = textAt(source["media_type"], `${path}.media_type`);
      return { kind: "base64", mediaType, data: textAt(source["data"], `${path}.data`) };
    }
    case "text":
      return { kind: "text", text: textAt(source["data"], `${path}.data`) };
    case "url":
      return { kind: "url", url: textAt(source["url"], `${path}.url`) };
    case "file":
      return { kind: "file", id: textAt(source["file_id"], `${path}.file_id`) };
    default:
      return invalid(`${path}.type`, "base64, text, url or file");
  }
}

/**
 * `cache_control` is Anthropic's mark, which LiteLLM's clients write into any API; `prompt_cache_breakpoint` is OpenAI's,
 * whose lives are 30 minutes and 12 hours, of which Anthropic's hour comes nearest.
 */
export function cacheOf(part: Fields): { readonly cache?: CacheMark } {
  const mark = part["cache_control"];
  if (isFields(mark)) return { cache: typeof mark["ttl"] === "string" ? { ttl: mark["ttl"] } : {} };
  const breakpoint = part["prompt_cache_breakpoint"];
  if (!isFields(breakpoint)) return {};
  return { cache: typeof breakpoint["ttl"] === "string" ? { ttl: "1h" } : {} };
}

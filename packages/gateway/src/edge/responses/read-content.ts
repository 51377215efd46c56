import type {
  AudioPart,
  CacheMark,
  Citation,
  DocumentPart,
  Fields,
  ImagePart,
  RefusalPart,
  Source,
  TextPart,
} from "@gatewright/call";
import { invalid, isFields, missing, objectAt, optionalText, textAt } from "../field.ts";
import { citationOf } from "./annotation.ts";

/** What the content of a message item can be. */
export type ContentPart = TextPart | ImagePart | DocumentPart | AudioPart | RefusalPart;

/** Content of a message: a string, or a list of parts. */
export function readContent(value: unknown, path: string): ContentPart[] {
  if (typeof value === "string") return [{ kind: "text", text: value }];
  if (value === undefined || value === null) missing(path);
  if (!Array.isArray(value)) invalid(path, "a string or a list of parts");
  return value.map((item, index) => readPart(item, `${path}[${index}]`));
}

/** Output of a function: a string, or a list of texts, images and files. */
export function readOutput(value: unknown, path: string): (TextPart | ImagePart | DocumentPart)[] {
  return readContent(value, path).map((part, index) =>
    part.kind === "audio" || part.kind === "refusal"
      ? invalid(`${path}[${index}].type`, "input_text, input_image or input_file")
      : part,
  );
}

function readPart(value: unknown, path: string): ContentPart {
  const part = objectAt(value, path);
  switch (part["type"]) {
    case "input_text":
      return { kind: "text", text: textAt(part["text"], `${path}.text`), ...cacheOf(part) };
    case "output_text":
      return {
        kind: "text",
        text: textAt(part["text"], `${path}.text`),
        ...citationsOf(part),
        ...cacheOf(part),
      };
    case "refusal":
      return { kind: "refusal", text: textAt(part["refusal"], `${path}.refusal`) };
    case "input_image":
      return imageOf(part, path);
    case "input_file":
      return documentOf(part, path);
    case "input_audio":
      return audioOf(part, path);
    case undefined:
      return missing(`${path}.type`);
    default:
      return invalid(
        `${path}.type`,
        "input_text, input_image, input_file, input_audio, output_text or refusal",
      );
  }
}

function imageOf(part: Fields, path: string): ImagePart {
  const url = optionalText(part["image_url"], `${path}.image_url`);
  const file = optionalText(part["file_id"], `${path}.file_id`);
  const detail = optionalText(part["detail"], `${path}.detail`);
  const source = url === undefined ? fileOf(file) : sourceOf(url, `${path}.image_url`);
  return {
    kind: "image",
    source: source ?? missing(`${path}.image_url`),
    ...(detail === undefined ? {} : { detail }),
    ...cacheOf(part),
  };
}

function documentOf(part: Fields, path: string): DocumentPart {
  const data = optionalText(part["file_data"], `${path}.file_data`);
  const url = optionalText(part["file_url"], `${path}.file_url`);
  const file = optionalText(part["file_id"], `${path}.file_id`);
  const name = optionalText(part["filename"], `${path}.filename`);
  let source = fileOf(file);
  if (url !== undefined) source = { kind: "url", url };
  if (data !== undefined) source = dataOf(data) ?? invalid(`${path}.file_data`, dataUrl);
  return {
    kind: "document",
    source: source ?? missing(`${path}.file_data`),
    ...(name === undefined ? {} : { name }),
    ...cacheOf(part),
  };
}

function audioOf(part: Fields, path: string): AudioPart {
  const audio = objectAt(part["input_audio"], `${path}.input_audio`);
  return {
    kind: "audio",
    data: textAt(audio["data"], `${path}.input_audio.data`),
    format: textAt(audio["format"], `${path}.input_audio.format`),
  };
}

const dataUrl = "a data URL with base64, as in data:application/pdf;base64,…";

function fileOf(id: string | undefined): Source | undefined {
  return id === undefined ? undefined : { kind: "file", id };
}

function sourceOf(url: string, path: string): Source {
  if (!url.startsWith("data:")) return { kind: "url", url };
  return dataOf(url) ?? invalid(path, "a URL, or a data URL with base64, as in data:image/png;base64,…");
}

/** `data:<media type>;base64,<data>`; parameters of the media type are left out. Images are long: nothing is searched. */
function dataOf(url: string): Source | undefined {
  const comma = url.indexOf(",");
  const head = url.slice(0, Math.max(comma, 0));
  if (!head.startsWith("data:") || !head.endsWith(";base64")) return undefined;
  const mediaType = head.slice("data:".length, head.indexOf(";"));
  return { kind: "base64", mediaType, data: url.slice(comma + 1) };
}

/**
 * `prompt_cache_breakpoint` is OpenAI's own mark, with lives of 30 minutes or 12 hours, of which Anthropic's hour comes
 * nearest; `cache_control` is Anthropic's, which LiteLLM's clients write into any API.
 */
function cacheOf(part: Fields): { readonly cache?: CacheMark } {
  const mark = part["cache_control"];
  if (isFields(mark)) return { cache: typeof mark["ttl"] === "string" ? { ttl: mark["ttl"] } : {} };
  const breakpoint = part["prompt_cache_breakpoint"];
  if (!isFields(breakpoint)) return {};
  return { cache: typeof breakpoint["ttl"] === "string" ? { ttl: "1h" } : {} };
}

function citationsOf(part: Fields): { readonly citations?: readonly Citation[] } {
  const annotations = part["annotations"];
  if (!Array.isArray(annotations) || annotations.length === 0) return {};
  return { citations: annotations.filter(isFields).map(citationOf) };
}

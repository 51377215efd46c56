import type { DocumentPart, Fields, ImagePart, Source } from "@gatewright/call";
import { CallRefusal } from "../wire.ts";

/** Media types by the ending of a URL's path. */
const mediaTypes: { readonly [ending: string]: string } = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  html: "text/html",
  csv: "text/csv",
  xml: "text/xml",
  json: "application/json",
  mp3: "audio/mp3",
  wav: "audio/wav",
  ogg: "audio/ogg",
  flac: "audio/flac",
  aac: "audio/aac",
  aiff: "audio/aiff",
  m4a: "audio/m4a",
  mp4: "video/mp4",
  mov: "video/mov",
  mpeg: "video/mpeg",
  mpg: "video/mpg",
  avi: "video/avi",
  webm: "video/webm",
  wmv: "video/wmv",
  flv: "video/x-flv",
  "3gp": "video/3gpp",
};

/** What OpenAI calls an audio format, where the media type is not `audio/<format>`. */
const audioTypes: { readonly [format: string]: string } = { pcm16: "audio/pcm", opus: "audio/ogg" };

const WITH_SCHEME = /^(?:https?|gs):\/\//;
const YOUTUBE = /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//;

/** An image or a document as a part: its bytes, its address, or its text. */
export function mediaPart(part: ImagePart | DocumentPart): Fields {
  const { source } = part;
  if (source.kind === "text") return { text: source.text };
  if (source.kind === "base64") return inlineData(source.mediaType, source.data);
  return fileData(source, part.kind === "image" ? "image/jpeg" : "application/pdf");
}

export function audioPart(format: string, data: string): Fields {
  return inlineData(audioTypes[format] ?? `audio/${format}`, data);
}

function inlineData(mimeType: string, data: string): Fields {
  return { inlineData: { mimeType, data } };
}

/** Gemini fetches the address itself. It wants to know what is there, and an address tells by its ending only. */
function fileData(source: Extract<Source, { kind: "url" | "file" }>, usual: string): Fields {
  const uri = source.kind === "url" ? source.url : source.id;
  if (!WITH_SCHEME.test(uri)) {
    throw new CallRefusal(
      `Gemini knows no file ${JSON.stringify(uri)}: it takes the address of a file of its Files API, gs:// or https://.`,
    );
  }
  return {
    fileData: { mimeType: YOUTUBE.test(uri) ? "video/mp4" : (typeByEnding(uri) ?? usual), fileUri: uri },
  };
}

function typeByEnding(uri: string): string | undefined {
  const [path = ""] = uri.split(/[?#]/, 1);
  return mediaTypes[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
}

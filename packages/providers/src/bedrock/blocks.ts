import type { AudioPart, CacheMark, DocumentPart, Fields, ImagePart } from "@gatewright/call";
import { CallRefusal } from "../wire.ts";
import { unusedName } from "../wire-names.ts";

const imageFormats: { readonly [mediaType: string]: string } = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
};

const documentFormats: { readonly [mediaType: string]: string } = {
  "application/pdf": "pdf",
  "text/plain": "txt",
  "text/markdown": "md",
  "text/html": "html",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
};

const LONGEST_DOCUMENT_NAME = 200;

export function cachePoint({ ttl }: CacheMark): Fields {
  return { cachePoint: { type: "default", ...(ttl === undefined ? {} : { ttl }) } };
}

/** Undefined for sources that the fidelity refuses. */
export function imageBlock({ source }: ImagePart): Fields | undefined {
  if (source.kind !== "base64") return undefined;
  const format = formatOf(source.mediaType, imageFormats, "images");
  return { image: { format, source: { bytes: source.data } } };
}

export function audioBlock({ data, format }: AudioPart): Fields {
  return { audio: { format, source: { bytes: data } } };
}

/**
 * Undefined for sources that the fidelity refuses. `usedNames`: names of the call's documents so far; Bedrock wants each
 * to have its own, of letters, digits, hyphens, brackets and single spaces.
 */
export function documentBlock(part: DocumentPart, usedNames: Set<string>): Fields | undefined {
  const { cite, context, source } = part;
  if (source.kind !== "base64" && source.kind !== "text") return undefined;
  const name = documentName(part.name, usedNames);
  const content =
    source.kind === "text"
      ? { format: "txt", name, source: { text: source.text } }
      : {
          format: formatOf(source.mediaType, documentFormats, "documents"),
          name,
          source: { bytes: source.data },
        };
  return {
    document: {
      ...content,
      ...(context === undefined ? {} : { context }),
      ...(cite === undefined ? {} : { citations: { enabled: cite } }),
    },
  };
}

function documentName(wanted: string | undefined, usedNames: Set<string>): string {
  const name = (wanted ?? "")
    .replace(/[^a-zA-Z0-9()[\]-]+/g, " ")
    .trim()
    .slice(0, LONGEST_DOCUMENT_NAME);
  const unused = unusedName(name || "document", usedNames, LONGEST_DOCUMENT_NAME, " ");
  usedNames.add(unused);
  return unused;
}

function formatOf(
  mediaType: string,
  formats: { readonly [mediaType: string]: string },
  what: string,
): string {
  const end = mediaType.indexOf(";");
  const format = formats[(end < 0 ? mediaType : mediaType.slice(0, end)).trim().toLowerCase()];
  if (format !== undefined) return format;
  const taken = [...new Set(Object.values(formats))].join(", ");
  throw new CallRefusal(`Amazon Bedrock takes no ${what} of the type ${mediaType}, only ${taken}.`);
}

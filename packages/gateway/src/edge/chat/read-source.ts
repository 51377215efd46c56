import type { CacheMark, DocumentPart, ImagePart, Source } from "@gatewright/call";
import { invalid } from "../field.ts";

type Base64 = Extract<Source, { kind: "base64" }>;

/** An address, or the bytes themselves as a data URL. */
export function sourceOf(url: string, path: string): Source {
  if (!url.startsWith("data:")) return { kind: "url", url };
  return dataOf(url) ?? invalid(path, "a URL, or a data URL with base64, as in data:image/png;base64,…");
}

/** `data:<media type>;base64,<data>`; parameters of the media type are left out. Images are long: nothing is searched. */
export function dataOf(url: string): Base64 | undefined {
  const comma = url.indexOf(",");
  const head = url.slice(0, Math.max(comma, 0));
  if (!head.startsWith("data:") || !head.endsWith(";base64")) return undefined;
  const mediaType = head.slice("data:".length, head.indexOf(";"));
  return { kind: "base64", mediaType, data: url.slice(comma + 1) };
}

/** Clients put documents where images belong, and images where files do: the media type says what it is. */
export function mediaOf(
  source: Source,
  name: string | undefined,
  cache: { readonly cache?: CacheMark },
): ImagePart | DocumentPart {
  if (source.kind !== "base64" || source.mediaType.startsWith("image/"))
    return { kind: "image", source, ...cache };
  return { kind: "document", source, ...(name === undefined ? {} : { name }), ...cache };
}

import type { Citation, Fields } from "@gatewright/call";
import { isFields } from "../field.ts";

/**
 * A citation as an annotation of an `output_text`. Of chat completions' `url_citation` and of Responses' own forms
 * everything is kept. Those of other APIs belong to the whole of their text, `length` UTF-16 units long.
 */
export function annotationOf({ wire, value, url, title }: Citation, length: number): object {
  if (wire === "responses") return value;
  const own = value["url_citation"];
  if (wire === "openai" && isFields(own)) return { type: "url_citation", ...own };
  if (url !== undefined) {
    return { type: "url_citation", start_index: 0, end_index: length, url, title: title ?? url };
  }
  // Anthropic's names, where a document of the request is cited.
  const file = value["file_id"];
  const index = value["document_index"];
  return {
    type: "file_citation",
    file_id: typeof file === "string" ? file : "",
    filename: title ?? "",
    index: typeof index === "number" ? index : 0,
  };
}

/** An annotation that a client gives back. */
export function citationOf(value: Fields): Citation {
  const url = value["url"];
  const title = value["title"] ?? value["filename"];
  return {
    wire: "responses",
    value,
    ...(typeof url === "string" ? { url } : {}),
    ...(typeof title === "string" ? { title } : {}),
  };
}

import { type Citation, type Fields, type ImagePart, signedId } from "@gatewright/call";

/** Members of messages that whole answers and streams have alike, as JSON values. */

/** A block of reasoning as LiteLLM has it, which is Anthropic's form. */
export function thinkingBlock(thinking: string, signature: string): Fields {
  return { type: "thinking", thinking, signature };
}

export function redactedBlock(data: string): Fields {
  return { type: "redacted_thinking", data };
}

/**
 * A citation as an annotation of the content from `start` to `end`, in UTF-16 units; undefined for one without an address,
 * which has no place in this API.
 */
export function annotationOf(
  { title, url, value, wire }: Citation,
  start: number,
  end: number,
): Fields | undefined {
  if (wire === "openai") return value;
  if (url === undefined) return undefined;
  return {
    type: "url_citation",
    url_citation: { start_index: start, end_index: end, url, title: title ?? url },
  };
}

/**
 * A tool call's beginning; the arguments of a streamed one follow. Gemini's signature has LiteLLM's place, and stands in
 * the id as well: most clients give back only that.
 */
export function toolCall(id: string, name: string, args: string, signature: string | undefined): Fields {
  return {
    id: signedId(id, signature),
    type: "function",
    function: { arguments: args, name },
    ...(signature === undefined ? {} : { provider_specific_fields: { thought_signature: signature } }),
  };
}

/** Tools that take nothing: some providers leave their arguments empty, which clients cannot parse. */
export const NO_ARGUMENTS = "{}";

/** Clients find results by the id: where the provider gave none, the call gets one. */
export function toolCallId(id: string, callId: string, choice: number, tool: number): string {
  return id === "" ? `call_${callId.replaceAll("-", "")}_${choice}_${tool}` : id;
}

/** LiteLLM's and OpenRouter's form of an image that a model made. */
export function imageMember({ source }: ImagePart): Fields | undefined {
  if (source.kind !== "url" && source.kind !== "base64") return undefined;
  const url = source.kind === "url" ? source.url : `data:${source.mediaType};base64,${source.data}`;
  return { type: "image_url", image_url: { url } };
}

import type { Citation, Fields, FinishReason, Part, Usage } from "@gatewright/call";
import { carry } from "../carried-part.ts";
import { isFields } from "../field.ts";

/**
 * The blocks a part of an answer becomes: none where the Messages API has no place for it. `number` counts the blocks
 * before it, for tool calls without an id.
 */
export function blocksOf(part: Part, callId: string, number: number): readonly Fields[] {
  switch (part.kind) {
    case "text":
      return part.text === "" ? [] : [textBlock(part.text, part.citations ?? [])];
    case "refusal":
      return part.text === "" ? [] : [textBlock(part.text, [])];
    case "reasoning":
      return part.text === "" && part.signature === undefined
        ? []
        : [{ type: "thinking", thinking: part.text, signature: part.signature ?? "" }];
    case "redacted-reasoning":
      return [redactedBlock(part.data)];
    case "tool-call": {
      const before = part.signature === undefined ? [] : [signatureBlock(part.signature)];
      const block = {
        type: "tool_use",
        id: toolId(part.id, callId, number + before.length),
        name: part.name,
        input: inputOf(part.arguments),
      };
      return [...before, block];
    }
    case "other":
      return [otherBlock(part.wire, part.value)];
    case "image":
    case "audio":
    case "document":
    case "tool-result":
      return [];
  }
}

function textBlock(text: string, citations: readonly Citation[]): Fields {
  const written = citations.flatMap((citation) => citationOf(citation) ?? []);
  return { type: "text", text, ...(written.length === 0 ? {} : { citations: written }) };
}

/** A citation in Anthropic's form; those of other APIs as results of a web search, if they have an address. */
export function citationOf({ text, title, url, value, wire }: Citation): Fields | undefined {
  if (wire === "anthropic") return value;
  if (url === undefined) return undefined;
  return {
    type: "web_search_result_location",
    url,
    title: title ?? null,
    cited_text: text ?? "",
    encrypted_index: "",
  };
}

export function redactedBlock(data: string): Fields {
  return { type: "redacted_thinking", data };
}

/** The signature of the tool call in the next block, which has to come back with it. */
export function signatureBlock(signature: string): Fields {
  return redactedBlock(carry({ kind: "call", signature }));
}

/** Parts of this API's own are blocks as they are; those of other APIs travel where clients give them back unread. */
export function otherBlock(wire: Citation["wire"], value: Fields): Fields {
  if (wire === "anthropic" && typeof value["type"] === "string") return value;
  return redactedBlock(carry({ kind: "other", wire, value }));
}

/** Clients find results by the id: where the provider gave none, the call gets one. */
export function toolId(id: string, callId: string, number: number): string {
  return id === "" ? `toolu_${callId.replaceAll("-", "")}_${number}` : id;
}

/** The arguments as an object, which is what clients expect: whatever else the model wrote is kept as text. */
export function inputOf(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    const input: unknown = JSON.parse(text);
    if (isFields(input)) return input;
  } catch {
    // Kept as text below.
  }
  return { arguments: text };
}

/** Ids of messages begin alike, whatever those of the upstream look like. */
export function messageId(id: string, callId: string): string {
  return id.startsWith("msg_") ? id : `msg_${callId.replaceAll("-", "")}`;
}

const stopReasons: { readonly [F in FinishReason]: string } = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  refusal: "refusal",
  pause: "pause_turn",
};

/** How an answer ended, as the message and the end of its stream say it. `refusal`: what a model said that would not. */
export function stopFields(finish: FinishReason, stopSequence: string | undefined, refusal: string): Fields {
  const reason = stopReasons[finish];
  return {
    stop_reason: reason,
    stop_sequence: stopSequence ?? null,
    stop_details:
      reason === "refusal"
        ? { type: "refusal", category: null, explanation: refusal === "" ? null : refusal }
        : null,
  };
}

/** Anthropic counts the tokens of its cache beside those of the input. */
export function usageFields(usage: Usage | undefined): Fields {
  const { cacheWriteInput = 0, cachedInput = 0, input = 0, output = 0, reasoning = 0 } = usage ?? {};
  return {
    input_tokens: Math.max(0, input - cachedInput - cacheWriteInput),
    cache_creation_input_tokens: cacheWriteInput,
    cache_read_input_tokens: cachedInput,
    output_tokens: output,
    ...(reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

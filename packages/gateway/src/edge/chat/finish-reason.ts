import type { FinishReason } from "@gatewright/call";

/** `finish_reason` of a choice. */
export const finishReasons: { readonly [F in FinishReason]: string } = {
  stop: "stop",
  "stop-sequence": "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  refusal: "content_filter",
  pause: "stop",
};

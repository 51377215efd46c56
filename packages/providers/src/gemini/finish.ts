import type { CallFailure, FinishReason } from "@gatewright/call";

/** Somebody else would not: Gemini's filters. */
const filtered: ReadonlySet<unknown> = new Set([
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "MODEL_ARMOR",
  "ESCALATION",
  "PUP_LIMITED_DISABLED",
]);

/** The model went wrong: without a word said, there is no answer, and another attempt may well have one. */
const failed: ReadonlySet<unknown> = new Set([
  "OTHER",
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MISSING_THOUGHT_SIGNATURE",
  "MALFORMED_RESPONSE",
]);

/** `calls`: the client gets tool calls, of which Gemini's `STOP` says nothing. */
export function finishReason(reason: unknown, calls: boolean): FinishReason {
  if (reason === "MAX_TOKENS") return "length";
  if (filtered.has(reason)) return "content-filter";
  return calls ? "tool-calls" : "stop";
}

/** The failure that a choice without any content ended with; undefined when its end is an ordinary one. */
export function failureToAnswer(reason: unknown, message: unknown): CallFailure | undefined {
  if (!failed.has(reason)) return undefined;
  const more = typeof message === "string" && message !== "" ? `: ${message}` : "";
  return { status: 500, message: `Gemini gave no answer (${String(reason)})${more}` };
}

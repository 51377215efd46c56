import type { FinishReason } from "@gatewright/call";

/** OpenAI's reasons, and those of compatible servers. */
const reasons: { readonly [reason: string]: FinishReason } = {
  stop: "stop",
  length: "length",
  max_tokens: "length",
  // Mistral: the model's own limit.
  model_length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
};

/** The choice was broken off by the server's own trouble: `error` (OpenRouter, Mistral), or DeepSeek's word for it. */
export function isBroken(reason: unknown): boolean {
  return reason === "error" || reason === "insufficient_system_resource";
}

/** What else of the choice its reason depends on. */
export interface ChoiceEnd {
  readonly calls: boolean;
  readonly refused: boolean;
  /** vLLM's `stop_reason`: the stop text that was met, a token's number, or null. */
  readonly stopReason: unknown;
}

/** `finish_reason` as a reason to finish, with the stop text where that was it. Some say `stop` when tools are called. */
export function readFinish(
  reason: unknown,
  { calls, refused, stopReason }: ChoiceEnd,
): { readonly reason: FinishReason; readonly stopSequence?: string } {
  const said = typeof reason === "string" ? (reasons[reason] ?? "stop") : "stop";
  if (said !== "stop") return { reason: said };
  if (calls) return { reason: "tool-calls" };
  if (refused) return { reason: "refusal" };
  return typeof stopReason === "string" && stopReason !== ""
    ? { reason: "stop-sequence", stopSequence: stopReason }
    : { reason: "stop" };
}

import type { FinishReason, Usage } from "@gatewright/call";
import type { AnswerContext } from "../client-api.ts";
import { isFields } from "../field.ts";

/**
 * What a response says of itself that stays the same from its first event to its last, and what it repeats of the
 * request. Parameters that the client left to the provider are null; `store` is false, for nothing is kept.
 */
export function responseHead({ callId, fields, model, time }: AnswerContext): object {
  const text = isFields(fields["text"]) ? fields["text"] : {};
  const reasoning = isFields(fields["reasoning"]) ? fields["reasoning"] : {};
  return {
    id: `resp_${callId.replaceAll("-", "")}`,
    object: "response",
    created_at: Math.floor(time / 1000),
    model,
    background: false,
    error: null,
    instructions: fields["instructions"] ?? null,
    max_output_tokens: fields["max_output_tokens"] ?? null,
    max_tool_calls: fields["max_tool_calls"] ?? null,
    metadata: fields["metadata"] ?? {},
    parallel_tool_calls: fields["parallel_tool_calls"] ?? true,
    previous_response_id: null,
    prompt_cache_key: fields["prompt_cache_key"] ?? null,
    reasoning: { effort: null, summary: null, ...reasoning },
    safety_identifier: fields["safety_identifier"] ?? null,
    store: fields["store"] ?? false,
    temperature: fields["temperature"] ?? null,
    text: { ...text, format: text["format"] ?? { type: "text" } },
    tool_choice: fields["tool_choice"] ?? "auto",
    tools: fields["tools"] ?? [],
    top_logprobs: fields["top_logprobs"] ?? 0,
    top_p: fields["top_p"] ?? null,
    truncation: fields["truncation"] ?? "disabled",
    user: fields["user"] ?? null,
  };
}

/** What changes. `incomplete`: why there is no more of it. */
export interface ResponseState {
  readonly status: "in_progress" | "completed" | "incomplete";
  readonly incomplete: IncompleteReason | undefined;
  readonly usage: Usage | undefined;
  readonly serviceTier: string | undefined;
}

export function responseState({ status, incomplete, usage, serviceTier }: ResponseState): object {
  return {
    status,
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    service_tier: serviceTier ?? null,
    usage: usage === undefined ? null : usageOf(usage),
  };
}

export type IncompleteReason = "max_output_tokens" | "content_filter";

/**
 * Why an answer that ended so is incomplete; undefined when it is not. A refusal without words (`refused` false) would
 * look like an answer that was meant to be as short as it is.
 */
export function incompleteReason(finish: FinishReason, refused: boolean): IncompleteReason | undefined {
  if (finish === "length") return "max_output_tokens";
  if (finish === "content-filter" || (finish === "refusal" && !refused)) return "content_filter";
  return undefined;
}

function usageOf(usage: Usage): object {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cachedInput, cache_write_tokens: usage.cacheWriteInput },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}

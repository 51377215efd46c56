import { requestParameters } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import type { ModelParameters } from "./model-entry.ts";

/** Fields that only requests for text understand; an embedding that carried them would be refused upstream. */
const textOnly: ReadonlySet<string> = new Set([
  "temperature",
  "top_p",
  "top_k",
  "max_tokens",
  "max_completion_tokens",
  "n",
  "stop",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "response_format",
  "reasoning_effort",
  "thinking",
  "verbosity",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "modalities",
  "prediction",
  "service_tier",
  "metadata",
  "store",
]);

const embeddingOnly: ReadonlySet<string> = new Set(["dimensions", "encoding_format"]);

type Defaults = readonly (readonly [field: string, json: string])[];

/** The deployment's own values for request fields, as JSON text ready to be spliced in. */
export function requestDefaults(parameters: ModelParameters): { readonly [O in Operation]: Defaults } {
  const all = requestParameters(parameters).map(([field, value]) => [field, JSON.stringify(value)] as const);
  const text = all.filter(([field]) => !embeddingOnly.has(field));
  return { chat: text, completion: text, embedding: all.filter(([field]) => !textOnly.has(field)) };
}

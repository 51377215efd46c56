import type { Operation } from "@gatewright/providers";
import type { ModelParameters } from "./model-entry.ts";

/** Fields of an OpenAI request that a deployment may fill in (`litellm_params.temperature`, …), by operation. */
const generation = [
  "temperature",
  "top_p",
  "n",
  "stop",
  "max_tokens",
  "max_completion_tokens",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "seed",
  "user",
  "response_format",
  "reasoning_effort",
  "service_tier",
  "parallel_tool_calls",
  "verbosity",
  "tools",
  "tool_choice",
] as const;

const fields: { readonly [O in Operation]: readonly string[] } = {
  chat: generation,
  completion: generation,
  embedding: ["dimensions", "encoding_format", "user"],
};

type Defaults = readonly (readonly [field: string, json: string])[];

/** The deployment's own values for request fields, as JSON text ready to be spliced in. */
export function requestDefaults(parameters: ModelParameters): { readonly [O in Operation]: Defaults } {
  const values: { readonly [field: string]: unknown } = parameters;
  const pick = (operation: Operation): Defaults =>
    fields[operation]
      .filter((field) => values[field] !== undefined && values[field] !== null)
      .map((field) => [field, JSON.stringify(values[field])] as const);
  return { chat: pick("chat"), completion: pick("completion"), embedding: pick("embedding") };
}

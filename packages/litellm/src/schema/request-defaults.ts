import { any, flag, integer, list, map, number, text, textMap } from "./leaf.ts";

/**
 * Request parameters a deployment fills in when the client does not: members of `litellm_params` beside LiteLLM's own
 * (langop.md §3.3 `params`, palena.md §1.2). Any further parameter of a provider is taken the same way.
 */
export const requestDefaultMembers = {
  temperature: number("Sampling temperature"),
  top_p: number("Nucleus sampling"),
  top_k: integer("Tokens to sample from"),
  max_tokens: integer("Longest answer, tokens"),
  max_completion_tokens: integer("Longest answer with its reasoning, tokens"),
  n: integer("Answers per request"),
  stop: any("Texts that end the answer"),
  seed: integer("Seed of the sampling"),
  frequency_penalty: number("Penalty for frequent tokens"),
  presence_penalty: number("Penalty for tokens that occurred"),
  logit_bias: map("Bias per token"),
  logprobs: flag("Return log probabilities"),
  top_logprobs: integer("How many log probabilities per token"),
  response_format: map("Shape of the answer"),
  reasoning_effort: any("How much the model reasons"),
  thinking: map("Reasoning settings of the provider"),
  verbosity: text("How long answers are"),
  tools: list("Tools offered with each request"),
  tool_choice: any("Which tool must be used"),
  parallel_tool_calls: flag("Allow several tool calls at once"),
  modalities: list("Kinds of output"),
  prediction: map("Predicted output"),
  service_tier: text("Service tier of the provider"),
  user: text("End user the provider is told"),
  metadata: map("Metadata of each request"),
  store: flag("Let the provider store answers"),
  dimensions: integer("Length of embeddings"),
  encoding_format: text("Encoding of embeddings"),
  extra_headers: textMap("Headers added to the upstream call"),
  extra_body: map("Fields added to the upstream call's body; they win over the client's"),
  headers: textMap("Headers added to the upstream call"),
};

import type { Fidelity } from "@gatewright/call";
import type { ChatTraits } from "./traits.ts";

/** What chat completions do with each feature of a call, on servers with these traits. */
export function openaiFidelity(traits: ChatTraits): Fidelity {
  const blocks = traits.reasoning === "blocks" ? "kept" : "ignored";
  return {
    system: "kept",
    developer: traits.developerRole ? "kept" : "mapped: system",
    image_url: "kept",
    image_base64: "kept",
    image_file: "refused",
    audio_input: "kept",
    document_url: "refused",
    document_base64: "mapped: a file, named document.pdf (or as its type ends) where it has no name",
    document_text: "mapped: text, below its name and context",
    document_file: "mapped: without its name",
    document_citations: "dropped",
    tools: "kept",
    strict_tools: "kept",
    provider_tools: "dropped",
    tool_choice_none: "kept",
    tool_choice_required: traits.requiredTool === "required" ? "kept" : `mapped: ${traits.requiredTool}`,
    tool_choice_tool: "kept",
    tool_result_image: "mapped: a message of the user's behind the results",
    tool_result_document: "mapped: text where it is text, else a message of the user's behind the results",
    tool_result_error: "mapped: an ordinary result",
    assistant_prefill: "kept",
    reasoning_content: traits.reasoning === "none" ? "ignored" : "mapped: reasoning_content, one text",
    reasoning_signature: blocks,
    redacted_reasoning: blocks,
    provider_parts: "refused",
    cache_control: traits.cacheMarks ? "kept" : "ignored",
    response_format_json: "kept",
    response_format_schema: traits.jsonSchema
      ? "kept"
      : "mapped: any JSON object, and the schema in a system message",
    reasoning_effort: traits.reasoningEffort ? "kept" : "dropped",
    thinking: traits.reasoningEffort
      ? "mapped: reasoning_effort, by the size of the budget; without a budget the model's own default"
      : "ignored",
    reasoning_summary: "ignored",
    max_tokens: "kept",
    temperature: "kept",
    top_p: "kept",
    top_k: traits.topK ? "kept" : "dropped",
    stop: "kept",
    seed: "kept",
    n: "kept",
    frequency_penalty: "kept",
    presence_penalty: "kept",
    logit_bias: "kept",
    logprobs: "kept",
    top_logprobs: "kept",
    parallel_tool_calls: "mapped: left out where there are no tools",
    web_search_options: "kept",
    ...(traits.ownParameters ? ownKept : ownLeftOut),
  };
}

const ownKept = {
  message_name: "kept",
  tool_choice_allowed: "kept",
  user: "kept",
  metadata: "kept",
  service_tier: "kept",
  store: "kept",
  verbosity: "kept",
  modalities: "kept",
  audio: "kept",
  prediction: "kept",
  prompt_cache_key: "kept",
  prompt_cache_retention: "kept",
  safety_identifier: "kept",
} as const;

const ownLeftOut: { readonly [F in keyof typeof ownKept]: Fidelity[F] } = {
  message_name: "ignored",
  tool_choice_allowed: "mapped: only the allowed tools are offered",
  user: "ignored",
  metadata: "ignored",
  service_tier: "ignored",
  store: "ignored",
  verbosity: "dropped",
  modalities: "dropped",
  audio: "dropped",
  prediction: "ignored",
  prompt_cache_key: "ignored",
  prompt_cache_retention: "ignored",
  safety_identifier: "ignored",
};

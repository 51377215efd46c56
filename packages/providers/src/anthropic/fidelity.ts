import type { Fidelity } from "@gatewright/call";
import type { ModelTraits } from "./model.ts";

/** What the Messages API does with each feature of a call, for models with these traits. */
export function anthropicFidelity(traits: ModelTraits): Fidelity {
  const { forcedTool, prefill, sampling, structured, systemTurns } = traits;
  const forced = forcedTool ? "kept" : "dropped";
  return {
    system: systemTurns
      ? "mapped: ahead of the conversation, or in its place where it follows a user's message and an assistant's is next"
      : "mapped: ahead of the conversation",
    developer: "mapped: system",
    message_name: "ignored",
    image_url: "kept",
    image_base64: "kept",
    image_file: "kept",
    audio_input: "refused",
    document_url: "kept",
    document_base64: "mapped: as it is; plain text as a text source",
    document_text: "kept",
    document_file: "kept",
    document_citations: "kept",
    tools: "kept",
    strict_tools: structured ? "mapped: strict, with a schema that Claude can be held to" : "ignored",
    provider_tools: "dropped",
    tool_choice_none: "kept",
    tool_choice_required: forced,
    tool_choice_tool: forced,
    tool_choice_allowed: "mapped: only the allowed tools are offered",
    tool_result_image: "kept",
    tool_result_document: "kept",
    tool_result_error: "kept",
    assistant_prefill: prefill
      ? "mapped: without white space at its end"
      : "mapped: as it is, which the model only takes when its turn was paused",
    reasoning_content: "mapped: left out where it has no signature",
    reasoning_signature: "kept",
    redacted_reasoning: "kept",
    provider_parts: "refused",
    cache_control: "kept",
    response_format_json: forcedTool
      ? "mapped: a forced tool, or a sentence in the system prompt while the model thinks"
      : "mapped: a sentence in the system prompt",
    response_format_schema: structured
      ? "mapped: output_config.format, with a schema that Claude can be held to"
      : "mapped: a forced tool, or a sentence in the system prompt while the model thinks",
    ...reasoningFidelity(traits),
    reasoning_summary: "ignored",
    max_tokens: "mapped: raised above a thinking budget; 4096 where it is absent",
    temperature: sampling === "none" ? "dropped" : "mapped: 1 at most, left out while the model thinks",
    top_p: topPFidelity(sampling),
    top_k: sampling === "none" ? "dropped" : "mapped: left out while the model thinks",
    stop: "mapped: without texts of white space only",
    seed: "dropped",
    n: "dropped",
    frequency_penalty: "dropped",
    presence_penalty: "dropped",
    logit_bias: "dropped",
    logprobs: "dropped",
    top_logprobs: "dropped",
    parallel_tool_calls: "mapped: disable_parallel_tool_use of tool_choice where it is false",
    user: "mapped: metadata.user_id, unless it is an address or a telephone number",
    metadata: "mapped: its user_id, and nothing else",
    service_tier: "mapped: auto and standard_only; default is standard_only, all others auto",
    store: "ignored",
    verbosity: "dropped",
    modalities: "dropped",
    audio: "dropped",
    prediction: "ignored",
    web_search_options: "mapped: Anthropic's web search tool",
    prompt_cache_key: "ignored",
    prompt_cache_retention: "ignored",
    safety_identifier: "mapped: metadata.user_id where user is absent",
  };
}

function topPFidelity(sampling: ModelTraits["sampling"]): Fidelity["top_p"] {
  switch (sampling) {
    case "both":
      return "mapped: left out below 0.95 while the model thinks";
    case "one":
      return "mapped: left out beside a temperature, and below 0.95 while the model thinks";
    case "none":
      return "dropped";
  }
}

function reasoningFidelity({ thinking }: ModelTraits): Pick<Fidelity, "reasoning_effort" | "thinking"> {
  switch (thinking) {
    case "none":
      return { reasoning_effort: "dropped", thinking: "dropped" };
    case "budget":
      return {
        reasoning_effort: "mapped: a thinking budget",
        thinking: "mapped: a thinking budget of 1024 tokens at least",
      };
    case "either":
      return {
        reasoning_effort: "mapped: adaptive thinking of that effort; minimal is low, xhigh is max",
        thinking: "mapped: a thinking budget of 1024 tokens at least, or adaptive thinking",
      };
    case "adaptive":
      return {
        reasoning_effort: "mapped: adaptive thinking of that effort; minimal is low",
        thinking: "mapped: adaptive thinking, of the effort nearest to a budget",
      };
  }
}

import type { Fidelity } from "@gatewright/call";
import { anthropicFidelity } from "../anthropic/fidelity.ts";
import type { ModelTraits } from "./model.ts";

const namedDocument = "mapped: a document whose name has only characters that Bedrock takes";

/** What Converse does with each feature of a call, for models with these traits. */
export function bedrockFidelity(traits: ModelTraits): Fidelity {
  const { caching, family, thinkingField } = traits;
  return {
    system: "mapped: ahead of the conversation",
    developer: "mapped: system",
    message_name: "ignored",
    image_url: "refused",
    image_base64: "kept",
    image_file: "refused",
    audio_input: "kept",
    document_url: "refused",
    document_base64: namedDocument,
    document_text: namedDocument,
    document_file: "refused",
    document_citations: "kept",
    tools: "kept",
    provider_tools: "refused",
    tool_choice_none:
      "mapped: no tools; where earlier messages hold tool calls, the tools and a sentence that forbids calls",
    tool_choice_allowed: "mapped: only the allowed tools are offered",
    tool_result_image: "kept",
    tool_result_document: namedDocument,
    tool_result_error: "kept",
    assistant_prefill: "mapped: without white space at its end",
    reasoning_content: "mapped: left out where it has no signature",
    reasoning_signature: "kept",
    redacted_reasoning: "kept",
    provider_parts: "refused",
    cache_control: caching === "nowhere" ? "ignored" : "mapped: cachePoint",
    ...(family === "anthropic" ? claudeFidelity(traits) : otherFidelity(traits)),
    ...(thinkingField === undefined
      ? {}
      : {
          reasoning_effort: `mapped: ${thinkingField}, low, medium or high`,
          thinking: `mapped: ${thinkingField}, the effort nearest to the budget`,
        }),
    reasoning_summary: "ignored",
    seed: "dropped",
    n: "dropped",
    frequency_penalty: "dropped",
    presence_penalty: "dropped",
    logit_bias: "dropped",
    logprobs: "dropped",
    top_logprobs: "dropped",
    user: "ignored",
    metadata: "ignored",
    service_tier: "mapped: serviceTier, left out where it is auto",
    store: "ignored",
    verbosity: "dropped",
    modalities: "dropped",
    audio: "dropped",
    prediction: "ignored",
    web_search_options: "dropped",
    prompt_cache_key: "ignored",
    prompt_cache_retention: "ignored",
    safety_identifier: "ignored",
  };
}

/** Features that differ between models. */
type ModelFidelity = Pick<
  Fidelity,
  | "max_tokens"
  | "temperature"
  | "top_p"
  | "top_k"
  | "stop"
  | "strict_tools"
  | "tool_choice_required"
  | "tool_choice_tool"
  | "parallel_tool_calls"
  | "response_format_json"
  | "response_format_schema"
  | "reasoning_effort"
  | "thinking"
>;

/** Claude is the same everywhere. */
function claudeFidelity({ claude }: ModelTraits): ModelFidelity {
  const own = anthropicFidelity(claude);
  const budget = claude.thinking === "budget" || claude.thinking === "either";
  return {
    max_tokens: budget ? "mapped: raised above a thinking budget" : "kept",
    temperature: own.temperature,
    top_p: own.top_p,
    top_k: own.top_k,
    stop: own.stop,
    strict_tools: own.strict_tools,
    tool_choice_required: own.tool_choice_required,
    tool_choice_tool: own.tool_choice_tool,
    // Earlier ones take no choice of their own beside Converse's tools.
    parallel_tool_calls: claude.structured ? own.parallel_tool_calls : "dropped",
    response_format_json: own.response_format_json,
    response_format_schema: claude.structured
      ? "mapped: outputConfig, with a schema that Claude can be held to"
      : own.response_format_schema,
    reasoning_effort: own.reasoning_effort,
    thinking: own.thinking,
  };
}

function otherFidelity({ claude: { forcedTool, structured } }: ModelTraits): ModelFidelity {
  const asked = forcedTool ? "mapped: a forced tool" : "mapped: a sentence in the system prompt";
  return {
    max_tokens: "kept",
    temperature: "kept",
    top_p: "kept",
    top_k: "mapped: a field of the model's own",
    stop: "kept",
    strict_tools: structured ? "mapped: strict, with a schema that a model can be held to" : "ignored",
    tool_choice_required: "kept",
    tool_choice_tool: "kept",
    parallel_tool_calls: "dropped",
    response_format_json: asked,
    response_format_schema: structured
      ? "mapped: outputConfig, with a schema that a model can be held to"
      : asked,
    reasoning_effort: "dropped",
    thinking: "dropped",
  };
}

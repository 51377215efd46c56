/** What tells servers of OpenAI's chat completions apart, as far as it matters for what they are sent. */
export interface ChatTraits {
  /** Takes every parameter of OpenAI's own: `store`, `metadata`, `prediction`, `allowed_tools`, … Many refuse what they do not know. */
  readonly ownParameters: boolean;
  /** The parameter that limits the tokens of the answer. */
  readonly tokenLimit: "max_tokens" | "max_completion_tokens";
  /** Has the role `developer`; otherwise these messages are system messages. */
  readonly developerRole: boolean;
  /** Has `response_format` of type `json_schema`; otherwise the schema is told in words. */
  readonly jsonSchema: boolean;
  /** Its word in `tool_choice` for "some tool". */
  readonly requiredTool: "required" | "any";
  readonly reasoningEffort: boolean;
  readonly topK: boolean;
  /** Takes `stream_options`; the others say what was used without being asked, or never. */
  readonly streamOptions: boolean;
  /** Takes Anthropic's `cache_control`, as LiteLLM's clients write it. */
  readonly cacheMarks: boolean;
  /** How reasoning goes back to it: not at all, as `reasoning_content`, or with LiteLLM's `thinking_blocks` as well. */
  readonly reasoning: "none" | "text" | "blocks";
}

/** OpenAI itself, and Azure. */
export const openaiTraits: ChatTraits = {
  ownParameters: true,
  tokenLimit: "max_completion_tokens",
  developerRole: true,
  jsonSchema: true,
  requiredTool: "required",
  reasoningEffort: true,
  topK: false,
  streamOptions: true,
  cacheMarks: false,
  reasoning: "none",
};

/** What nearly every compatible server takes. */
export const compatibleTraits: ChatTraits = {
  ...openaiTraits,
  ownParameters: false,
  tokenLimit: "max_tokens",
  developerRole: false,
};

/**
 * Every name of an attribute that spans carry. The `gen_ai.*` conventions of OpenTelemetry are not stable yet, so they
 * are changed here and nowhere else; `llm.*`, `metadata.*` and the token names in the second group are LiteLLM's
 * (litellm.md §5.2).
 */
export const attributes = {
  operation: "gen_ai.operation.name",
  system: "gen_ai.system",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  responseModel: "gen_ai.response.model",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cachedInputTokens: "gen_ai.usage.cache_read.input_tokens",
  inputMessages: "gen_ai.input.messages",
  maxTokens: "gen_ai.request.max_tokens",
  temperature: "gen_ai.request.temperature",
  topP: "gen_ai.request.top_p",

  promptTokens: "gen_ai.usage.prompt_tokens",
  completionTokens: "gen_ai.usage.completion_tokens",
  totalTokens: "gen_ai.usage.total_tokens",
  cost: "gen_ai.cost.total_cost",
  streaming: "llm.is_streaming",
  keyHash: "metadata.user_api_key_hash",
  keyAlias: "metadata.user_api_key_alias",
  team: "metadata.user_api_key_team_id",
  user: "metadata.user_api_key_user_id",
  endUser: "metadata.user_api_key_end_user_id",

  callId: "litellm.call_id",
  requestId: "litellm.request_id",
  modelGroup: "litellm.model_group",
  modelId: "litellm.model_id",
  cacheHit: "litellm.cache_hit",
  attempt: "litellm.attempt",
  attemptKind: "litellm.attempt.kind",
  waited: "litellm.attempt.waited_ms",
  firstToken: "litellm.time_to_first_token_ms",

  method: "http.request.method",
  route: "http.route",
  status: "http.response.status_code",
  serverAddress: "server.address",
  errorType: "error.type",
} as const;

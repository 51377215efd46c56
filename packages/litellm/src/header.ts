/**
 * Headers that may carry the key, the first that is present wins (litellm.md §3.1). `authorization` needs a scheme;
 * the first may have one.
 */
export const keyHeaders = [
  "x-litellm-api-key",
  "authorization",
  "api-key",
  "x-api-key",
  "x-goog-api-key",
  "ocp-apim-subscription-key",
] as const;

/** Request headers the gateway acts on (litellm.md §3.7), lower case as Node gives them. */
export const requestHeaders = {
  timeout: "x-litellm-timeout",
  streamTimeout: "x-litellm-stream-timeout",
  retries: "x-litellm-num-retries",
  tags: "x-litellm-tags",
  customer: "x-litellm-customer-id",
  endUser: "x-litellm-end-user-id",
  trace: "x-litellm-trace-id",
  session: "x-litellm-session-id",
  spendLogsMetadata: "x-litellm-spend-logs-metadata",
  messageRedaction: "x-litellm-enable-message-redaction",
  disabledCallbacks: "x-litellm-disable-callbacks",
  agent: "x-litellm-agent-id",
  changedBy: "litellm-changed-by",
  organization: "openai-organization",
  anthropicVersion: "anthropic-version",
  anthropicBeta: "anthropic-beta",
  traceParent: "traceparent",
} as const;

/** Response headers (litellm.md §3.7). Those without a value are left out; `/v1/models` carries none. */
export const responseHeaders = {
  call: "x-litellm-call-id",
  model: "x-litellm-model-id",
  apiBase: "x-litellm-model-api-base",
  version: "x-litellm-version",
  modelGroup: "x-litellm-model-group",
  modelRegion: "x-litellm-model-region",
  cost: "x-litellm-response-cost",
  costOriginal: "x-litellm-response-cost-original",
  costDiscount: "x-litellm-response-cost-discount-amount",
  costMargin: "x-litellm-response-cost-margin-amount",
  costMarginPercent: "x-litellm-response-cost-margin-percent",
  keySpend: "x-litellm-key-spend",
  keyBudget: "x-litellm-key-max-budget",
  keyTokensPerMinute: "x-litellm-key-tpm-limit",
  keyRequestsPerMinute: "x-litellm-key-rpm-limit",
  duration: "x-litellm-response-duration-ms",
  overhead: "x-litellm-overhead-duration-ms",
  callbackDuration: "x-litellm-callback-duration-ms",
  attemptedRetries: "x-litellm-attempted-retries",
  attemptedFallbacks: "x-litellm-attempted-fallbacks",
  maxRetries: "x-litellm-max-retries",
  maxFallbacks: "x-litellm-max-fallbacks",
  timeout: "x-litellm-timeout",
  cacheKey: "x-litellm-cache-key",
  appliedGuardrails: "x-litellm-applied-guardrails",
  appliedPolicies: "x-litellm-applied-policies",
  semanticSimilarity: "x-litellm-semantic-similarity",
} as const;

/** Prefix under which every header of a provider is repeated. */
export const providerHeaderPrefix = "llm_provider-";

/** `x-ratelimit-api_key-remaining-requests`: limits that apply to a request (litellm.md §3.7). */
export function rateLimitHeader(
  subject: string,
  what: "limit" | "remaining",
  unit: "requests" | "tokens" | "max_parallel_requests",
): string {
  return `x-ratelimit-${subject}-${what}-${unit}`;
}

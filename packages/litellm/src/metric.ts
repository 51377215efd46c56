/** A metric as it is exposed. */
export interface Metric {
  /** Counters already end in `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** How LiteLLM writes a label it has no value for (litellm.md §5.1). */
export const noLabel = "None";

/** Upper bounds of latency histograms, seconds (litellm.md §5.1); `+Inf` follows by itself. */
export const latencyBuckets: readonly number[] = [
  0.005,
  0.00625,
  0.0125,
  0.025,
  0.05,
  0.1,
  ...Array.from({ length: 20 }, (_, half) => (half + 1) / 2),
  15,
  20,
  25,
  30,
  60,
  120,
  180,
  240,
  300,
];

const key = ["hashed_api_key", "api_key_alias"];
const team = ["team", "team_alias"];
const request = [
  "end_user",
  ...key,
  "requested_model",
  ...team,
  "user",
  "status_code",
  "user_email",
  "route",
  "client_ip",
  "user_agent",
  "model_id",
];
const use = ["end_user", ...key, "model", ...team, "user", "user_email", "requested_model", "model_id"];
const call = ["model", ...key, ...team, "requested_model", "end_user", "user", "model_id"];
const deployment = ["litellm_model_name", "model_id", "api_base", "api_provider"];
const deploymentCall = [...deployment, "requested_model", ...key, ...team];
const exception = ["exception_status", "exception_class"];
const providerLimit = ["model_group", "api_provider", "api_base", "litellm_model_name", ...key];
const fallback = ["requested_model", "fallback_model", ...key, ...team, ...exception];
const cache = ["model", ...key, ...team, "user"];
const user = ["user", "user_alias"];

/**
 * The metrics of LiteLLM that the gateway exposes, names and labels as its dashboards use them (litellm.md §5.1). Left
 * out is what the engine cannot know: organizations, guards, and what depends on a database.
 */
export const metrics = {
  requests: {
    name: "litellm_proxy_total_requests_metric_total",
    type: "counter",
    help: "Requests answered.",
    labels: request,
  },
  failedRequests: {
    name: "litellm_proxy_failed_requests_metric_total",
    type: "counter",
    help: "Requests answered with an error.",
    labels: [...request, ...exception],
  },
  usedRequests: {
    name: "litellm_requests_metric_total",
    type: "counter",
    help: "Requests that a model answered (deprecated by LiteLLM, kept for its dashboards).",
    labels: use,
  },
  spend: {
    name: "litellm_spend_metric_total",
    type: "counter",
    help: "What requests cost, US dollars.",
    labels: use,
  },
  totalTokens: {
    name: "litellm_total_tokens_metric_total",
    type: "counter",
    help: "Tokens, prompts and answers.",
    labels: use,
  },
  inputTokens: {
    name: "litellm_input_tokens_metric_total",
    type: "counter",
    help: "Tokens of prompts.",
    labels: use,
  },
  outputTokens: {
    name: "litellm_output_tokens_metric_total",
    type: "counter",
    help: "Tokens of answers.",
    labels: use,
  },
  cachedTokens: {
    name: "litellm_cached_tokens_metric_total",
    type: "counter",
    help: "Tokens of answers that came from the gateway's cache.",
    labels: cache,
  },
  cacheHits: {
    name: "litellm_cache_hits_metric_total",
    type: "counter",
    help: "Requests answered from the cache.",
    labels: cache,
  },
  cacheMisses: {
    name: "litellm_cache_misses_metric_total",
    type: "counter",
    help: "Requests that the cache was asked for in vain.",
    labels: cache,
  },
  requestLatency: {
    name: "litellm_request_total_latency_metric",
    type: "histogram",
    help: "Seconds from a request's arrival to its last byte.",
    labels: call,
  },
  upstreamLatency: {
    name: "litellm_llm_api_latency_metric",
    type: "histogram",
    help: "Seconds an upstream took for a whole answer.",
    labels: call,
  },
  timeToFirstToken: {
    name: "litellm_llm_api_time_to_first_token_metric",
    type: "histogram",
    help: "Seconds an upstream took to the first byte of a stream.",
    labels: ["model", ...key, ...team],
  },
  overhead: {
    name: "litellm_overhead_latency_metric",
    type: "histogram",
    help: "Seconds a request spent in the gateway itself.",
    labels: ["model_group", "api_provider", "api_base", "litellm_model_name", ...key],
  },
  queueTime: {
    name: "litellm_request_queue_time_seconds",
    type: "histogram",
    help: "Seconds a request waited for a limit to let it pass.",
    labels: [...key, ...team],
  },
  providerRequestsLeft: {
    name: "litellm_remaining_requests_metric",
    type: "gauge",
    help: "Requests that a provider said were left.",
    labels: providerLimit,
  },
  providerTokensLeft: {
    name: "litellm_remaining_tokens_metric",
    type: "gauge",
    help: "Tokens that a provider said were left.",
    labels: providerLimit,
  },
  teamBudgetLeft: {
    name: "litellm_remaining_team_budget_metric",
    type: "gauge",
    help: "What a team may still spend, US dollars.",
    labels: team,
  },
  teamBudget: {
    name: "litellm_team_max_budget_metric",
    type: "gauge",
    help: "What a team may spend, US dollars.",
    labels: team,
  },
  teamBudgetHours: {
    name: "litellm_team_budget_remaining_hours_metric",
    type: "gauge",
    help: "Hours until the budget of a team starts anew.",
    labels: team,
  },
  keyBudgetLeft: {
    name: "litellm_remaining_api_key_budget_metric",
    type: "gauge",
    help: "What a key may still spend, US dollars.",
    labels: key,
  },
  keyBudget: {
    name: "litellm_api_key_max_budget_metric",
    type: "gauge",
    help: "What a key may spend, US dollars.",
    labels: key,
  },
  keyBudgetHours: {
    name: "litellm_api_key_budget_remaining_hours_metric",
    type: "gauge",
    help: "Hours until the budget of a key starts anew.",
    labels: key,
  },
  userBudgetLeft: {
    name: "litellm_remaining_user_budget_metric",
    type: "gauge",
    help: "What a user may still spend, US dollars.",
    labels: user,
  },
  userBudget: {
    name: "litellm_user_max_budget_metric",
    type: "gauge",
    help: "What a user may spend, US dollars.",
    labels: user,
  },
  userBudgetHours: {
    name: "litellm_user_budget_remaining_hours_metric",
    type: "gauge",
    help: "Hours until the budget of a user starts anew.",
    labels: user,
  },
  providerBudgetLeft: {
    name: "litellm_provider_remaining_budget_metric",
    type: "gauge",
    help: "What may still be spent at a provider, US dollars.",
    labels: ["api_provider"],
  },
  inFlight: {
    name: "litellm_in_flight_requests",
    type: "gauge",
    help: "Requests being answered now.",
    labels: [],
  },
  deploymentState: {
    name: "litellm_deployment_state",
    type: "gauge",
    help: "0 healthy, 1 partial outage, 2 outage.",
    labels: deployment,
  },
  deploymentRequestLimit: {
    name: "litellm_deployment_rpm_limit",
    type: "gauge",
    help: "Requests per minute of a deployment.",
    labels: deployment,
  },
  deploymentTokenLimit: {
    name: "litellm_deployment_tpm_limit",
    type: "gauge",
    help: "Tokens per minute of a deployment.",
    labels: deployment,
  },
  deploymentRequests: {
    name: "litellm_deployment_total_requests_total",
    type: "counter",
    help: "Calls to a deployment.",
    labels: deploymentCall,
  },
  deploymentSuccesses: {
    name: "litellm_deployment_success_responses_total",
    type: "counter",
    help: "Calls to a deployment that succeeded.",
    labels: deploymentCall,
  },
  deploymentFailures: {
    name: "litellm_deployment_failure_responses_total",
    type: "counter",
    help: "Calls to a deployment that failed.",
    labels: [...deploymentCall, ...exception],
  },
  deploymentCooldowns: {
    name: "litellm_deployment_cooled_down_total",
    type: "counter",
    help: "Times a deployment was left alone for a while.",
    labels: [...deployment, "exception_status"],
  },
  latencyPerToken: {
    name: "litellm_deployment_latency_per_output_token",
    type: "histogram",
    help: "Seconds a deployment took for each token of its answer.",
    labels: [...deployment, ...key, ...team],
  },
  successfulFallbacks: {
    name: "litellm_deployment_successful_fallbacks_total",
    type: "counter",
    help: "Requests that another model answered.",
    labels: fallback,
  },
  failedFallbacks: {
    name: "litellm_deployment_failed_fallbacks_total",
    type: "counter",
    help: "Requests that another model did not answer either.",
    labels: fallback,
  },
  failedApiRequests: {
    name: "litellm_llm_api_failed_requests_metric_total",
    type: "counter",
    help: "Requests that no upstream answered (deprecated by LiteLLM, kept for its dashboards).",
    labels: ["end_user", ...key, "model", ...team, "user"],
  },
} as const satisfies { readonly [name: string]: Metric };

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

const request = [
  "end_user",
  "hashed_api_key",
  "api_key_alias",
  "requested_model",
  "team",
  "team_alias",
  "user",
  "status_code",
  "user_email",
  "route",
  "client_ip",
  "user_agent",
  "model_id",
];
const call = [
  "model",
  "hashed_api_key",
  "api_key_alias",
  "team",
  "team_alias",
  "requested_model",
  "end_user",
  "user",
  "model_id",
];
const deployment = ["litellm_model_name", "model_id", "api_base", "api_provider"];
const deploymentCall = [
  ...deployment,
  "requested_model",
  "hashed_api_key",
  "api_key_alias",
  "team",
  "team_alias",
];
const exception = ["exception_status", "exception_class"];

/** The metrics of LiteLLM that the gateway exposes, names and labels as its dashboards use them (litellm.md §5.1). */
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
    labels: ["model", "hashed_api_key", "api_key_alias", "team", "team_alias"],
  },
  overhead: {
    name: "litellm_overhead_latency_metric",
    type: "histogram",
    help: "Seconds a request spent in the gateway itself.",
    labels: [
      "model_group",
      "api_provider",
      "api_base",
      "litellm_model_name",
      "hashed_api_key",
      "api_key_alias",
    ],
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
} as const satisfies { readonly [name: string]: Metric };

import type { MetricName } from "./registry.ts";

/** Metrics of the gateway's own, for what LiteLLM has no name for. Their labels are all configured names. */
export const ownMetrics = {
  redisUp: {
    name: "gatewright_redis_up",
    help: "1 while the shared Redis answers in time; absent without one.",
    labels: [],
  },
  attempts: {
    name: "gatewright_upstream_attempts_total",
    help: "Calls to upstreams, by how they ended.",
    labels: ["outcome"],
  },
  retries: {
    name: "gatewright_retries_total",
    help: "Calls repeated, by the failure that was the reason.",
    labels: ["exception_class"],
  },
  agentRequests: {
    name: "gatewright_agent_requests_total",
    help: "Requests of agents that are over, by the status of the answer.",
    labels: ["agent", "model", "status"],
  },
  agentTokens: {
    name: "gatewright_agent_tokens_total",
    help: "Tokens that answers to agents took, by kind: input or output.",
    labels: ["agent", "model", "kind"],
  },
  agentSpend: {
    name: "gatewright_agent_spend_dollars_total",
    help: "What answers to agents cost, US dollars.",
    labels: ["agent", "model"],
  },
  traceFailures: {
    name: "gatewright_trace_export_failures_total",
    help: "Batches of spans that the collector did not take.",
    labels: [],
  },
} as const satisfies { readonly [name: string]: MetricName };

import { describe, expect, it } from "vitest";
import { latencyBuckets, type Metric, metrics } from "./metric.ts";

describe("the metrics of litellm.md §5.1", () => {
  it("has LiteLLM's buckets", () => {
    expect(latencyBuckets.slice(0, 9)).toEqual([0.005, 0.00625, 0.0125, 0.025, 0.05, 0.1, 0.5, 1, 1.5]);
    expect(latencyBuckets.slice(-10)).toEqual([10, 15, 20, 25, 30, 60, 120, 180, 240, 300]);
    expect([...latencyBuckets].sort((a, b) => a - b)).toEqual(latencyBuckets);
    expect(latencyBuckets).toHaveLength(35);
  });

  it.each(Object.values<Metric>(metrics))(
    "$name is spelled as Prometheus wants it",
    ({ name, type, labels }) => {
      expect(name).toMatch(/^litellm_[a-z_]+$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      expect(new Set(labels).size).toBe(labels.length);
    },
  );

  const key = ["hashed_api_key", "api_key_alias"];
  const team = ["team", "team_alias"];
  const deployment = ["litellm_model_name", "model_id", "api_base", "api_provider"];
  const call = ["model", ...key, ...team, "requested_model", "end_user", "user", "model_id"];

  it.each<[metric: Metric, name: string, type: Metric["type"], labels: readonly string[]]>([
    [
      metrics.requests,
      "litellm_proxy_total_requests_metric_total",
      "counter",
      // In the order seen on a running LiteLLM.
      "end_user hashed_api_key api_key_alias requested_model team team_alias user status_code user_email route client_ip user_agent model_id".split(
        " ",
      ),
    ],
    [metrics.requestLatency, "litellm_request_total_latency_metric", "histogram", call],
    [metrics.upstreamLatency, "litellm_llm_api_latency_metric", "histogram", call],
    [metrics.deploymentState, "litellm_deployment_state", "gauge", deployment],
    [metrics.deploymentTokenLimit, "litellm_deployment_tpm_limit", "gauge", deployment],
    [
      metrics.deploymentRequests,
      "litellm_deployment_total_requests_total",
      "counter",
      [...deployment, "requested_model", ...key, ...team],
    ],
    [
      metrics.overhead,
      "litellm_overhead_latency_metric",
      "histogram",
      ["model_group", "api_provider", "api_base", "litellm_model_name", ...key],
    ],
    [metrics.teamBudgetLeft, "litellm_remaining_team_budget_metric", "gauge", team],
    [metrics.keyBudgetHours, "litellm_api_key_budget_remaining_hours_metric", "gauge", key],
    [metrics.providerBudgetLeft, "litellm_provider_remaining_budget_metric", "gauge", ["api_provider"]],
    [metrics.cacheHits, "litellm_cache_hits_metric_total", "counter", ["model", ...key, ...team, "user"]],
  ])("$name has the labels of the table", (metric, name, type, labels) => {
    expect(metric).toMatchObject({ name, type, labels });
  });
});

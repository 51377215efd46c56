import { apiError, metrics } from "@gatewright/litellm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheCounter, exchangeCounter } from "./count-exchange.ts";
import { exampleCaller, exampleDeployment, exampleExchange, exampleUsage } from "./example-exchange.ts";
import { ownMetrics } from "./own-metrics.ts";
import { Registry } from "./registry.ts";
import type { AttemptFacts, CallerFacts } from "./request-facts.ts";
import { type BudgetState, exposeState } from "./state-gauges.ts";

const failure = apiError("upstream_unreachable", { provider: "OpenAI", model: "gpt", text: "gone" });
const key =
  'hashed_api_key="abababababababababababababababababababababababababababababababab",api_key_alias="app"';
const team = 'team="t-1",team_alias="Team One"';

function setup(limit?: number) {
  const registry = new Registry(limit);
  return { registry, count: exchangeCounter(registry), deployment: exampleDeployment(registry, "d-1") };
}

/** The lines of a metric in what is scraped. */
function lines(registry: Registry, name: string): string[] {
  return registry
    .text()
    .split("\n")
    .filter((line) => line.startsWith(name));
}

describe("exchangeCounter", () => {
  it("writes names and labels as litellm.md §5.1 has them", () => {
    const { registry, count, deployment } = setup();
    const usage = exampleUsage({ input: 9, output: 3 });
    count(
      exampleExchange({ deployment, usage, cost: 3_150_000, stream: true, queuedMilliseconds: 300 }),
      200,
      false,
    );
    const use = `end_user="None",${key},model="openai/gpt-upstream",${team},user="u-1",user_email="None",requested_model="gpt",model_id="d-1"`;
    const place =
      'litellm_model_name="openai/gpt-upstream",model_id="d-1",api_base="https://d-1.example/v1",api_provider="openai"';
    const call = `model="openai/gpt-upstream",${key},${team},requested_model="gpt",end_user="None",user="u-1",model_id="d-1"`;
    const text = registry.text();
    for (const line of [
      `litellm_proxy_total_requests_metric_total{end_user="None",${key},requested_model="gpt",${team},user="u-1",status_code="200",user_email="None",route="/v1/chat/completions",client_ip="None",user_agent="None",model_id="d-1"} 1`,
      `litellm_requests_metric_total{${use}} 1`,
      `litellm_spend_metric_total{${use}} 0.00000315`,
      `litellm_total_tokens_metric_total{${use}} 12`,
      `litellm_input_tokens_metric_total{${use}} 9`,
      `litellm_output_tokens_metric_total{${use}} 3`,
      `litellm_deployment_total_requests_total{${place},requested_model="gpt",${key},${team}} 1`,
      `litellm_deployment_success_responses_total{${place},requested_model="gpt",${key},${team}} 1`,
      `litellm_deployment_state{${place}} 0`,
      `litellm_request_total_latency_metric_count{${call}} 1`,
      `litellm_llm_api_latency_metric_count{${call}} 1`,
      `litellm_llm_api_time_to_first_token_metric_count{model="openai/gpt-upstream",${key},${team}} 1`,
      `litellm_overhead_latency_metric_count{model_group="gpt",api_provider="openai",api_base="https://d-1.example/v1",litellm_model_name="openai/gpt-upstream",${key}} 1`,
      `litellm_request_queue_time_seconds_count{${key},${team}} 1`,
      `litellm_deployment_latency_per_output_token_count{${place},${key},${team}} 1`,
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).toContain('le="0.00625"');
  });

  it("counts retries, cooldowns and a fallback where they happened", () => {
    const { registry, count, deployment } = setup();
    const second = {
      ...exampleDeployment(registry, "d-2"),
      state: { restsUntil: performance.now() + 5_000 },
    };
    const other = exampleDeployment(registry, "d-3", "backup", "azure");
    const exchange = exampleExchange({ deployment: other, retries: 1, fallbacks: 1 });
    const group = exchange.group ?? expect.fail();
    const failed = { failure: { error: failure, status: 503, kind: "upstream" }, waitMilliseconds: 0 };
    const attempts: AttemptFacts[] = [
      { deployment, group, startedAt: 1, endedAt: 2, ...failed },
      { deployment: second, group, startedAt: 3, endedAt: 4, ...failed },
      { deployment: other, group: { name: "backup" }, startedAt: 5, endedAt: 6, waitMilliseconds: 0 },
    ];
    count({ ...exchange, attempts }, 200, false);
    const id = (line: string): string => /model_id="([^"]*)"/.exec(line)?.[1] ?? "";
    expect(lines(registry, "litellm_deployment_total_requests_total{").map(id)).toEqual([
      "d-3",
      "d-1",
      "d-2",
    ]);
    expect(lines(registry, "litellm_deployment_failure_responses_total{")).toEqual([
      expect.stringMatching(
        /model_id="d-1".*requested_model="gpt".*exception_status="503",exception_class="\w+"} 1$/,
      ),
      expect.stringMatching(/model_id="d-2".*} 1$/),
    ]);
    expect(lines(registry, "litellm_deployment_cooled_down_total{")).toEqual([
      expect.stringMatching(/model_id="d-2",.*exception_status="503"} 1$/),
    ]);
    expect(lines(registry, "litellm_deployment_successful_fallbacks_total{")).toEqual([
      expect.stringMatching(/requested_model="gpt",fallback_model="backup",.*exception_status="503"/),
    ]);
    expect(lines(registry, "litellm_deployment_failed_fallbacks_total{")).toEqual([]);
    expect(lines(registry, "gatewright_retries_total{")).toEqual([
      `gatewright_retries_total{exception_class="${failure.exceptionClass}"} 1`,
    ]);
    expect(lines(registry, "gatewright_upstream_attempts_total")).toEqual([
      'gatewright_upstream_attempts_total{outcome="success"} 1',
      'gatewright_upstream_attempts_total{outcome="failure"} 2',
      'gatewright_upstream_attempts_total{outcome="abandoned"} 0',
    ]);
    expect(lines(registry, "litellm_deployment_state").map((line) => line.slice(-1))).toEqual([
      "1",
      "2",
      "0",
    ]);
  });

  it("counts a fallback that failed as well, and a call that the client did not wait for", () => {
    const { registry, count, deployment } = setup();
    const other = exampleDeployment(registry, "d-2", "backup");
    const exchange = exampleExchange({ deployment: other });
    const group = exchange.group ?? expect.fail();
    const failed = { failure: { error: failure, status: 503, kind: "upstream" }, waitMilliseconds: 0 };
    const before = { deployment, group, startedAt: 1, endedAt: 2, ...failed };
    const fallback = { deployment: other, group: { name: "backup" }, startedAt: 3, endedAt: 4, ...failed };
    count({ ...exchange, attempts: [before, fallback], failure, calledAt: 3 }, 503, false);
    count({ ...exchange, attempts: [before] }, 499, true);
    expect(lines(registry, "litellm_deployment_failed_fallbacks_total{")).toEqual([
      expect.stringMatching(/fallback_model="backup",.* 1$/),
    ]);
    expect(lines(registry, "gatewright_upstream_attempts_total")).toEqual([
      'gatewright_upstream_attempts_total{outcome="success"} 0',
      'gatewright_upstream_attempts_total{outcome="failure"} 3',
      'gatewright_upstream_attempts_total{outcome="abandoned"} 1',
    ]);
  });

  it("counts failures, hits of the cache, and requests without a deployment", () => {
    const { registry, count, deployment } = setup();
    const lookedUp = cacheCounter(registry);
    const group = { name: "gpt", deployments: [deployment] };
    count(exampleExchange({ deployment, failure }), 500, false);
    const hit = exampleExchange({ group, calledAt: 0, cacheHit: true, usageText: '{"total_tokens":6}' });
    lookedUp(hit, "hit");
    count(hit, 200, false);
    lookedUp(exampleExchange({ group }), "miss");
    const limited = apiError("deployment_rate_limited", { model: "gpt", retryAfterSeconds: 1 });
    count(exampleExchange({ failure: limited, calledAt: 0 }), 429, false);
    expect(lines(registry, "litellm_proxy_failed_requests_metric_total{")).toEqual([
      expect.stringMatching(
        /status_code="500".*model_id="d-1",exception_status="500",exception_class="\w+"} 1$/,
      ),
      expect.stringMatching(
        /requested_model="None".*exception_status="429",exception_class="RateLimitError"} 1$/,
      ),
    ]);
    expect(lines(registry, "litellm_llm_api_failed_requests_metric_total{")).toHaveLength(1);
    expect(lines(registry, "litellm_cache").sort()).toEqual(
      ["hits", "misses"]
        .map((what) => `litellm_cache_${what}_metric_total{model="gpt",${key},${team},user="u-1"} 1`)
        .concat(`litellm_cached_tokens_metric_total{model="gpt",${key},${team},user="u-1"} 6`),
    );
    expect(lines(registry, "litellm_request_total_latency_metric_count{")).toEqual([
      expect.stringContaining('model_id="d-1"'),
      expect.stringMatching(/requested_model="gpt".*model_id="None"} 1$/),
    ]);
    // The hit of the cache called nobody.
    expect(lines(registry, "litellm_deployment_total_requests_total{")[0]).toMatch(/ 1$/);
  });

  it("labels customers that the document names, and no others", () => {
    const { registry, count, deployment } = setup();
    const telemetry = {
      selection: undefined,
      customers: new Set(["acme"]),
      metricsClosed: false,
      tracing: undefined,
      explained: 0,
      warnings: [],
    };
    for (const customer of ["acme", "somebody", ""])
      count(exampleExchange({ deployment, customer, snapshot: { digest: "", telemetry } }), 200, false);
    const customers = lines(registry, "litellm_proxy_total_requests").map(
      (line) => /end_user="(\w+)"/.exec(line)?.[1],
    );
    expect(customers).toEqual(["acme", "None"]);
  });

  it("names the model of a request that never got to a deployment, unless a client made the name up", () => {
    const { registry, count } = setup();
    const limited = (name: string, modelName: string) =>
      count(
        exampleExchange({ calledAt: 0, failure, group: { name, deployments: [{ modelName }] } }),
        429,
        false,
      );
    limited("gpt", "gpt");
    limited("openai/whatever", "openai/*");
    const models = lines(registry, "litellm_proxy_total").map(
      (line) => /requested_model="([^"]*)"/.exec(line)?.[1],
    );
    expect(models).toEqual(["gpt", "None"]);
  });

  it("never shows a key, even if it is handed one for a hash", () => {
    const { registry, count, deployment } = setup();
    count(
      exampleExchange({ deployment, caller: { kind: "key", user: "", keyHash: "sk-secret" } }),
      200,
      false,
    );
    expect(registry.text()).not.toContain("sk-secret");
  });

  it("leaves out a model that is not to be counted", () => {
    const { registry, count, deployment } = setup();
    const telemetry = { metrics: false, tracing: undefined, logRequests: true, logFrom: 0 };
    count(exampleExchange({ deployment, group: { name: "gpt", telemetry } }), 200, false);
    expect(lines(registry, "litellm_proxy_total_requests")).toEqual([]);
  });

  it("never makes more series than its limit allows, whatever clients choose", () => {
    const text = fc.string({ unit: "binary", maxLength: 8 });
    const request = fc.record({
      model: text,
      customer: text,
      user: text,
      keyAlias: text,
      team: text,
      keyHash: text,
      agentName: text,
      wildcard: fc.boolean(),
      status: fc.integer({ min: 100, max: 999 }),
      failed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 30, maxLength: 60 }), (requests) => {
        const { registry, count, deployment } = setup(8);
        const wildcard = exampleDeployment(registry, "d-w", "openai/*");
        for (const { model, customer, wildcard: wild, status, failed, ...caller } of requests) {
          const facts = { model, customer, caller: { kind: "key", ...caller } satisfies CallerFacts };
          const routed = wild ? { deployment: wildcard, group: { name: model } } : { deployment };
          count(
            exampleExchange({ ...facts, ...routed, failure: failed ? failure : undefined }),
            status,
            false,
          );
        }
        for (const { name, type, labels } of Object.values(metrics)) {
          if (labels.length === 0) continue;
          const limit = type === "histogram" ? 2 : 8;
          const series = lines(registry, type === "histogram" ? `${name}_count{` : `${name}{`).length;
          expect(series).toBeLessThanOrEqual(2 * limit + 1);
        }
        for (const { name } of [ownMetrics.agentRequests, ownMetrics.agentTokens, ownMetrics.agentSpend])
          expect(lines(registry, `${name}{`).length).toBeLessThanOrEqual(2 * 8 + 1);
      }),
      { numRuns: 8 },
    );
  });

  it("says what it costs (printed, not asserted)", () => {
    const { registry, count, deployment } = setup();
    const usage = exampleUsage({ input: 9, output: 3 });
    const group = { name: "gpt" };
    const callers = Array.from({ length: 50 }, (_, index) => ({
      ...exampleCaller,
      keyAlias: `app-${index}`,
    }));
    const exchanges = callers.map((caller) =>
      exampleExchange({ deployment, usage, cost: 1e6, caller, group }),
    );
    const rounds = 4_000;
    const measure = (): number => {
      const begun = performance.now();
      for (let round = 0; round < rounds; round++)
        for (const exchange of exchanges) count(exchange, 200, false);
      return ((performance.now() - begun) * 1000) / (rounds * exchanges.length);
    };
    measure();
    const figure = Math.min(measure(), measure(), measure());
    process.stdout.write(`counting a request: ${figure.toFixed(2)} µs (50 callers, usage and cost)\n`);
    expect(lines(registry, "litellm_spend_metric_total{")).toHaveLength(50);
  });
});

describe("Registry.select", () => {
  it("exposes only the metrics and labels that the document asks for, and always the gateway's own", () => {
    const { registry, count } = setup();
    registry.select(
      new Map([["litellm_proxy_total_requests_metric", new Set(["requested_model", "client_ip"])]]),
    );
    const deployment = exampleDeployment(registry, "d-1");
    count(exampleExchange({ deployment }), 200, false);
    count(exampleExchange({ deployment, caller: { kind: "master", user: "" } }), 500, false);
    expect(lines(registry, "litellm_")).toEqual([
      'litellm_proxy_total_requests_metric_total{requested_model="gpt",client_ip="127.0.0.1"} 2',
    ]);
    expect(lines(registry, "gatewright_upstream_attempts_total")).toHaveLength(3);
  });
});

describe("exposeState", () => {
  it("reads budgets and deployments at a scrape, and forgets what is gone", () => {
    const { registry, deployment } = setup();
    const team = { subject: "team", id: "t-1", alias: "Team One", left: 2.5, max: 10, hoursLeft: 3 } as const;
    const provider = {
      subject: "provider",
      id: "openai",
      alias: "",
      left: 1,
      max: 5,
      hoursLeft: undefined,
    } as const;
    const resting = { ...deployment, state: { restsUntil: performance.now() + 5_000 } };
    let budgets: BudgetState[] = [team, provider];
    exposeState(registry, {
      deployments: () => [{ deployment: resting, requestsPerMinute: 60, tokensPerMinute: undefined }],
      budgets: () => budgets,
      redisUp: () => true,
    });
    const text = registry.text();
    for (const line of [
      'litellm_deployment_state{litellm_model_name="openai/gpt-upstream",model_id="d-1",api_base="https://d-1.example/v1",api_provider="openai"} 2',
      'litellm_deployment_rpm_limit{litellm_model_name="openai/gpt-upstream",model_id="d-1",api_base="https://d-1.example/v1",api_provider="openai"} 60',
      'litellm_remaining_team_budget_metric{team="t-1",team_alias="Team One"} 2.5',
      'litellm_team_max_budget_metric{team="t-1",team_alias="Team One"} 10',
      'litellm_team_budget_remaining_hours_metric{team="t-1",team_alias="Team One"} 3',
      'litellm_provider_remaining_budget_metric{api_provider="openai"} 1',
      "gatewright_redis_up 1",
    ])
      expect(text).toContain(`${line}\n`);
    budgets = [];
    expect(registry.text()).not.toContain("litellm_team_max_budget_metric{");
  });

  it("tells what a provider said is left", () => {
    const { registry, deployment } = setup();
    deployment.metrics
      .series(exampleCaller, { name: "gpt" })
      .noteProviderLimits({ "x-ratelimit-remaining-requests": "59", "x-ratelimit-remaining-tokens": "x" });
    expect(lines(registry, "litellm_remaining_")).toEqual([
      `litellm_remaining_requests_metric{model_group="gpt",api_provider="openai",api_base="https://d-1.example/v1",litellm_model_name="openai/gpt-upstream",${key}} 59`,
    ]);
  });
});

import { type Settings, unsupported } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { DeploymentState } from "../route/deployment-state.ts";
import { strategyNames } from "../route/strategy.ts";
import { type ResourceRoute, type RouteShare, routesOf } from "./route.ts";

function share(id: string, more: Partial<RouteShare> & { readonly region?: string } = {}): RouteShare {
  const { region, ...rest } = more;
  return {
    deployment: {
      id,
      state: new DeploymentState(),
      provider: { title: "OpenAI" },
      tags: [],
      tagPatterns: [],
      spend: [],
      region,
    },
    weight: undefined,
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    order: undefined,
    ...rest,
  };
}

const withRoute = (route: ResourceRoute): Settings => ({
  gatewright: { models: { resource: { model_name: "m", deployments: ["a", "b"], route } } },
});

describe("the settings of a model", () => {
  const settings: Settings = {
    router_settings: { routing_strategy: "least-busy" },
    ...withRoute({ strategy: "latency-based-routing" }),
  };
  const strategy = (name: string, ids: readonly string[], pattern?: string): string =>
    routesOf(settings).group(
      name,
      ids.map((id) => share(id)),
      pattern,
    ).strategy.name;

  it.each<[string, string, readonly string[], string]>([
    ["by the resource's name", "resource", ["a"], "latency-based-routing"],
    ["by the public name", "m", ["x"], "latency-based-routing"],
    ["by the deployments", "openai/gpt", ["a", "b"], "latency-based-routing"],
    ["not where one deployment is another's", "openai/gpt", ["a", "x"], "least-busy"],
    ["not for other groups", "other", ["x"], "least-busy"],
    ["not for a group of nobody", "other", [], "least-busy"],
  ])("are found %s", (_, name, ids, want) => {
    expect(strategy(name, ids)).toBe(want);
  });

  it("are found by the pattern of a wildcard", () => {
    const models = { all: { model_name: "openai/*", route: { strategy: "least-busy" } } };
    const route = routesOf({ gatewright: { models } }).group("openai/gpt", [share("x")], "openai/*");
    expect(route.strategy.name).toBe("least-busy");
  });

  it("an unknown strategy is said, and is simple shuffle", () => {
    const routes = routesOf(withRoute({ strategy: "astrology" }));
    expect(routes.warnings).toEqual([
      'gatewright.models.resource.route.strategy "astrology" is not known: deployments are picked by simple shuffle.',
    ]);
    expect(routes.group("m", [share("a")])).toMatchObject({
      strategy: { name: "simple-shuffle" },
      plain: true,
    });
  });
});

describe("members", () => {
  const members = (settings: Settings, shares: readonly RouteShare[]) =>
    routesOf(settings)
      .group("m", shares)
      .members.map(({ deployment, weight, order }) => [deployment.id, weight, order]);

  it("are sorted by tier, each with weights of its own", () => {
    const shares = [
      share("late", { weight: 7 }),
      share("b", { order: 1, requestsPerMinute: 30 }),
      share("a", { order: 1 }),
      share("c", { order: 2 }),
    ];
    expect(members({}, shares)).toEqual([
      ["b", 30, 1],
      ["a", 0, 1],
      ["c", 1, 2],
      ["late", 7, Number.POSITIVE_INFINITY],
    ]);
    const route = routesOf({}).group("m", shares);
    expect(route.first.map(({ deployment }) => deployment.id)).toEqual(["b", "a"]);
    expect(route.firstSums).toEqual([30, 30]);
  });

  it("have what endpoints and regions add to them", () => {
    const settings = withRoute({
      endpoints: [
        { id: "a", weight: 3, priority: 2 },
        { id: "b", region: "eu" },
        { id: "c", region: "us" },
      ],
      regions: [
        { name: "eu", priority: 1 },
        { name: "us", enabled: false },
      ],
    });
    expect(members(settings, [share("a"), share("b"), share("c"), share("d", { region: "eu" })])).toEqual([
      ["b", 1, 1],
      ["d", 1, 1],
      ["a", 3, 2],
    ]);
  });
});

describe("rules", () => {
  const rules = (settings: Settings) => routesOf(settings).group("m", [share("a")]);

  it("are LiteLLM's when nothing is set", () => {
    expect(rules({})).toMatchObject({
      plain: true,
      preCallChecks: false,
      tags: undefined,
      retry: { retries: 2, byClass: {}, statuses: undefined, backoff: undefined, leastMilliseconds: 0 },
      cooldown: { rule: { kind: "default" }, milliseconds: 5000 },
      fallbacks: { plain: [], configured: false, most: 5 },
      healthCheck: undefined,
    });
  });

  it("are those of a langop model file", () => {
    const route: ResourceRoute = {
      strategy: "latency-based-routing",
      retry: {
        attempts: 5,
        initial_backoff_seconds: 2,
        max_backoff_seconds: 60,
        backoff_multiplier: 1.5,
        status_codes: [429, "503"],
      },
      health_check: { enabled: true, interval_seconds: 15, timeout_seconds: 3, unhealthy_threshold: 4 },
    };
    const policy = { model_group_retry_policy: { m: { RateLimitErrorRetries: 1 } } };
    expect(rules({ ...withRoute(route), router_settings: policy })).toMatchObject({
      retry: {
        retries: 5,
        byClass: {},
        statuses: new Set([429, 503]),
        backoff: { initial: 2000, longest: 60_000, multiplier: 1.5 },
      },
      cooldown: { rule: { kind: "in-row", failures: 4, successes: 2 }, milliseconds: 15_000 },
      healthCheck: {
        intervalMilliseconds: 15_000,
        timeoutMilliseconds: 3000,
        unhealthyThreshold: 4,
        routes: true,
      },
    });
  });

  it.each<[string, Settings, object]>([
    [
      "a check that is off",
      withRoute({ health_check: { enabled: false } }),
      { healthCheck: undefined, cooldown: { rule: { kind: "default" } } },
    ],
    [
      "background checks, which only report",
      { general_settings: { background_health_checks: true } },
      { healthCheck: { intervalMilliseconds: 300_000, unhealthyThreshold: 1, routes: false } },
    ],
    [
      "background checks that route",
      {
        general_settings: {
          background_health_checks: true,
          health_check_interval: 0,
          enable_health_check_routing: true,
        },
      },
      { healthCheck: { intervalMilliseconds: 1000, routes: true } },
    ],
    [
      "litellm_settings.allowed_fails does not choose the rule",
      { litellm_settings: { allowed_fails: 1 } },
      { cooldown: { rule: { kind: "default" } } },
    ],
    [
      "but is the number where a policy does",
      {
        litellm_settings: { allowed_fails: 1 },
        router_settings: { allowed_fails_policy: { TimeoutErrorAllowedFails: 9 } },
      },
      { cooldown: { rule: { kind: "allowed", fails: 1, byClass: { TimeoutError: 9 } } } },
    ],
    ["tags", { router_settings: { enable_tag_filtering: true } }, { plain: false, tags: { matchAny: true } }],
    [
      "pre-call checks",
      { router_settings: { enable_pre_call_checks: true } },
      { plain: false, preCallChecks: true },
    ],
  ])("%s", (_, settings, want) => {
    expect(rules(settings)).toMatchObject(want);
  });
});

it.each(strategyNames)("the support table knows that %s is served", (name) => {
  const origin = { apiVersion: "file", kind: "File", name: "config.yaml" };
  expect(unsupported({ router_settings: { routing_strategy: name } }, { origin })).toEqual([]);
});

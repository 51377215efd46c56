import { type Document, settle } from "@gatewright/litellm";
import { describe, expect, test } from "vitest";
import type { Limit } from "../limit/limit.ts";
import { type LimitedDeployment, type Limits, limitsOf } from "./limit.ts";

function read(document: Document): Limits {
  return limitsOf(settle(document, () => undefined).settings);
}

/** `subject value: unit amount …`, one text a limit. */
function told(limits: readonly Limit[]): string[] {
  return limits.map(
    ({ subject, value, meters }) =>
      `${subject} ${value}: ${meters.map(({ unit, limit }) => `${unit} ${limit}`).join(", ")}`,
  );
}

function deployment(id: string, modelName: string, rpm?: number, tpm?: number): LimitedDeployment {
  return { id, modelName, requestsPerMinute: rpm, tokensPerMinute: tpm };
}

describe("of the whole gateway", () => {
  test("gatewright.limits without a model, and global_max_parallel_requests", () => {
    const { gateway } = read({
      general_settings: { global_max_parallel_requests: 50 },
      gatewright: {
        limits: [
          { name: "all", requests_per_minute: 100, input_tokens_per_minute: 9, output_tokens_per_minute: 8 },
          { name: "size", request_size_megabytes: 3 },
          { name: "one", model: "gpt-4", requests_per_minute: 1 },
        ],
      },
    });
    expect(told(gateway)).toEqual([
      "gateway all requests: requests 100, input 9, output 8",
      "gateway all requests: parallel 50",
    ]);
    expect(gateway[0]?.queue).toEqual({ size: 100, waitMilliseconds: 10_000 });
    expect(gateway[1]?.queue).toBeUndefined();
  });

  test("algorithm, burst and queue as written; names that come again count apart", () => {
    const { gateway } = read({
      gatewright: {
        limits: [
          { name: "a", requests_per_minute: 60, algorithm: "gcra", queue: { size: 0 } },
          { name: "a", requests_per_minute: 60, algorithm: "gcra", burst: 20, queue: { wait_seconds: 2.5 } },
        ],
      },
    });
    const meters = gateway.flatMap((limit) => limit.meters);
    expect(meters.map(({ kind, burst, key }) => [kind, burst, key])).toEqual([
      ["gcra", 6, "limit:a:requests:gcra"],
      ["gcra", 20, "limit:a#2:requests:gcra"],
    ]);
    expect(gateway.map(({ queue }) => queue)).toEqual([undefined, { size: 100, waitMilliseconds: 2_500 }]);
  });
});

describe("of a group", () => {
  const langop = {
    router_settings: { optional_pre_call_checks: ["enforce_model_rate_limits"] },
    gatewright: {
      limits: [
        { name: "fast", model: "fast", requests_per_minute: 60 },
        { name: "slots", model: "other", parallel_requests: 4 },
        { name: "single", deployment: "b", requests_per_minute: 5 },
      ],
      models: {
        fast: { model_name: "gpt-4o", deployments: ["a", "b"] },
        cheap: { model_name: "gpt-4o", deployments: ["c"] },
        other: { model_name: "claude" },
      },
    },
  };

  test.each([
    {
      name: "endpoints of one model share its limit; one of them has another",
      deployments: [deployment("a", "gpt-4o", 60), deployment("b", "gpt-4o", 60)],
      shared: ["model_group fast: requests 60"],
      own: { b: ["deployment b: requests 5"] },
    },
    {
      name: "a name that two models have: each keeps to its own deployments",
      deployments: [deployment("a", "gpt-4o", 60), deployment("c", "gpt-4o", 7, 700)],
      shared: [],
      own: {
        a: ["model_group fast: requests 60"],
        c: ["deployment gpt-4o: requests 7, tokens 700"],
      },
    },
    {
      name: "a limit without rates leaves the deployment's own rates to be enforced",
      deployments: [deployment("d", "claude", 9)],
      shared: ["model_group other: parallel 4", "deployment claude: requests 9"],
      own: {},
    },
    { name: "nothing", deployments: [deployment("e", "mistral")], shared: [], own: {} },
    { name: "no deployments", deployments: [], shared: [], own: {} },
  ])("$name", ({ deployments, shared, own }) => {
    const limits = read(langop).ofGroup(deployments);
    expect(told(limits.shared)).toEqual(shared);
    expect(Object.fromEntries([...limits.own].map(([id, list]) => [id, told(list)]))).toEqual(own);
  });

  test("by model name, where no resource has the name; rates are weights without the check", () => {
    const limits = read({ gatewright: { limits: [{ name: "l", model: "gpt-4", tokens_per_minute: 10 }] } });
    expect(told(limits.ofGroup([deployment("a", "gpt-4", 5)]).shared)).toEqual([
      "model_group gpt-4: tokens 10",
    ]);
    expect(told(limits.ofGroup([deployment("a", "gpt-5", 5)]).shared)).toEqual([]);
  });

  test("one counter for a model, by whichever name and snapshot it is reached", () => {
    const key = (limits: Limits, ...ids: string[]): string | undefined =>
      limits.ofGroup(ids.map((id) => deployment(id, "gpt-4o"))).shared[0]?.meters[0]?.key;
    const limits = read(langop);
    expect(key(limits, "a", "b")).toBe(key(limits, "a"));
    expect(key(limits, "a")).toBe(key(read(langop), "a"));
  });
});

describe("of agents", () => {
  const limits = read({
    gatewright: {
      agents: [{ id: "uid-1", name: "fast" }],
      limits: [
        { name: "fast", agent: "uid-1", requests_per_minute: 5, queue: { size: 0 } },
        { name: "fast", model: "fast", requests_per_minute: 60 },
        { name: "stranger", agent: "uid-2", model: "fast", parallel_requests: 2 },
      ],
    },
  });

  test("each its own, called by its name where that is known, and no model's nor the gateway's", () => {
    expect(told(limits.ofAgent("uid-1"))).toEqual(["agent fast: requests 5"]);
    expect(told(limits.ofAgent("uid-2"))).toEqual(["agent uid-2: parallel 2"]);
    expect(told(limits.ofAgent("uid-3"))).toEqual([]);
    expect(told(limits.gateway)).toEqual([]);
    expect(told(limits.ofGroup([deployment("a", "fast")]).shared)).toEqual(["model_group fast: requests 60"]);
  });

  test("an agent that comes or goes leaves the counter of a model of its name alone", () => {
    const counters = (limits: Limits): (string | undefined)[] =>
      limits.ofGroup([deployment("a", "fast")]).shared.map((limit) => limit.meters[0]?.key);
    const without = read({
      gatewright: { limits: [{ name: "fast", model: "fast", requests_per_minute: 60 }] },
    });
    expect(counters(limits)).toEqual(counters(without));
  });
});

describe("of accounts", () => {
  const document = {
    general_settings: { max_parallel_requests: 3, token_rate_limit_type: "output" },
    gatewright: {
      keys: [
        { key: "sk-1", key_alias: "ci", rpm_limit: 10, tpm_limit: 100, user_id: "ann", team_id: "core" },
        { key: "sk-2", key_alias: "free", max_parallel_requests: 8 },
      ],
      users: [{ user_id: "ann", tpm_limit: 500 }],
      teams: [{ team_id: "core", rpm_limit: 20 }],
      customers: [{ user_id: "acme", rpm_limit: 2 }],
    },
  };
  const { settings } = settle(document, () => undefined);
  const limits = limitsOf(settings);
  const [ci, free] = settings.gatewright?.keys ?? [];

  test.each([
    {
      name: "a key, its user, its team; slots by default; the kind of tokens that count",
      limits: limits.ofKey(ci!, "88dc28"),
      want: [
        "api_key 88dc28: requests 10, output 100, parallel 3",
        "user ann: output 500",
        "team core: requests 20",
      ],
    },
    { name: "a key's own slots", limits: limits.ofKey(free!, "1f"), want: ["api_key 1f: parallel 8"] },
    {
      name: "an agent",
      limits: limits.ofAgent("ann"),
      want: ["agent ann: parallel 3", "user ann: output 500"],
    },
    { name: "a customer", limits: limits.ofCustomer("acme"), want: ["end_user acme: requests 2"] },
    { name: "a customer nobody knows", limits: limits.ofCustomer("constructor"), want: [] },
  ])("$name", ({ limits, want }) => {
    expect(told(limits)).toEqual(want);
    expect(limits.every(({ queue }) => queue === undefined)).toBe(true);
  });

  test("metrics call keys by their alias", () => {
    expect(limits.ofKey(ci!, "88dc28").map(({ name }) => name)).toEqual(["ci", "ann", "core"]);
  });
});

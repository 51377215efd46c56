import { tokenUsage } from "@gatewright/call";
import { settle } from "@gatewright/litellm";
import { providerNamed } from "@gatewright/providers";
import { manualClock } from "@gatewright/testkit";
import { describe, expect, it } from "vitest";
import { type Price, priceOf } from "../budget/price.ts";
import { SpendMeters } from "../budget/spend-meters.ts";
import { type Budgets, budgetsOf, groupBudgetOf } from "../snapshot/budget.ts";
import {
  addSpend,
  type BudgetedExchange,
  checkBudgets,
  costOfExchange,
  type PricedDeployment,
  reserveDeployment,
  usageOfExchange,
} from "./budget.ts";

type Json = Parameters<typeof settle>[0];

const clock = manualClock(Date.UTC(2026, 10, 28, 12));
const openai = providerNamed("openai");
if (openai === undefined) throw new Error("no openai");

function metersOfTest(): SpendMeters {
  return new SpendMeters({ now: () => clock.monotonic(), epoch: () => clock.now() });
}

function budgets(document: Json, meters = metersOfTest()): Budgets {
  return budgetsOf(settle(document, () => undefined).settings, meters);
}

function priced(input: number, output: number): Price {
  const found = priceOf({
    parameters: { input_cost_per_token: input, output_cost_per_token: output },
    information: {},
    provider: "openai",
    model: "m",
    baseModel: undefined,
    table: undefined,
    adjustment: { discount: 0, marginShare: 0, marginFixed: 0 },
    epoch: 0,
  });
  if (found === undefined) throw new Error("no price");
  return found;
}

/** A token costs a dollar. */
const dear: PricedDeployment = { price: priced(1, 1), spend: [] };
const free: PricedDeployment = { price: priced(0, 0), spend: [] };

const used = tokenUsage(1, 1);

interface Options {
  readonly deployment?: PricedDeployment;
  readonly customer?: string;
  readonly tags?: readonly string[];
  readonly caller?: Partial<BudgetedExchange["caller"]>;
}

type Exchange = { -readonly [K in keyof BudgetedExchange]: BudgetedExchange[K] };

function exchange(
  of: Budgets,
  { deployment = dear, customer = "", tags = [], caller = {} }: Options = {},
): Exchange {
  return {
    caller: { spend: [], tags: [], ...caller },
    customer,
    controls: { tags },
    fields: {},
    estimate: { input: 1, output: 1 },
    group: { budget: groupBudgetOf([deployment.price]) },
    snapshot: { budgets: of },
    deployment: undefined,
    usage: undefined,
    cacheHit: false,
    cost: 0,
    spendMeters: [],
    reserved: 0,
    serviceTier: undefined,
    reservedDeployment: undefined,
  };
}

/** The answer to one whole request: undefined when it was let through (and cost two dollars). */
function request(of: Budgets, options: Options = {}): { type: unknown; message: unknown } | undefined {
  const now = clock.monotonic();
  const one = exchange(of, options);
  const error = checkBudgets(one, now);
  if (error !== undefined) {
    expect(error.status).toBe(429);
    addSpend(one, now);
    return (error.body as { error: { type: string; message: string } }).error;
  }
  const { deployment = dear } = options;
  reserveDeployment(one, deployment, now);
  one.deployment = deployment;
  one.usage = used;
  addSpend(one, now);
  return undefined;
}

function messages(of: Budgets, count: number, options: Options = {}): unknown[] {
  return Array.from({ length: count }, () => request(of, options)?.message);
}

const key = (max_budget?: number): never =>
  ({ key_alias: "ci", ...(max_budget === undefined ? {} : { max_budget }) }) as never;

describe("checkBudgets", () => {
  it.each<[string, Json, Options & { names?: object }, unknown[]]>([
    [
      "the gateway above its budget",
      { litellm_settings: { max_budget: 2 } },
      {},
      [undefined, undefined, "Budget has been exceeded! Current cost: 4, Max budget: 2"],
    ],
    [
      "nothing when the gateway's budget is 0",
      { litellm_settings: { max_budget: 0 } },
      {},
      [undefined, undefined],
    ],
    [
      "a key at its budget",
      {},
      { names: { key: { settings: key(2), hash: "00ff" } } },
      [undefined, "Budget has been exceeded! key=ci Current cost: 2, Max budget: 2"],
    ],
    [
      "a team above its budget",
      { gatewright: { teams: [{ team_id: "t", max_budget: 2 }] } },
      { names: { team: "t", user: "u" } },
      [undefined, undefined, "Budget has been exceeded! team=t Current cost: 4, Max budget: 2"],
    ],
    [
      "a user above their budget",
      { gatewright: { users: [{ user_id: "u", max_budget: 1.5 }] } },
      { names: { user: "u" } },
      [undefined, "ExceededBudget: user=u over budget. Spend: 2, Budget: 1.5"],
    ],
    [
      "no user whose key belongs to a team",
      { gatewright: { users: [{ user_id: "u", max_budget: 0.1 }] } },
      { names: { team: "t", user: "u" } },
      [undefined, undefined],
    ],
    [
      "a customer above their own budget",
      { gatewright: { customers: [{ user_id: "c", max_budget: 1 }] } },
      { customer: "c" },
      [undefined, "ExceededBudget: end user=c over budget. Spend: 2, Budget: 1"],
    ],
    [
      "a customer above everybody's",
      { litellm_settings: { max_end_user_budget: 1 } },
      { customer: "x" },
      [undefined, "ExceededBudget: end user=x over budget. Spend: 2, Budget: 1"],
    ],
    [
      "no customer whose costs are not kept",
      { litellm_settings: { max_end_user_budget: 1, disable_end_user_cost_tracking: true } },
      { customer: "x" },
      [undefined, undefined],
    ],
    [
      "a tag above its budget, charged once",
      { litellm_settings: { tag_budget_config: { a: { max_budget: 2 } } } },
      { tags: ["b", "a"], caller: { tags: ["a"] } },
      [undefined, undefined, "Budget has been exceeded! tag=a Current cost: 4, Max budget: 2"],
    ],
    [
      "nothing for a model that is free",
      { litellm_settings: { tag_budget_config: { a: { max_budget: -1 } }, max_budget: 0.000001 } },
      { deployment: free },
      [undefined, undefined],
    ],
  ])("refuses %s", (_, document, { names, ...options }, want) => {
    const of = budgets(document);
    const spend = of.callerMeters(names ?? {});
    expect(messages(of, want.length, { ...options, caller: { spend, ...options.caller } })).toEqual(want);
  });

  it("does not check a free model, though others have spent the budget", () => {
    const of = budgets({ litellm_settings: { max_budget: 1 } });
    expect(messages(of, 2)[1]).toMatch(/exceeded/);
    expect(request(of, { deployment: free })).toBeUndefined();
  });

  it("counts what is under way, and only until it ends", () => {
    const of = budgets({ litellm_settings: { max_budget: 5 } });
    const [first, second, third] = [exchange(of), exchange(of), exchange(of)];
    expect([first, second, third].map((one) => checkBudgets(one, 0)?.status)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(checkBudgets(exchange(of), 0)?.status).toBe(429);
    addSpend(first, 0);
    addSpend(second, 0);
    expect(of.global?.spent).toBe(0n);
    expect(checkBudgets(exchange(of), 0)?.status).toBeUndefined();
  });

  it("starts anew with the window", async () => {
    const of = budgets({ litellm_settings: { max_budget: 1, budget_duration: "1d" } });
    expect(messages(of, 2)[1]).toMatch(/exceeded/);
    await clock.advance(24 * 3_600_000);
    expect(request(of)).toBeUndefined();
  });

  it("remembers across reloads", () => {
    const meters = metersOfTest();
    const document = { litellm_settings: { max_budget: 1 } };
    expect(request(budgets(document, meters))).toBeUndefined();
    expect(request(budgets(document, meters))?.type).toBe("budget_exceeded");
  });
});

describe("usageOfExchange", () => {
  const answered: Parameters<typeof usageOfExchange>[0] = {
    operation: "chat",
    usageText: '{"prompt_tokens":9,"completion_tokens":3}',
    estimate: { input: 50 },
    firstByteAt: 1,
    stream: false,
    sentBytes: 1000,
    cacheHit: false,
  };
  it.each<[string, Partial<typeof answered>, unknown]>([
    ["what the upstream says", {}, [9, 3, false]],
    ["an estimate of an answer that does not say", { usageText: undefined }, [50, 250, true]],
    ["an estimate of a stream that was cut", { usageText: undefined, stream: true }, [50, 5, true]],
    ["an estimate instead of garbage", { usageText: "{" }, [50, 250, true]],
    ["nothing of an answer from the cache", { cacheHit: true }, undefined],
    ["nothing without an answer", { usageText: undefined, firstByteAt: 0, sentBytes: 90 }, undefined],
  ])("is %s", (_, fields, want) => {
    const usage = usageOfExchange({ ...answered, ...fields });
    expect(usage && [usage.input, usage.output, usage.estimated]).toEqual(want);
  });

  it("takes no bytes of sounds for tokens of an answer", () => {
    const sound = { ...answered, operation: "speech" as const, usageText: undefined, sentBytes: 40_000 };
    expect(usageOfExchange(sound)).toMatchObject({ output: 0, estimated: true });
  });
});

describe("addSpend", () => {
  it.each<[string, Partial<Exchange>, number]>([
    ["the usage of the answer", { deployment: dear, usage: used }, 2e12],
    ["nothing from the cache", { deployment: dear, usage: used, cacheHit: true }, 0],
    ["nothing without an answer", { deployment: dear }, 0],
    ["nothing without a price", { deployment: { spend: [] }, usage: used }, 0],
    ["nothing without a deployment", { usage: used }, 0],
  ])("charges %s", (_, fields, want) => {
    const of = budgets({ litellm_settings: { max_budget: 10 } });
    const one = Object.assign(exchange(of), fields);
    expect(checkBudgets(one, 0)).toBeUndefined();
    expect(costOfExchange(one)).toBe(want);
    addSpend(one, 0);
    expect([one.cost, of.global?.spent, of.global?.reserved]).toEqual([want, BigInt(want), 0]);
  });

  it("charges the deployment that answered, and frees the one tried before", () => {
    const of = budgets({
      router_settings: { provider_budget_config: { openai: { budget_limit: 100, time_period: "1d" } } },
    });
    const tried = { price: dear.price, spend: of.deploymentMeters("a", openai, { max_budget: 5 }) };
    const answered = { price: dear.price, spend: of.deploymentMeters("b", openai, {}) };
    const one = exchange(of);
    checkBudgets(one, 0);
    reserveDeployment(one, tried, 0);
    expect(tried.spend.map(({ id, reserved }) => [id, reserved])).toEqual([
      ["deployment:a", 2e12],
      ["provider:openai", 2e12],
    ]);
    reserveDeployment(one, answered, 0);
    one.deployment = answered;
    one.usage = used;
    addSpend(one, 0);
    expect(tried.spend.map(({ spent, reserved }) => [spent, reserved])).toEqual([
      [0n, 0],
      [2_000_000_000_000n, 0],
    ]);
    expect(answered.spend).toEqual([tried.spend[1]]);
  });
});

describe("budgetsOf", () => {
  it.each([
    ["both spellings", { budget_limit: 3, time_period: "1d" }, 3],
    ["the other spelling", { max_budget: 4, budget_duration: "1d" }, 4],
  ])("reads a provider's budget in %s, and trips at it", (_, config, limit) => {
    const of = budgets({ router_settings: { provider_budget_config: { openai: config } } });
    const [meter] = of.deploymentMeters("a", openai, {});
    expect([meter?.limit, meter?.resetsAt !== undefined]).toEqual([limit, true]);
    meter?.add(limit * 1e12, 0);
    expect(meter?.crossed(0)).toBe(true);
  });

  it("warns once of a duration or a time zone that is none", () => {
    const of = budgets({
      litellm_settings: { max_budget: 1, budget_duration: "monthly", timezone: "Mars/Olympus" },
    });
    of.deploymentMeters("a", openai, { max_budget: 1, budget_duration: "soon" });
    of.deploymentMeters("a", openai, { max_budget: 1, budget_duration: "soon" });
    expect(of.warnings).toEqual([
      expect.stringContaining("Mars/Olympus"),
      expect.stringContaining('litellm_settings.max_budget: the budget\'s duration "monthly"'),
      expect.stringContaining('deployment a: the budget\'s duration "soon"'),
    ]);
    expect(of.global?.resetsAt).toBeUndefined();
  });

  it("keeps the spend of a key without a budget", () => {
    const of = budgets({});
    const spend = of.callerMeters({ key: { settings: key(), hash: "00ff" } });
    expect(spend.map(({ id, name, limit }) => [id, name, limit])).toEqual([["key:00ff", "ci", undefined]]);
    expect(request(of, { caller: { spend } })).toBeUndefined();
    expect(spend[0]?.spent).toBe(2_000_000_000_000n);
  });

  it("costs little per request", () => {
    const of = budgets({});
    const spend = [
      ...of.callerMeters({ key: { settings: key(1e9), hash: "00ff" } }),
      ...of.deploymentMeters("a", openai, { max_budget: 1e9 }),
    ];
    const one = exchange(of, { caller: { spend } });
    one.deployment = dear;
    one.usage = used;
    const times = 200_000;
    const before = process.cpuUsage();
    for (let index = 0; index < times; index++) {
      checkBudgets(one, index);
      addSpend(one, index);
    }
    const { user, system } = process.cpuUsage(before);
    // Printed, not asserted: machines differ.
    process.stdout.write(`checkBudgets + addSpend, 2 meters: ${((user + system) / times).toFixed(2)} µs\n`);
    expect(one.cost).toBe(2e12);
  });
});

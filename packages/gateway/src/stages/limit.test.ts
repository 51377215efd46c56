import type { ApiError } from "@gatewright/litellm";
import { manualClock } from "@gatewright/testkit";
import { describe, expect, test } from "vitest";
import { type Limit, type LimitOptions, limitOf } from "../limit/limit.ts";
import { limiterEvents, showDepths } from "../limit/limit-metrics.ts";
import { Limiter } from "../limit/limiter.ts";
import { LocalLedger } from "../limit/local-ledger.ts";
import { rateLimitHeaders } from "../limit/rate-limit-headers.ts";
import { Registry } from "../telemetry/registry.ts";
import { type LimitedExchange, limitStage } from "./limit.ts";

function limit(options: Partial<LimitOptions>): Limit {
  const subject = options.subject ?? "api_key";
  return limitOf({ id: subject, name: `the ${subject}`, subject, value: "88dc28", ...options })!;
}

function stage() {
  const clock = manualClock();
  const registry = new Registry();
  const limiter = new Limiter(
    new LocalLedger(() => clock.monotonic()),
    {
      now: () => clock.monotonic(),
      after: (milliseconds, run) => ({ cancel: clock.after(milliseconds, run) }),
      random: () => 0,
    },
    limiterEvents(registry),
  );
  showDepths(registry, limiter);
  const { limit: take, settleLimits } = limitStage<LimitedExchange>(limiter, {
    now: () => clock.monotonic(),
    epoch: () => clock.now(),
  });
  const send = (parts: Partial<LimitedExchange> & { readonly limits?: readonly Limit[] }) => {
    let error: ApiError | undefined;
    let passed = false;
    const exchange: LimitedExchange = {
      operation: "chat",
      snapshot: { limits: [], customerLimits: () => [] },
      caller: { user: "", keyHash: "88dc28", limits: parts.limits ?? [] },
      customer: "",
      group: { limits: [] },
      estimate: { input: 10, output: 20 },
      usage: undefined,
      cacheHit: false,
      failure: undefined,
      calledAt: 0,
      over: false,
      fail: (failure) => (error = failure),
      grant: undefined,
      application: undefined,
      queuedMilliseconds: 0,
      refusal: undefined,
      ...parts,
    };
    take(exchange, () => (passed = true));
    return {
      exchange,
      get error() {
        return error;
      },
      get passed() {
        return passed;
      },
      end: (how: Partial<LimitedExchange> = {}) => settleLimits(Object.assign(exchange, how)),
    };
  };
  return { clock, registry, send };
}

describe("the limit stage", () => {
  test("takes from gateway, group, caller and customer", () => {
    const { send } = stage();
    const customers: string[] = [];
    const { exchange, passed } = send({
      snapshot: {
        limits: [limit({ subject: "gateway", parallel: 9 })],
        customerLimits: (id) => {
          customers.push(id);
          return [limit({ subject: "end_user", requests: 5 })];
        },
      },
      group: { limits: [limit({ subject: "model_group", tokens: 100 })] },
      caller: { user: "", keyHash: "88dc28", limits: [limit({ requests: 3 })] },
      customer: "acme",
    });
    expect(passed).toBe(true);
    expect(customers).toEqual(["acme"]);
    expect(exchange.grant?.charges.map(({ meter }) => meter.owner.subject)).toEqual([
      "gateway",
      "model_group",
      "api_key",
      "end_user",
    ]);
    // What LiteLLM has no word for is not told.
    const headers = rateLimitHeaders(exchange.grant!);
    expect(headers.match(/(?<=: )\d+/g)).toEqual(["3", "2", "5", "4"]);
  });

  test("without limits there is no grant", () => {
    const { send } = stage();
    const { exchange, passed } = send({});
    expect([passed, exchange.grant, exchange.application]).toEqual([true, undefined, undefined]);
  });

  test("refuses with what LiteLLM's clients read, and counts it", async () => {
    const { clock, registry, send } = stage();
    const limits = [limit({ requests: 1 })];
    send({ limits });
    await clock.advance(1_000);
    const { error, passed } = send({ limits });
    expect(passed).toBe(false);
    expect(error?.status).toBe(429);
    expect(error?.headers).toMatchObject({ "retry-after": "59", rate_limit_type: "requests" });
    expect(error?.headers?.["reset_at"]).toBe("2026-01-01 00:01:00 UTC");
    expect(registry.text()).toContain(
      'gatewright_limit_hits_total{limit="the api_key",subject="api_key",type="requests"} 1',
    );
  });

  test("waits in the queue, and tells for how long", async () => {
    const { clock, registry, send } = stage();
    const limits = [
      limit({ subject: "model_group", parallel: 1, queue: { size: 5, waitMilliseconds: 10_000 } }),
    ];
    const first = send({ limits });
    const second = send({ limits });
    expect(registry.text()).toContain('gatewright_limit_queue_depth{limit="the model_group"} 1');
    await clock.advance(750);
    first.end();
    expect(second.passed).toBe(true);
    expect(second.exchange.queuedMilliseconds).toBe(750);
    expect(registry.text()).toContain(
      'gatewright_limit_queue_wait_seconds_bucket{limit="the model_group",le="1.0"} 1',
    );
    expect(registry.text()).not.toContain("gatewright_limit_queue_depth{");
  });

  test("a client that goes away while it waits leaves the queue and takes nothing", () => {
    const { send } = stage();
    const limits = [limit({ parallel: 1, queue: { size: 1, waitMilliseconds: 10_000 } })];
    const first = send({ limits });
    const gone = send({ limits });
    gone.end();
    const third = send({ limits });
    first.end();
    expect([gone.passed, third.passed]).toEqual([false, true]);
  });

  const usage = { input: 30, output: 15, cachedInput: 25 };
  test.each([
    { name: "what was used, but for cached prompt tokens", how: { calledAt: 1, usage }, left: 80 },
    { name: "nothing from the cache", how: { cacheHit: true, usage }, left: 100 },
    { name: "nothing when no upstream was called", how: {}, left: 100 },
    { name: "nothing of a failure", how: { calledAt: 1, failure: {} as ApiError }, left: 100 },
    {
      name: "the estimate, when the client left in the middle and nobody knows",
      how: { calledAt: 1 },
      left: 70,
    },
  ])("counts $name", ({ how, left }) => {
    const { send } = stage();
    const limits = [limit({ tokens: 100 })];
    const first = send({ limits });
    first.end(how);
    first.end(how);
    const next = send({ limits, estimate: { input: 0, output: 0 } });
    expect(next.exchange.grant?.charges[0]?.remaining).toBe(left);
  });
});

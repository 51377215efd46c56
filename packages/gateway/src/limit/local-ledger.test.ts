import { describe, expect, test } from "vitest";
import { type Answer, type Grant, noTokens, type Refusal } from "./ledger.ts";
import { type Limit, type LimitOptions, limitOf } from "./limit.ts";
import { LocalLedger } from "./local-ledger.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";
import { refusalError } from "./refusal-error.ts";

function limit(options: Partial<LimitOptions>): Limit {
  return limitOf({ id: "key:1", name: "team-a", subject: "api_key", value: "88dc28", ...options })!;
}

/** A ledger with a clock that the test sets. */
function stage(remembered?: number) {
  const clock = { now: 0 };
  const ledger = new LocalLedger(() => clock.now, remembered);
  const take = (limits: readonly (readonly Limit[])[], input = 0, output = 0): Answer => {
    let given: Answer | undefined;
    ledger.take({ limits, input, output, answered: (answer) => (given = answer) });
    return given!;
  };
  return { clock, ledger, take };
}

const granted = (answer: Answer): Grant => {
  expect(answer.kind).toBe("grant");
  return answer as Grant;
};
const refused = (answer: Answer): Refusal => {
  expect(answer.kind).toBe("refusal");
  return answer as Refusal;
};

describe("taking", () => {
  test("from all counters or from none", () => {
    const { ledger, take } = stage();
    const wide = limit({ id: "gateway", subject: "gateway", requests: 10, parallel: 1 });
    const own = limit({ requests: 2, tokens: 100 });
    const first = granted(take([[wide], [own]], 60, 0));
    const refusal = refused(take([[wide], [own]], 60, 0));
    expect(refusal.meter.unit).toBe("tokens");
    ledger.settle(first, noTokens);
    const second = granted(take([[wide], [own]], 60, 0));
    expect(second.charges.map(({ remaining }) => remaining)).toEqual([8, 0, 0, 40]);
  });

  test("a limit of 2 lets exactly 2 through until the window of the first hit is over", () => {
    const { clock, take } = stage();
    const limits = [[limit({ requests: 2 })]];
    clock.now = 5_000;
    granted(take(limits));
    clock.now = 20_000;
    granted(take(limits));
    const refusal = refused(take(limits));
    expect(refusal.againAt).toBe(65_000);
    clock.now = 65_000;
    granted(take(limits));
  });

  test("a window leaves slots alone; a slot is let go of once only", () => {
    const { clock, ledger, take } = stage();
    const limits = [[limit({ parallel: 2 })]];
    const one = granted(take(limits));
    granted(take(limits));
    clock.now = 600_000;
    expect(refused(take(limits)).againAt).toBeUndefined();
    ledger.settle(one, undefined);
    ledger.settle(one, undefined);
    granted(take(limits));
    refused(take(limits));
  });

  test("no extra token is charged, and a request that expects none needs one to be left", () => {
    const { take } = stage();
    const limits = [[limit({ tokens: 20 })]];
    expect(granted(take(limits, 12, 0)).charges[0]?.remaining).toBe(8);
    expect(granted(take(limits, 0, 8)).charges[0]?.remaining).toBe(0);
    refused(take(limits, 0, 0));
  });

  test("a request that expects more than the limit has the whole minute to itself", () => {
    const { clock, take } = stage();
    const limits = [[limit({ tokens: 20 })]];
    granted(take(limits, 500, 0));
    refused(take(limits, 1, 0));
    clock.now = 60_000;
    granted(take(limits, 1, 0));
    refused(take(limits, 500, 0));
  });

  test.each([
    { unit: "tokens", options: { tokens: 100 }, left: 70 },
    { unit: "input", options: { inputTokens: 100 }, left: 90 },
    { unit: "output", options: { outputTokens: 100 }, left: 80 },
  ])("$unit are settled by what was used", ({ options, left }) => {
    const { ledger, take } = stage();
    const limits = [[limit(options)]];
    const grant = granted(take(limits, 40, 40));
    ledger.settle(grant, { input: 10, output: 20 });
    expect(granted(take(limits, 0, 0)).charges[0]?.remaining).toBe(left);
  });

  test("of two refusals, the one that nothing waits for is told, else the longer one", () => {
    const { take } = stage();
    const queue = { size: 1, waitMilliseconds: 1 };
    const patient = limit({ id: "a", requests: 0, queue });
    const strict = limit({ id: "b", parallel: 0 });
    expect(refused(take([[patient], [strict]])).meter.owner.id).toBe("b");
    expect(refused(take([[strict], [patient]])).meter.owner.id).toBe("b");
  });
});

describe("shares", () => {
  test.each([
    { replicas: 1, requests: 10, admitted: 10 },
    { replicas: 4, requests: 10, admitted: 2 },
    { replicas: 4, requests: 3, admitted: 1 },
    { replicas: 4, requests: 0, admitted: 0 },
  ])("of $requests, one of $replicas replicas admits $admitted", ({ replicas, requests, admitted }) => {
    const { ledger, take } = stage();
    ledger.replicas = replicas;
    const limits = [[limit({ requests })]];
    const answers = Array.from({ length: 20 }, () => take(limits).kind);
    expect(answers.filter((kind) => kind === "grant")).toHaveLength(admitted);
  });

  test("change at once with the number of replicas", () => {
    const { ledger, take } = stage();
    const limits = [[limit({ parallel: 4 })]];
    ledger.replicas = 4;
    granted(take(limits));
    refused(take(limits));
    ledger.replicas = 2;
    granted(take(limits));
    refused(take(limits));
  });
});

test("memory is bounded: idle counters go first, then the oldest, slots never", () => {
  const { clock, take } = stage(10);
  const slots = [[limit({ id: "slots", parallel: 1 })]];
  const first = [[limit({ id: "first", requests: 1 })]];
  granted(take(slots));
  granted(take(first));
  for (let index = 0; index < 8; index++) granted(take([[limit({ id: `customer-${index}`, requests: 1 })]]));
  refused(take(first));
  granted(take([[limit({ id: "one more", requests: 1 })]]));
  refused(take(slots));
  // Forgotten in the middle of its minute: it starts again.
  granted(take(first));
  clock.now = 60_000;
  for (let index = 0; index < 8; index++) granted(take([[limit({ id: `other-${index}`, requests: 1 })]]));
  refused(take(slots));
});

describe("answers", () => {
  test("headers tell limit and remaining, of the first of a name", () => {
    const { take } = stage();
    const own = limit({ requests: 5, inputTokens: 50, outputTokens: 70, parallel: 3 });
    const team = limit({ id: "team:1", subject: "team", tokens: 100 });
    expect(rateLimitHeaders(granted(take([[own], [team]], 7, 7))).split("\r\n")).toEqual([
      ...["x-ratelimit-api_key-limit-requests: 5", "x-ratelimit-api_key-remaining-requests: 4"],
      ...["x-ratelimit-api_key-limit-tokens: 50", "x-ratelimit-api_key-remaining-tokens: 43"],
      "x-ratelimit-api_key-limit-max_parallel_requests: 3",
      "x-ratelimit-api_key-remaining-max_parallel_requests: 2",
      ...["x-ratelimit-team-limit-tokens: 100", "x-ratelimit-team-remaining-tokens: 86"],
      "",
    ]);
  });

  test.each([
    {
      name: "requests: what is left of the window",
      options: { requests: 1 },
      status:
        "Rate limit exceeded for api_key: 88dc28. Limit type: requests. Current limit: 1, Remaining: 0. Limit resets at: 2026-11-21 04:47:07 UTC",
      headers: { "retry-after": "43", rate_limit_type: "requests", reset_at: "2026-11-21 04:47:07 UTC" },
    },
    {
      name: "requests at once: nobody knows, so a second",
      options: { parallel: 1 },
      status: "max_parallel_requests. Current limit: 1, Remaining: 0.",
      headers: { "retry-after": "1", rate_limit_type: "max_parallel_requests" },
    },
    {
      name: "a deployment's own rate",
      options: { subject: "deployment" as const, value: "gpt-4", requests: 1 },
      status: "Model rate limit exceeded for gpt-4",
      headers: { "retry-after": "43", "llm_provider-retry-after": "43" },
    },
  ])("refusals: $name", ({ options, status, headers }) => {
    const { clock, take } = stage();
    const limits = [[limit(options)]];
    granted(take(limits));
    clock.now = 17_500;
    const epoch = Date.UTC(2026, 10, 21, 4, 46, 24, 700);
    const error = refusalError(refused(take(limits)), clock.now, epoch);
    expect(error.status).toBe(429);
    expect(JSON.stringify(error.body)).toContain(status);
    expect(error.headers).toMatchObject(headers);
  });
});

import { describe, expect, it } from "vitest";
import { type Reply, type Simulated, Simulation } from "./simulation.ts";

const one = (reply: Simulated["reply"], more: Partial<Simulated> = {}): readonly Simulated[] => [
  { id: "a", group: "m", reply: reply ?? (() => ({})), ...more },
];
const two = (reply: Simulated["reply"], more: Partial<Simulated> = {}): readonly Simulated[] => [
  ...one(reply, { ...more, weight: 1 }),
  { id: "b", group: "m", weight: 0 },
];
const fails =
  (status: number, more: Partial<Reply> = {}) =>
  (): Reply => ({ status, ...more });
const quick = { num_retries: 0 };

/** How long `a` rests after so many requests, milliseconds; 0: it does not. */
function rest(router: object, deployments: readonly Simulated[], requests = 1, more: object = {}): number {
  const simulation = new Simulation({ router_settings: { ...quick, ...router }, ...more }, deployments);
  for (let request = 0; request < requests; request++) simulation.serve();
  return Math.max(0, simulation.state("a").restsUntil - simulation.time);
}

describe("the default rule", () => {
  it.each<[string, readonly Simulated[], number, number]>([
    ["429 with others", two(fails(429)), 1, 5000],
    ["429 alone", one(fails(429)), 1, 0],
    ["401 alone", one(fails(401)), 1, 5000],
    ["404 alone", one(fails(404)), 1, 5000],
    ["408 alone", one(fails(408, { kind: "timeout" })), 1, 5000],
    ["400", two(fails(400)), 20, 0],
    ["403", two(fails(403)), 20, 0],
    ["422", two(fails(422)), 20, 0],
    ["connection errors", two(fails(500, { kind: "connection" })), 20, 0],
    ["four failures of four", two(fails(500)), 4, 0],
    ["five failures of five", two(fails(500)), 5, 5000],
    ["half of them failed", two((call) => (call % 2 === 1 ? { status: 503 } : {})), 20, 0],
    ["more than half of them failed", two((call) => (call % 5 < 2 ? {} : { status: 503 })), 5, 5000],
    ["five failures alone", one(fails(500)), 5, 0],
    ["a thousand failures alone, in a minute", one(fails(500, { milliseconds: 1 })), 1000, 5000],
    [
      "a thousand failures and one success alone",
      one((call) => (call === 0 ? { milliseconds: 1 } : { status: 500, milliseconds: 1 })),
      1001,
      0,
    ],
    ["five failures in different minutes", two(fails(500, { milliseconds: 20_000 })), 5, 0],
  ])("%s", (_, deployments, requests, want) => {
    expect(rest({}, deployments, requests)).toBe(want);
  });
});

describe("the rule of allowed failures", () => {
  it.each<[string, object, readonly Simulated[], number, number]>([
    ["as many as allowed", { allowed_fails: 2 }, one(fails(500)), 2, 0],
    ["one more", { allowed_fails: 2 }, one(fails(500)), 3, 5000],
    ["none allowed", { allowed_fails: 0 }, one(fails(500)), 1, 5000],
    ["a 401 is one failure among others", { allowed_fails: 2 }, one(fails(401)), 1, 0],
    ["connection errors never", { allowed_fails: 0 }, one(fails(500, { kind: "connection" })), 9, 0],
    ["bad requests never", { allowed_fails: 0 }, one(fails(400)), 9, 0],
    [
      "bad requests when the policy names them",
      { allowed_fails_policy: { BadRequestErrorAllowedFails: 1 } },
      one(fails(400)),
      2,
      5000,
    ],
    [
      "by class",
      { allowed_fails: 0, allowed_fails_policy: { RateLimitErrorAllowedFails: 3 } },
      one(fails(429)),
      3,
      0,
    ],
    [
      "other classes: three",
      { allowed_fails_policy: { RateLimitErrorAllowedFails: 0 } },
      one(fails(500)),
      3,
      0,
    ],
    [
      "other classes: the fourth",
      { allowed_fails_policy: { RateLimitErrorAllowedFails: 0 } },
      one(fails(500)),
      4,
      5000,
    ],
  ])("%s", (_, router, deployments, requests, want) => {
    expect(rest(router, deployments, requests)).toBe(want);
  });
});

describe("how long", () => {
  const asked = fails(401, { retryAfter: 1000 });
  it.each<[string, object, readonly Simulated[], number]>([
    [
      "the deployment's own time first",
      { cooldown_time: 9 },
      one(asked, { cooldownMilliseconds: 7000 }),
      7000,
    ],
    ["what the upstream asked [seen]", { cooldown_time: 9 }, one(asked), 1000],
    ["the router's", { cooldown_time: 9 }, one(fails(401)), 9000],
    ["never with 0 on the deployment", {}, one(asked, { cooldownMilliseconds: 0 }), 0],
    ["never with 0 on the router", { cooldown_time: 0 }, one(asked), 0],
    ["never when disabled", { disable_cooldowns: true }, one(asked), 0],
  ])("%s", (_, router, deployments, want) => {
    expect(rest(router, deployments)).toBe(want);
  });
});

describe("a deployment that rests", () => {
  it("is not called, and the answer says when to come back [seen]", () => {
    const simulation = new Simulation(
      {},
      one((call) => (call === 0 ? { status: 401 } : {})),
    );
    simulation.serve();
    simulation.run(1000);
    const second = simulation.serve();
    expect(second.calls).toEqual([]);
    expect(second.error).toMatchObject({
      status: 429,
      headers: { "retry-after": "4" },
      body: {
        error: {
          message: expect.stringMatching(
            /^No deployments available for selected model, Try again in 4 seconds.*cooldown_list=\[a\]/,
          ),
        },
      },
    });
    simulation.run(4000);
    expect(simulation.serve().served).toBe(true);
  });

  it("leaves its requests to the others, and gets its share again", () => {
    const simulation = new Simulation({}, [
      { id: "a", group: "m", reply: (call) => (call === 0 ? { status: 429, retryAfter: 30_000 } : {}) },
      { id: "b", group: "m" },
    ]);
    while (simulation.called.get("a") === undefined) simulation.serve();
    const until = simulation.state("a").restsUntil;
    while (simulation.time < until - 100) simulation.serve();
    expect(simulation.called.get("a")).toBe(1);
    for (let request = 0; request < 400; request++) simulation.serve();
    expect(simulation.called.get("a")).toBeGreaterThan(150);
  });

  it("goes on resting over a reload, which forgets only what is gone", () => {
    const { states } = new Simulation({}, two(fails(500)));
    const state = states.of("a");
    state.restsUntil = 1e9;
    states.keepOnly(new Set(["a"]));
    expect(states.of("a")).toBe(state);
    states.keepOnly(new Set());
    expect(states.of("a").restsUntil).toBe(0);
  });
});

describe("failures in a row (langop's healthCheck)", () => {
  const check = { unhealthy_threshold: 3, healthy_threshold: 2, interval_seconds: 30 };
  const more = { gatewright: { models: { m: { route: { health_check: check } } } } };
  it.each<[string, readonly Simulated[], number, number]>([
    ["two", one(fails(500)), 2, 0],
    ["three", one(fails(500)), 3, 30_000],
    ["connection errors count", one(fails(500, { kind: "connection" })), 3, 30_000],
    ["a 401 is one of them", one(fails(401)), 1, 0],
    ["bad requests do not count", one(fails(400)), 9, 0],
    ["a 429 with others rests at once", two(fails(429)), 1, 30_000],
  ])("%s", (_, deployments, requests, want) => {
    expect(rest({}, deployments, requests, more)).toBe(want);
  });

  it("one that comes back is on probation until it has succeeded often enough", () => {
    const script = "fffsfssff";
    const simulation = new Simulation(
      { router_settings: quick, ...more },
      one((call) => (script[call] === "f" ? { status: 500 } : {})),
    );
    const rested: boolean[] = [];
    for (let call = 0; call < script.length; call++) {
      simulation.serve();
      const wait = simulation.state("a").restsUntil - simulation.time;
      rested.push(wait > 0);
      simulation.run(Math.max(0, wait));
    }
    // The fifth fails on probation; after two successes it takes three again.
    expect(rested).toEqual([false, false, true, false, true, false, false, false, false]);
  });
});

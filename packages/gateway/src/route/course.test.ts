import type { Settings } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { type Reply, type Request, type Simulated, Simulation } from "./simulation.ts";

const always = (reply: Reply) => (): Reply => reply;
const fails = (status: number, more: Partial<Reply> = {}) => always({ status, ...more });

/** A group of one or more deployments that all answer alike. */
function alike(
  count: number,
  reply: (call: number, now: number) => Reply,
  more: Partial<Simulated> = {},
): Simulated[] {
  return ["a", "b", "c"].slice(0, count).map((id) => ({ id, group: "m", reply, ...more }));
}

/** Nothing rests, so that only retries show. */
const awake = { router_settings: { disable_cooldowns: true } };

describe("retries: how many calls", () => {
  it.each<[string, Settings, readonly Simulated[], Request, number]>([
    ["3 with nothing configured [seen]", {}, alike(1, fails(500)), {}, 3],
    ["1 with num_retries 0 in the request [seen]", {}, alike(1, fails(500)), { controls: { retries: 0 } }, 1],
    ["2 with x-litellm-num-retries 1 [seen]", {}, alike(1, fails(500)), { controls: { retries: 1 } }, 2],
    [
      "2, not LiteLLM's 4, with num_retries 1 on the deployment",
      { router_settings: { num_retries: 1 } },
      alike(1, fails(500), { retries: 1 }),
      {},
      2,
    ],
    ["1 for 422 [seen]", {}, alike(2, fails(422)), {}, 1],
    ["1 for 400", {}, alike(2, fails(400)), {}, 1],
    ["1 for 404", {}, alike(2, fails(404)), {}, 1],
    ["1 for 413", {}, alike(2, fails(413)), {}, 1],
    ["3 for 409", {}, alike(1, fails(409)), {}, 3],
    ["3 for 429 of the only deployment", {}, alike(1, fails(429)), {}, 3],
    ["3 for connection errors", {}, alike(1, fails(500, { kind: "connection" })), {}, 3],
    ["3 for garbage", {}, alike(1, fails(500, { kind: "answer" })), {}, 3],
    [
      "1 for a timeout of the only deployment, which then rests",
      {},
      alike(1, fails(408, { kind: "timeout" })),
      {},
      1,
    ],
    ["3 for a timeout when nothing rests", awake, alike(1, fails(408, { kind: "timeout" })), {}, 3],
    ["1 for 401 of the only deployment", awake, alike(1, fails(401)), {}, 1],
    ["1 for 403 of the only deployment", awake, alike(1, fails(403)), {}, 1],
    ["each once for 401 in a group", awake, alike(2, fails(401)), {}, 2],
    ["each once for 403 in a group", awake, alike(3, fails(403)), {}, 3],
    ["1 + router num_retries", { router_settings: { num_retries: 4 } }, alike(1, fails(500)), {}, 5],
    [
      "1 + litellm_settings.num_retries",
      { litellm_settings: { num_retries: 1 } },
      alike(1, fails(500)),
      {},
      2,
    ],
    [
      "the router's before litellm_settings'",
      { router_settings: { num_retries: 0 }, litellm_settings: { num_retries: 5 } },
      alike(1, fails(500)),
      {},
      1,
    ],
    [
      "the policy's before the router's",
      { router_settings: { num_retries: 5, retry_policy: { InternalServerErrorRetries: 1 } } },
      alike(1, fails(500)),
      {},
      2,
    ],
    [
      "the group's policy before the general one",
      {
        router_settings: {
          retry_policy: { RateLimitErrorRetries: 5 },
          model_group_retry_policy: { m: { RateLimitErrorRetries: 0 } },
        },
      },
      alike(1, fails(429)),
      {},
      1,
    ],
    [
      "the deployment's before the policy's",
      { router_settings: { retry_policy: { InternalServerErrorRetries: 5 } } },
      alike(1, fails(500), { retries: 1 }),
      {},
      2,
    ],
    [
      "the request's before the deployment's",
      {},
      alike(1, fails(500), { retries: 5 }),
      { controls: { retries: 1 } },
      2,
    ],
    ["not more than ten retries for a client", {}, alike(1, fails(500)), { controls: { retries: 1000 } }, 11],
    [
      "a policy makes bad requests retried",
      { router_settings: { retry_policy: { BadRequestErrorRetries: 2 } } },
      alike(1, fails(400)),
      {},
      3,
    ],
    [
      "a model's own attempts and statuses",
      { gatewright: { models: { m: { route: { retry: { attempts: 4, status_codes: [503] } } } } } },
      alike(1, fails(503)),
      {},
      5,
    ],
    [
      "no retry of a status the model does not list",
      { gatewright: { models: { m: { route: { retry: { attempts: 4, status_codes: [503] } } } } } },
      alike(1, fails(500)),
      {},
      1,
    ],
    [
      "failed connections whatever the model lists",
      { gatewright: { models: { m: { route: { retry: { attempts: 4, status_codes: [503] } } } } } },
      alike(1, fails(500, { kind: "connection" })),
      {},
      5,
    ],
  ])("%s", (_, settings, deployments, request, want) => {
    const outcome = new Simulation(settings, deployments).serve(request);
    expect(outcome.calls.length).toBe(want);
    expect(outcome.course.retries).toBe(want - 1);
    expect(outcome.course.attempts).toHaveLength(want);
    expect(outcome.ends).toBe(1);
  });

  it("nothing is retried after the first byte", () => {
    const simulation = new Simulation({ router_settings: { fallbacks: [{ m: ["n"] }] } }, [
      ...alike(2, fails(500, { firstByte: 10 })),
      { id: "n", group: "n" },
    ]);
    const outcome = simulation.serve({ stream: true });
    expect(outcome).toMatchObject({ ends: 1, served: false, error: undefined });
    expect(outcome.calls).toHaveLength(1);
    expect(simulation.state(outcome.calls[0] ?? "").inFlight).toBe(0);
  });

  it("nothing is tried again once the request is spent: no other deployment, tier or fallback", () => {
    const deployments = [
      ...alike(2, fails(500), { order: 1 }),
      { id: "late", group: "m", order: 2 },
      { id: "n", group: "n" },
    ];
    const simulation = new Simulation({ router_settings: { fallbacks: [{ m: ["n"] }] } }, deployments);
    const outcome = simulation.serve({ spent: true });
    expect(outcome).toMatchObject({ ends: 1, served: false, error: { status: 500 } });
    expect(outcome.calls).toHaveLength(1);
    expect(simulation.state(outcome.calls[0] ?? "").inFlight).toBe(0);
  });

  it("a course that goes well costs no record", () => {
    const { course } = new Simulation({}, alike(1, always({}))).serve();
    expect(course.attempts).toBeUndefined();
    expect(course.choices).toBeUndefined();
  });
});

describe("retries: how long is waited", () => {
  /** Pauses between the end of a call and the next one. */
  function pauses(settings: Settings, deployments: readonly Simulated[], seed: number): readonly number[] {
    const { times } = new Simulation(settings, deployments, seed).serve();
    return times.slice(1).map((time, index) => time - (times[index] ?? 0) - 100);
  }

  it.each<[string, Settings, readonly Simulated[], readonly (readonly [number, number])[]]>([
    [
      "not at all before another deployment is called",
      {},
      alike(3, fails(500)),
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      "half a second, a second, with jitter",
      {},
      alike(1, fails(500)),
      [
        [500, 1250],
        [1000, 1750],
      ],
    ],
    [
      "what the upstream asks for [seen]",
      {},
      alike(1, fails(429, { retryAfter: 1000 })),
      [
        [1000, 1750],
        [1000, 1750],
      ],
    ],
    [
      "not more than a minute",
      awake,
      alike(1, fails(429, { retryAfter: 61_000 })),
      [
        [500, 1250],
        [1000, 1750],
      ],
    ],
    [
      "8 seconds at most",
      { router_settings: { num_retries: 6 } },
      alike(1, fails(500)),
      [
        [500, 1250],
        [1000, 1750],
        [2000, 2750],
        [4000, 4750],
        [8000, 8750],
        [8000, 8750],
      ],
    ],
    [
      "retry_after at least",
      { router_settings: { retry_after: 3 } },
      alike(1, fails(500)),
      [
        [3000, 3000],
        [3000, 3000],
      ],
    ],
    [
      "a model's own backoff",
      {
        gatewright: {
          models: {
            m: {
              route: {
                retry: {
                  attempts: 4,
                  initial_backoff_seconds: 1,
                  max_backoff_seconds: 5,
                  backoff_multiplier: 3,
                },
              },
            },
          },
        },
      },
      alike(1, fails(500)),
      [
        [750, 1000],
        [2250, 3000],
        [3750, 5000],
        [3750, 5000],
      ],
    ],
  ])("%s", (_, settings, deployments, want) => {
    for (let seed = 1; seed <= 20; seed++) {
      const found = pauses(settings, deployments, seed);
      expect(found).toHaveLength(want.length);
      for (const [index, [least, most]] of want.entries()) {
        expect(found[index]).toBeGreaterThanOrEqual(least - 1e-6);
        expect(found[index]).toBeLessThanOrEqual(most + 1e-6);
      }
    }
  });

  it("goes to the others before it comes back", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { calls } = new Simulation(awake, alike(3, fails(500)), seed).serve();
      expect(new Set(calls).size).toBe(3);
    }
  });

  it("does not wait for a deployment that rests longer than the wait", () => {
    const simulation = new Simulation({}, alike(2, fails(429)));
    const outcome = simulation.serve();
    expect(outcome.calls).toHaveLength(2);
    expect(simulation.time).toBe(200);
    expect(outcome.error?.status).toBe(429);
  });
});

describe("order tiers", () => {
  const tiers = (reply: (call: number) => Reply): readonly Simulated[] => [
    { id: "first", group: "m", order: 1, reply },
    { id: "second", group: "m", order: 2, reply },
    { id: "last", group: "m", reply },
  ];

  it("come one after the other, each with its retries, before the fallbacks", () => {
    const simulation = new Simulation({ router_settings: { num_retries: 1, fallbacks: [{ m: ["n"] }] } }, [
      ...tiers(fails(500)),
      { id: "n", group: "n" },
    ]);
    const outcome = simulation.serve();
    expect(outcome.calls).toEqual(["first", "first", "second", "second", "last", "last", "n"]);
    expect(outcome.served).toBe(true);
    expect(outcome.course.fallbacks).toBe(1);
  });

  it("a tier that rests is passed over", () => {
    const simulation = new Simulation({}, tiers(always({})));
    simulation.state("first").restsUntil = 1000;
    expect(simulation.serve().calls).toEqual(["second"]);
    simulation.run(1000);
    expect(simulation.serve().calls).toEqual(["first"]);
  });

  it("are not tried for a request that is too long", () => {
    const simulation = new Simulation({ router_settings: { context_window_fallbacks: [{ m: ["n"] }] } }, [
      ...tiers(fails(400, { text: "maximum context length is 10" })),
      { id: "n", group: "n" },
    ]);
    expect(simulation.serve().calls).toEqual(["first", "n"]);
  });
});

describe("max_parallel_requests", () => {
  const one: readonly Simulated[] = [{ id: "a", group: "m", parallelLimit: 1 }];

  it("lets requests wait in the order they came", () => {
    const simulation = new Simulation({}, one);
    const outcomes = Array.from({ length: 5 }, () => simulation.send());
    simulation.run(100);
    expect(simulation.state("a").inFlight).toBe(1);
    simulation.run();
    expect(outcomes.map(({ times }) => times)).toEqual([[0], [100], [200], [300], [400]]);
    expect(outcomes.every(({ served, ends }) => served && ends === 1)).toBe(true);
    expect(simulation.state("a")).toMatchObject({ inFlight: 0 });
    expect(simulation.state("a").lines.size).toBe(0);
  });

  it("takes the router's default where a deployment says nothing", () => {
    const simulation = new Simulation({ router_settings: { default_max_parallel_requests: 2 } }, [
      { id: "a", group: "m" },
    ]);
    for (let request = 0; request < 5; request++) simulation.send();
    expect(simulation.state("a").inFlight).toBe(2);
  });

  it("turns away the 101st, and who has waited 10 seconds", () => {
    const simulation = new Simulation({}, [
      { id: "a", group: "m", parallelLimit: 1, reply: always({ milliseconds: 60_000 }) },
    ]);
    const outcomes = Array.from({ length: 102 }, () => simulation.send());
    expect(outcomes[101]).toMatchObject({ ends: 1, error: { status: 429 } });
    simulation.run(9999);
    expect(outcomes[1]?.ends).toBe(0);
    simulation.run(1);
    expect(outcomes[1]).toMatchObject({ ends: 1, error: { status: 429, headers: { "retry-after": "1" } } });
    simulation.run();
    expect(outcomes.every(({ ends }) => ends === 1)).toBe(true);
  });

  it("goes to the next tier after the wait", () => {
    const simulation = new Simulation({}, [
      { id: "a", group: "m", order: 1, parallelLimit: 1, reply: always({ milliseconds: 60_000 }) },
      { id: "b", group: "m", order: 2 },
    ]);
    simulation.send();
    const second = simulation.send();
    simulation.run();
    expect(second).toMatchObject({ calls: ["b"], times: [10_000], served: true });
  });

  it("gives a place on when whom it was offered first is turned away instead", () => {
    const settings = { router_settings: { enable_tag_filtering: true } };
    const simulation = new Simulation(settings, [
      { id: "a", group: "m", tags: ["x"], parallelLimit: 1 },
      { id: "b", group: "m", tags: ["y"], parallelLimit: 1, reply: always({ milliseconds: 60_000 }) },
    ]);
    for (const tag of ["x", "y"]) simulation.send({ tags: [tag] });
    const [turnedAway, served] = ["y", "x"].map((tag) => simulation.send({ tags: [tag] }));
    simulation.state("b").restsUntil = 90_000;
    simulation.run(100);
    expect(turnedAway).toMatchObject({ ends: 1, served: false, error: { status: 401 } });
    expect(served?.times).toEqual([100]);
  });

  it("forgets a client that leaves while it waits, and wakes the next when one leaves its call", () => {
    const simulation = new Simulation({}, one);
    const [first, second, third] = [simulation.send(), simulation.send(), simulation.send()];
    second.course.abandoned();
    simulation.run(50);
    first.course.abandoned();
    expect(third.times).toEqual([50]);
    simulation.run();
    expect(second.calls).toEqual([]);
    expect(simulation.state("a").inFlight).toBe(0);
  });
});

describe("a client that leaves", () => {
  it("ends a wait before a retry", () => {
    const simulation = new Simulation({}, alike(1, fails(500)));
    const outcome = simulation.send();
    simulation.run(200);
    outcome.course.abandoned();
    outcome.course.abandoned();
    simulation.run();
    expect(outcome).toMatchObject({ calls: ["a"], ends: 0 });
    expect(simulation.state("a").inFlight).toBe(0);
  });
});

describe("limits of a deployment", () => {
  it("leave it out; without another one the error says so", () => {
    const simulation = new Simulation({}, [
      { id: "a", group: "m", order: 1, allowance: 2 },
      { id: "b", group: "m", order: 2, allowance: 1 },
    ]);
    const outcomes = Array.from({ length: 4 }, () => simulation.serve());
    expect(outcomes.map(({ calls }) => calls)).toEqual([["a"], ["a"], ["b"], []]);
    expect(outcomes[3]?.error).toMatchObject({ status: 429, body: { error: { type: "throttling_error" } } });
    expect(simulation.state("a").inFlight + simulation.state("b").inFlight).toBe(0);
  });
});

describe("decision records", () => {
  it("say what was chosen from, and why the others were left out", () => {
    const simulation = new Simulation(
      { router_settings: { routing_strategy: "least-busy" } },
      alike(3, always({})),
    );
    simulation.state("b").restsUntil = 5000;
    const { course } = simulation.serve({ controls: { explain: true } });
    expect(course.choices).toMatchObject([
      {
        group: "m",
        strategy: "least-busy",
        rejected: [{ id: "b", filter: "cooldown", reason: "it rests for 5 s after failures" }],
        candidates: [
          { id: "a", score: 0 },
          { id: "c", score: 0 },
        ],
      },
    ]);
    expect(course.attempts).toHaveLength(1);
  });
});

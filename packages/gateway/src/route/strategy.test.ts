import { describe, expect, it } from "vitest";
import { type Simulated, Simulation } from "./simulation.ts";

/** How the requests were spread, as a share each. */
function spread(simulation: Simulation, ids: readonly string[]): readonly number[] {
  const counts = ids.map((id) => simulation.called.get(id) ?? 0);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / all);
}

/** Pearson's statistic of the counts against the shares that are wanted; 0 shares must be 0 counts. */
function chiSquare(simulation: Simulation, want: { readonly [id: string]: number }): number {
  const all = [...simulation.called.values()].reduce((sum, count) => sum + count, 0);
  return Object.entries(want).reduce((sum, [id, share]) => {
    const count = simulation.called.get(id) ?? 0;
    if (share === 0) return sum + (count === 0 ? 0 : Number.POSITIVE_INFINITY);
    return sum + (count - all * share) ** 2 / (all * share);
  }, 0);
}

/** Far beyond what chance gives with up to five degrees of freedom (p < 0.001 is 20.5). */
const SURELY = 21;

const group = (...members: readonly Omit<Simulated, "group">[]): readonly Simulated[] =>
  members.map((member) => ({ group: "m", ...member }));

const strategy = (routing_strategy: string, routing_strategy_args = {}) => ({
  router_settings: { routing_strategy, routing_strategy_args },
});

describe("simple-shuffle", () => {
  it.each<[string, readonly Simulated[], { readonly [id: string]: number }]>([
    ["alike without weights", group({ id: "a" }, { id: "b" }, { id: "c" }), { a: 1 / 3, b: 1 / 3, c: 1 / 3 }],
    [
      "by weight",
      group({ id: "a", weight: 3 }, { id: "b", weight: 1 }, { id: "c" }),
      { a: 0.75, b: 0.25, c: 0 },
    ],
    [
      "by weight before rpm",
      group({ id: "a", weight: 1, requestsPerMinute: 9 }, { id: "b", weight: 1, requestsPerMinute: 1 }),
      { a: 0.5, b: 0.5 },
    ],
    [
      "by rpm before tpm",
      group(
        { id: "a", requestsPerMinute: 90, tokensPerMinute: 1 },
        { id: "b", requestsPerMinute: 10, tokensPerMinute: 99 },
      ),
      { a: 0.9, b: 0.1 },
    ],
    [
      "alike when all weights are zero",
      group({ id: "a", weight: 0 }, { id: "b", weight: 0 }),
      { a: 0.5, b: 0.5 },
    ],
    [
      "only among the lowest tier",
      group({ id: "a" }, { id: "b", order: 2 }, { id: "c", order: 1 }, { id: "d", order: 1, weight: 3 }),
      { a: 0, b: 0, c: 0, d: 1 },
    ],
  ])("spreads requests %s", (_, deployments, want) => {
    const simulation = new Simulation({}, deployments);
    for (let request = 0; request < 4000; request++) simulation.serve();
    expect(chiSquare(simulation, want)).toBeLessThan(SURELY);
  });

  it("spreads by weight what a resting deployment does not get", () => {
    const simulation = new Simulation(
      {},
      group({ id: "a", weight: 1 }, { id: "b", weight: 2 }, { id: "c", weight: 6 }),
    );
    simulation.state("c").restsUntil = Number.POSITIVE_INFINITY;
    for (let request = 0; request < 3000; request++) simulation.serve();
    expect(chiSquare(simulation, { a: 1 / 3, b: 2 / 3, c: 0 })).toBeLessThan(SURELY);
  });

  it("takes a weight of zero for better than nothing when the others cannot be called", () => {
    const simulation = new Simulation({}, group({ id: "a", weight: 0 }, { id: "b", weight: 5 }));
    simulation.state("b").restsUntil = Number.POSITIVE_INFINITY;
    expect(simulation.serve().calls).toEqual(["a"]);
  });
});

describe("least-busy", () => {
  it("keeps the calls under way level, so that the slow one gets less", () => {
    const simulation = new Simulation(
      strategy("least-busy"),
      group(
        { id: "fast", reply: () => ({ milliseconds: 100 }) },
        { id: "slow", reply: () => ({ milliseconds: 400 }) },
      ),
    );
    for (let request = 0; request < 2000; request++) {
      simulation.send();
      simulation.run(10);
      const difference = simulation.state("fast").inFlight - simulation.state("slow").inFlight;
      expect(Math.abs(difference)).toBeLessThanOrEqual(2);
    }
    const [fast = 0] = spread(simulation, ["fast", "slow"]);
    expect(fast).toBeCloseTo(0.8, 1);
  });

  it("lets chance decide between equals", () => {
    const simulation = new Simulation(strategy("least-busy"), group({ id: "a" }, { id: "b" }, { id: "c" }));
    for (let request = 0; request < 3000; request++) simulation.serve();
    expect(chiSquare(simulation, { a: 1 / 3, b: 1 / 3, c: 1 / 3 })).toBeLessThan(SURELY);
  });
});

describe("latency-based-routing", () => {
  const three = (): readonly Simulated[] =>
    group(
      { id: "slow", reply: () => ({ milliseconds: 400 }) },
      { id: "fast", reply: () => ({ milliseconds: 50 }) },
      { id: "middle", reply: () => ({ milliseconds: 55 }) },
    );

  it("tries each once, then stays with the fastest", () => {
    const simulation = new Simulation(strategy("latency-based-routing"), three());
    for (let request = 0; request < 300; request++) simulation.serve();
    expect(Object.fromEntries(simulation.called)).toEqual({ fast: 298, middle: 1, slow: 1 });
  });

  it("spreads requests among those within lowest_latency_buffer", () => {
    const simulation = new Simulation(
      strategy("latency-based-routing", { lowest_latency_buffer: 0.2 }),
      three(),
    );
    for (let request = 0; request < 3000; request++) simulation.serve();
    const [slow = 1, fast = 0] = spread(simulation, ["slow", "fast", "middle"]);
    expect(slow).toBeLessThan(0.01);
    expect(fast).toBeCloseTo(0.5, 1);
  });

  it("leaves one that became slow, within max_latency_list_size calls", () => {
    const simulation = new Simulation(
      strategy("latency-based-routing", { max_latency_list_size: 5 }),
      group(
        { id: "a", reply: (call) => ({ milliseconds: call < 50 ? 10 : 1000 }) },
        { id: "b", reply: () => ({ milliseconds: 100 }) },
      ),
    );
    for (let request = 0; request < 100; request++) simulation.serve();
    expect(simulation.called.get("a")).toBeLessThanOrEqual(50 + 5);
    expect(simulation.called.get("b")).toBeGreaterThanOrEqual(40);
  });

  it("judges by time per token of answer", () => {
    const simulation = new Simulation(
      strategy("latency-based-routing"),
      group(
        { id: "long", reply: () => ({ milliseconds: 1000, tokens: 1000 }) },
        { id: "short", reply: () => ({ milliseconds: 100, tokens: 10 }) },
      ),
    );
    for (let request = 0; request < 50; request++) simulation.serve();
    expect(simulation.called.get("short")).toBe(1);
  });

  it("judges streams by their first byte", () => {
    const simulation = new Simulation(
      strategy("latency-based-routing"),
      group(
        { id: "eager", reply: () => ({ milliseconds: 900, firstByte: 20 }) },
        { id: "late", reply: () => ({ milliseconds: 300, firstByte: 250 }) },
      ),
    );
    for (let request = 0; request < 50; request++) simulation.serve({ stream: true });
    expect(simulation.called.get("late")).toBe(1);
  });

  it("takes a timeout for 1000 seconds, and forgets it after ttl", () => {
    const simulation = new Simulation(
      {
        router_settings: {
          routing_strategy: "latency-based-routing",
          routing_strategy_args: { ttl: 60 },
          disable_cooldowns: true,
        },
      },
      group(
        { id: "a", reply: (call) => (call === 0 ? { status: 408, kind: "timeout" } : { milliseconds: 1 }) },
        { id: "b", reply: () => ({ milliseconds: 500 }) },
      ),
    );
    for (let request = 0; request < 40; request++) simulation.serve();
    expect(simulation.called.get("a")).toBe(1);
    simulation.run(61_000);
    for (let request = 0; request < 40; request++) simulation.serve();
    expect(simulation.called.get("a")).toBeGreaterThan(30);
  });
});

describe.each(["usage-based-routing", "usage-based-routing-v2"])("%s", (name) => {
  it("levels the tokens of a minute", () => {
    const simulation = new Simulation(
      strategy(name),
      group({ id: "terse", reply: () => ({ tokens: 10 }) }, { id: "wordy", reply: () => ({ tokens: 70 }) }),
    );
    // 20 tokens a call against 80, all within a minute.
    for (let request = 0; request < 500; request++) simulation.serve();
    expect(simulation.time).toBeLessThan(60_000);
    const [terse = 0] = spread(simulation, ["terse", "wordy"]);
    expect(terse).toBeCloseTo(0.8, 1);
  });

  it("keeps to rpm and tpm, and starts anew every minute", () => {
    const simulation = new Simulation(
      strategy(name),
      group({ id: "a", requestsPerMinute: 3 }, { id: "b", tokensPerMinute: 100 }),
    );
    // Each request is estimated, and really has, 30 tokens: three fit into 100.
    for (let request = 0; request < 20; request++) simulation.send();
    expect([simulation.called.get("a"), simulation.called.get("b")]).toEqual([3, 3]);
    simulation.run(30_000);
    const refused = simulation.serve();
    expect(refused.error).toMatchObject({ status: 429, headers: { "retry-after": "30" } });
    simulation.run(30_000);
    expect(simulation.serve().served).toBe(true);
  });
});

describe("cost-based-routing", () => {
  it("calls the cheapest that can be called; unknown prices come last", () => {
    const simulation = new Simulation(
      strategy("cost-based-routing"),
      group({ id: "unknown" }, { id: "dear", tokenPrice: 30 }, { id: "cheap", tokenPrice: 2 }),
    );
    const served = (): string | undefined => simulation.serve().calls[0];
    expect([served(), served()]).toEqual(["cheap", "cheap"]);
    simulation.state("cheap").restsUntil = Number.POSITIVE_INFINITY;
    expect([served(), served()]).toEqual(["dear", "dear"]);
    simulation.state("dear").restsUntil = Number.POSITIVE_INFINITY;
    expect(served()).toBe("unknown");
  });
});

describe("round-robin", () => {
  it("calls each in turn", () => {
    const simulation = new Simulation(
      { gatewright: { models: { m: { route: { strategy: "round-robin" } } } } },
      group({ id: "a" }, { id: "b" }, { id: "c" }),
    );
    const order = Array.from({ length: 7 }, () => simulation.serve().calls[0]);
    expect(order).toEqual(["a", "b", "c", "a", "b", "c", "a"]);
  });

  it("gives each as many turns as its weight, spread out", () => {
    const simulation = new Simulation(
      { gatewright: { models: { m: { route: { strategy: "round-robin" } } } } },
      group({ id: "a", weight: 4 }, { id: "b", weight: 2 }, { id: "c", weight: 1 }, { id: "d", weight: 0 }),
    );
    const order = Array.from({ length: 14 }, () => simulation.serve().calls[0]).join("");
    expect(order).toBe("abacabaabacaba");
  });

  it("passes over who rests", () => {
    const simulation = new Simulation(
      { gatewright: { models: { m: { route: { strategy: "round-robin" } } } } },
      group({ id: "a" }, { id: "b" }, { id: "c" }),
    );
    simulation.state("b").restsUntil = 250;
    const order = Array.from({ length: 6 }, () => simulation.serve().calls[0]);
    expect(order.slice(0, 3)).toEqual(["a", "c", "a"]);
    expect(new Set(order.slice(3))).toEqual(new Set(["a", "b", "c"]));
  });
});

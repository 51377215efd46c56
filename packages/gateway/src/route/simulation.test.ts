import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Outcome, type Reply, type Simulated, Simulation } from "./simulation.ts";

const reply: fc.Arbitrary<Reply> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Reply>({}) },
  {
    weight: 5,
    arbitrary: fc.record(
      {
        status: fc.constantFrom(400, 401, 403, 404, 408, 409, 422, 429, 500, 503),
        kind: fc.constantFrom("upstream" as const, "connection" as const, "answer" as const),
        milliseconds: fc.constantFrom(0, 1, 50, 3000),
        retryAfter: fc.constantFrom(1, 1000, 20_000, 90_000),
        text: fc.constantFrom("no", "maximum context length", "content policy"),
      },
      { requiredKeys: ["status"] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      status: fc.constantFrom(200, 500),
      firstByte: fc.constant(1),
      milliseconds: fc.constant(20),
    }),
  },
);

const deployment = fc.record({
  group: fc.constantFrom("m", "n", "o"),
  order: fc.constantFrom(undefined, undefined, 1, 2),
  weight: fc.constantFrom(undefined, 0, 1, 5),
  parallelLimit: fc.constantFrom(undefined, 1, 2),
  allowance: fc.constantFrom(undefined, undefined, 0, 3),
  retries: fc.constantFrom(undefined, undefined, 0, 1),
  cooldownMilliseconds: fc.constantFrom(undefined, 0, 100),
  requestsPerMinute: fc.constantFrom(undefined, 2),
  replies: fc.array(reply, { minLength: 1, maxLength: 4 }),
});

const router = fc.record(
  {
    num_retries: fc.nat(3),
    routing_strategy: fc.constantFrom(
      "simple-shuffle",
      "least-busy",
      "latency-based-routing",
      "usage-based-routing-v2",
      "cost-based-routing",
    ),
    retry_policy: fc.record(
      {
        BadRequestErrorRetries: fc.nat(3),
        RateLimitErrorRetries: fc.nat(3),
        InternalServerErrorRetries: fc.nat(3),
      },
      { requiredKeys: [] },
    ),
    fallbacks: fc.constantFrom([{ m: ["n", "o"] }], [{ m: ["n"] }, { n: ["m", "o"] }], [{ "*": ["o", "x"] }]),
    context_window_fallbacks: fc.constant([{ m: ["o"] }]),
    max_fallbacks: fc.nat(2),
    disable_cooldowns: fc.boolean(),
    allowed_fails: fc.nat(2),
    default_max_parallel_requests: fc.constant(2),
  },
  { requiredKeys: [] },
);

const request = fc.record({
  after: fc.constantFrom(0, 0, 10, 500),
  leaves: fc.constantFrom(undefined, undefined, undefined, 0, 20, 700),
  stream: fc.boolean(),
  retries: fc.constantFrom(undefined, undefined, 0, 3),
  testing: fc.constantFrom(undefined, undefined, undefined, "fallbacks" as const, "rate-limit" as const),
});

describe("whatever fails", () => {
  it("every course ends once, within its number of calls, and gives back every place", () => {
    fc.assert(
      fc.property(
        fc.array(deployment, { minLength: 1, maxLength: 6 }),
        router,
        fc.array(request, { minLength: 1, maxLength: 8 }),
        fc.integer(),
        (members, settings, requests, seed) => {
          const deployments = members.map(
            ({ replies, ...member }, index): Simulated =>
              Object.assign(
                { id: `d${index}`, reply: (call: number) => replies[call % replies.length] ?? {} },
                Object.fromEntries(Object.entries(member).filter(([, value]) => value !== undefined)),
              ) as unknown as Simulated,
          );
          const simulation = new Simulation({ router_settings: settings }, deployments, seed);
          const sent: { readonly outcome: Outcome; readonly retries: number | undefined }[] = [];
          for (const { after, leaves, stream, retries, testing } of requests) {
            simulation.run(after);
            const outcome = simulation.send({ stream, controls: { retries, testing } });
            sent.push({ outcome, retries });
            if (leaves !== undefined) simulation.services.after(leaves, () => simulation.leave(outcome));
          }
          simulation.run();

          const most = Math.max(settings.num_retries ?? 2, 3);
          const tiers = Math.max(...["m", "n", "o"].map((name) => tiersOf(deployments, name)));
          const groups = 1 + (settings.max_fallbacks ?? 5);
          for (const { outcome, retries } of sent) {
            expect(outcome.ends).toBe(outcome.left ? 0 : 1);
            expect(outcome.calls.length).toBeLessThanOrEqual(((retries ?? most) + 1) * tiers * groups);
            expect(outcome.course.fallbacks).toBeLessThanOrEqual(groups - 1);
          }
          for (const { id } of deployments) {
            expect(simulation.state(id).inFlight).toBe(0);
            expect(simulation.state(id).lines.size).toBe(0);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("no deployment ever has more calls under way than its max_parallel_requests", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom(0, 5, 30), { minLength: 1, maxLength: 40 }),
        fc.integer(),
        (limits, gaps, seed) => {
          let simulation: Simulation | undefined;
          const deployments = limits.map((parallelLimit, index): Simulated => {
            const id = `d${index}`;
            return {
              id,
              group: "m",
              parallelLimit,
              reply: (call) => {
                expect(simulation?.state(id).inFlight).toBeLessThanOrEqual(parallelLimit);
                return call % 3 === 0 ? { status: 500, milliseconds: 40 } : { milliseconds: 70 };
              },
            };
          });
          simulation = new Simulation({}, deployments, seed);
          for (const gap of gaps) {
            simulation.send();
            simulation.run(gap);
          }
          simulation.run();
          for (const { id } of deployments) expect(simulation.state(id).inFlight).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function tiersOf(deployments: readonly Simulated[], group: string): number {
  return new Set(deployments.filter((one) => one.group === group).map(({ order }) => order)).size;
}

import { manualClock } from "@gatewright/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetWindow } from "./budget-window.ts";
import { SpendMeter, type SpendTerms } from "./spend-meter.ts";
import { SpendMeters } from "./spend-meters.ts";
import { utc } from "./time-zone.ts";

const clock = manualClock(Date.UTC(2026, 10, 28, 12));
const still = { now: () => 0, epoch: () => Date.UTC(2026, 10, 28, 12) };

function terms(limit: number | undefined, more: Partial<SpendTerms> = {}): SpendTerms {
  return { limit, window: undefined, zone: utc, tripsAtLimit: true, ...more };
}

function meter(limit: number | undefined, more: Partial<SpendTerms> = {}): SpendMeter {
  return new SpendMeter("key:k", "key", "k", terms(limit, more), still);
}

describe("SpendMeter", () => {
  it.each([
    ["a key at its limit", true, 1e12, true],
    ["a key just below", true, 1e12 - 1, false],
    ["a team at its limit", false, 1e12, false],
    ["a team just above", false, 1e12 + 1, true],
  ])("trips: %s", (_, tripsAtLimit, spent, want) => {
    const one = meter(1, { tripsAtLimit });
    one.add(spent, 0);
    expect(one.crossed(0)).toBe(want);
  });

  it.each([
    ["a key with a budget of nothing never begins", true, true],
    ["a team with one spends nothing before it trips", false, false],
  ])("%s", (_, tripsAtLimit, want) => {
    expect(meter(0, { tripsAtLimit }).crossed(0)).toBe(want);
  });

  it("counts what is spent without a limit", () => {
    const one = meter(undefined);
    one.add(5, 0);
    expect([one.spent, one.crossed(0), one.remaining, one.resetsAt]).toEqual([
      5n,
      false,
      undefined,
      undefined,
    ]);
  });

  it("is exact over a million additions, far beyond what a number holds", () => {
    const one = meter(undefined);
    let state = 42;
    let want = 0n;
    for (let index = 0; index < 1e6; index++) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      const amount = state * 4096 + (index % 3);
      one.add(amount, 0);
      want += BigInt(amount);
    }
    expect(want).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER) * 100n);
    expect(one.spent).toBe(want);
  });

  it("trips exactly at a limit beyond what a number holds exactly", () => {
    const one = meter(20_000);
    for (let index = 0; index < 19_999; index++) one.add(1e12, 0);
    one.add(1e12 - 1, 0);
    expect(one.crossed(0)).toBe(false);
    one.add(1, 0);
    expect(one.crossed(0)).toBe(true);
    expect(one.spent).toBe(20_000n * 10n ** 12n);
  });

  it("lets calls at the same time spend at most one estimate more than the limit, when estimates hold", () => {
    const call = fc.record({
      estimate: fc.integer({ min: 1, max: 1000 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const step = fc.record({ begin: fc.boolean(), call, which: fc.nat() });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
        const one = meter(limit / 1e12);
        const under: { estimate: number; cost: number }[] = [];
        let spent = 0n;
        let dearest = 0;
        for (const { begin, call: next, which } of steps) {
          if (begin && !one.crossed(0)) {
            one.reserve(next.estimate);
            under.push({ estimate: next.estimate, cost: Math.floor(next.estimate * next.part) });
            dearest = Math.max(dearest, next.estimate);
          } else if (!begin && under.length > 0) {
            const [ended] = under.splice(which % under.length, 1);
            if (ended === undefined) continue;
            one.settle(ended.estimate, ended.cost, 0);
            spent += BigInt(ended.cost);
          }
          expect(one.spent).toBe(spent);
          expect(one.reserved).toBe(under.reduce((sum, { estimate }) => sum + estimate, 0));
          const most = one.spent + BigInt(under.reduce((sum, { cost }) => sum + cost, 0));
          expect(most < BigInt(Math.max(limit, 1) + dearest)).toBe(true);
        }
        for (const { estimate } of under) one.settle(estimate, 0, 0);
        expect(one.reserved).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("begins anew when its window ends, and keeps what is reserved", async () => {
    const window = budgetWindow("1d");
    const one = new SpendMeter("key:k", "key", "k", terms(1, { window }), {
      now: () => clock.monotonic(),
      epoch: () => clock.now(),
    });
    one.reserve(7);
    one.add(1e12, clock.monotonic());
    expect([one.crossed(clock.monotonic()), one.resetsAt]).toEqual([true, Date.UTC(2026, 10, 29)]);
    await clock.advance(12 * 3_600_000 - 1);
    expect(one.crossed(clock.monotonic())).toBe(true);
    await clock.advance(1);
    expect(one.crossed(clock.monotonic())).toBe(false);
    expect([one.spent, one.reserved, one.resetsAt]).toEqual([0n, 7, Date.UTC(2026, 10, 30)]);
  });

  it("notices a clock that was set, at the latest after an hour", () => {
    let [now, epoch] = [0, Date.UTC(2026, 10, 28, 12)];
    const one = new SpendMeter("key:k", "key", "k", terms(1, { window: budgetWindow("1d") }), {
      now: () => now,
      epoch: () => epoch,
    });
    one.add(1e12, now);
    now += 3_600_000;
    epoch = Date.UTC(2026, 10, 29, 3);
    expect(one.crossed(now)).toBe(false);
    one.add(1e12, now);
    epoch = Date.UTC(2026, 10, 29, 1);
    now += 100 * 3_600_000;
    expect(one.crossed(now)).toBe(true);
  });
});

describe("SpendMeters", () => {
  it("keeps what was spent when a reload changes the terms", () => {
    const meters = new SpendMeters(still);
    const one = meters.meter("team", "t", terms(1));
    one.add(2e12, 0);
    expect(one.crossed(0)).toBe(true);
    expect(meters.meter("team", "t", terms(3))).toBe(one);
    expect([one.crossed(0), one.spent, one.limit]).toEqual([false, 2_000_000_000_000n, 3]);
    meters.meter("team", "t", terms(3, { window: budgetWindow("1mo") }));
    expect([one.spent, one.resetsAt]).toEqual([2_000_000_000_000n, Date.UTC(2026, 11, 1)]);
    expect(meters.meter("user", "t", terms(3))).not.toBe(one);
  });

  it("forgets the customers it has not seen for longest", () => {
    const meters = new SpendMeters(still, 2);
    const limit = terms(1);
    meters.customer("a", limit).add(5, 0);
    meters.customer("b", limit).add(6, 0);
    meters.customer("a", limit);
    meters.customer("c", limit);
    expect([meters.customer("a", limit).spent, meters.customer("b", limit).spent]).toEqual([5n, 0n]);
  });
});

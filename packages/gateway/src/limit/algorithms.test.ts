import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Count } from "./count.ts";
import {
  WINDOW_MILLISECONDS,
  windowRemaining,
  windowSettle,
  windowTake,
  windowWait,
} from "./fixed-window.ts";
import { gcraBurst, gcraRemaining, gcraSettle, gcraTake, gcraWait } from "./gcra.ts";

/** A time line of requests: how long after the one before, how much they use, how much they said they would. */
const requests = fc.array(
  fc.record({
    pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 90_000 })),
    reserved: fc.integer({ min: 0, max: 40 }),
    /** Of what was reserved. */
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    lasts: fc.integer({ min: 0, max: 70_000 }),
  }),
  { minLength: 1, maxLength: 120 },
);

/** Requests whose reservations come back late, then a minute in which everything is taken that can be had. */
const pressure = fc
  .array(
    fc.record({
      pause: fc.integer({ min: 0, max: 6_000 }),
      reserved: fc.integer({ min: 1, max: 30 }),
      part: fc.constantFrom(0, 0.5, 1),
      lasts: fc.integer({ min: 0, max: 15_000 }),
    }),
    { minLength: 2, maxLength: 8 },
  )
  .map((late) => [
    ...late,
    ...Array.from({ length: 350 }, () => ({ pause: 200, reserved: 1, part: 1, lasts: 0 })),
  ]);

/** What comes to pass, in order of time: requests begin and end. */
function timeLine(list: typeof requests extends fc.Arbitrary<infer T> ? T : never) {
  let at = 0;
  const events: { at: number; index: number; ends: boolean }[] = [];
  for (const [index, { pause, lasts }] of list.entries()) {
    at += pause;
    events.push({ at, index, ends: false }, { at: at + lasts, index, ends: true });
  }
  return events.sort((one, other) => one.at - other.at || Number(other.ends) - Number(one.ends));
}

describe("fixed window", () => {
  test("admits exactly what a plain model admits", () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 0, max: 60 }), (list, limit) => {
        const count = new Count("window");
        let model = { start: Number.NEGATIVE_INFINITY, used: 0 };
        let at = 0;
        for (const { pause, reserved } of list) {
          at += pause;
          if (at - model.start >= WINDOW_MILLISECONDS) model = { start: Number.NEGATIVE_INFINITY, used: 0 };
          const fits = model.used + Math.max(1, reserved) <= limit;
          const wait = windowWait(count, limit, reserved, at);
          expect(wait === 0).toBe(fits);
          if (fits) {
            if (model.start === Number.NEGATIVE_INFINITY) model.start = at;
            model.used += reserved;
            windowTake(count, reserved, at);
          } else {
            expect(wait).toBe(model.used === 0 && model.start < 0 ? 60_000 : model.start + 60_000 - at);
          }
          expect(windowRemaining(count, limit, at)).toBe(Math.max(0, limit - model.used));
        }
      }),
    );
  });

  test("tokens are exact: what windows count is what was used, plus what is still reserved", () => {
    fc.assert(
      fc.property(requests, (list) => {
        const limit = 60;
        const count = new Count("window");
        const started = new Map<number, number>();
        for (const { at, index, ends } of timeLine(list)) {
          const { reserved, part } = list[index]!;
          const used = Math.floor(reserved * part);
          if (!ends) {
            if (windowWait(count, limit, reserved, at) === 0) {
              started.set(index, windowTake(count, reserved, at));
            }
            continue;
          }
          const start = started.get(index);
          if (start === undefined) continue;
          windowSettle(count, start, reserved, used, at);
          list[index] = { ...list[index]!, reserved: used };
          const inWindow = [...started].filter(([, begun]) => begun === count.startedAt);
          expect(count.used).toBe(inWindow.reduce((sum, [one]) => sum + list[one]!.reserved, 0));
          expect(count.used).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test.each([
    { name: "less, in its window: given back", after: 10_000, used: 4, left: 96, wait: 0 },
    { name: "more, in its window: charged", after: 10_000, used: 70, left: 30, wait: 0 },
    { name: "less, its window over: nothing to give back", after: 61_000, used: 4, left: 100, wait: 0 },
    {
      name: "more, its window over: charged to the window of now",
      after: 61_000,
      used: 70,
      left: 80,
      wait: 0,
    },
    {
      name: "more than the limit: over it until the window ends",
      after: 10_000,
      used: 170,
      left: 0,
      wait: 50_000,
    },
  ])("settling 50 reserved: $name", ({ after, used, left, wait }) => {
    const count = new Count("window");
    const start = windowTake(count, 50, 0);
    windowSettle(count, start, 50, used, after);
    expect(windowRemaining(count, 100, after)).toBe(left);
    expect(windowWait(count, 100, 0, after)).toBe(wait);
  });

  test("a refund does not reach into a window that began since", () => {
    const count = new Count("window");
    const start = windowTake(count, 50, 0);
    windowTake(count, 30, 61_000);
    windowSettle(count, start, 50, 10, 62_000);
    expect(windowRemaining(count, 100, 62_000)).toBe(70);
  });
});

describe("gcra", () => {
  const limits = fc
    .integer({ min: 1, max: 60 })
    .chain((limit) => fc.tuple(fc.constant(limit), fc.double({ min: 0, max: limit, noNaN: true })));

  const bursty = fc.oneof(
    limits,
    fc.integer({ min: 20, max: 60 }).map((limit) => [limit, limit / 2] as [number, number]),
  );

  test("never admits more requests than the limit in any 60 seconds", () => {
    fc.assert(
      fc.property(requests, limits, (list, [limit, wanted]) => {
        const burst = gcraBurst(limit, wanted);
        const count = new Count("gcra");
        const admitted: number[] = [];
        let at = 0;
        for (const { pause } of list) {
          at += pause;
          if (gcraWait(count, limit, burst, 1, at) > 0) continue;
          gcraTake(count, limit, burst, 1, at);
          admitted.push(at);
          expect(admitted.filter((one) => one > at - 60_000).length).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("never admits more tokens than the limit in any 60 seconds, refunds included", () => {
    fc.assert(
      fc.property(fc.oneof(requests, pressure), bursty, (list, [limit, wanted]) => {
        const burst = gcraBurst(limit, wanted);
        const count = new Count("gcra");
        const admitted = new Map<number, { at: number; amount: number; mark: number }>();
        for (const { at, index, ends } of timeLine(list)) {
          const entry = list[index]!;
          const amount = Math.min(entry.reserved, limit);
          if (!ends) {
            if (gcraWait(count, limit, burst, amount, at) > 0) continue;
            const mark = gcraTake(count, limit, burst, amount, at);
            admitted.set(index, { at, amount, mark });
          } else {
            const one = admitted.get(index);
            if (one === undefined) continue;
            const used = Math.floor(amount * entry.part);
            gcraSettle(count, limit, burst, one.mark, amount, used, at);
            admitted.set(index, { ...one, amount: used });
          }
        }
        // Looked at from the end, when all is known: by the time each was admitted, with what it really used.
        const all = [...admitted.values()].sort((one, other) => one.at - other.at);
        for (const { at } of all) {
          const inside = all.filter((one) => one.at >= at && one.at - at < 60_000);
          expect(inside.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit + 1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("what it says to wait for is enough, and no more than needed", () => {
    fc.assert(
      fc.property(requests, limits, (list, [limit, wanted]) => {
        const burst = gcraBurst(limit, wanted);
        const count = new Count("gcra");
        let at = 0;
        for (const { pause, reserved } of list) {
          at += pause;
          const amount = Math.min(reserved, limit);
          const wait = gcraWait(count, limit, burst, amount, at);
          if (wait > 0.01) {
            expect(gcraWait(count, limit, burst, amount, at + wait + 1e-6)).toBe(0);
            expect(gcraWait(count, limit, burst, amount, at + wait * 0.99)).toBeGreaterThan(0);
          } else gcraTake(count, limit, burst, amount, at);
        }
      }),
    );
  });

  test("a busy caller gets the burst at once, then one after the other", () => {
    const count = new Count("gcra");
    const admitted: number[] = [];
    for (let step = 0; step < 60_000; step++) {
      const at = Math.floor(step / 10) * 100;
      if (gcraWait(count, 60, 6, 1, at) > 0) continue;
      gcraTake(count, 60, 6, 1, at);
      admitted.push(at);
    }
    expect(admitted.filter((at) => at === 0)).toHaveLength(6);
    expect(admitted.filter((at) => at < 60_000)).toHaveLength(59);
    // Ten minutes: the burst, and 54 of the 60 a minute.
    expect(admitted.length).toBeGreaterThan(10 * 53);
  });

  test.each([
    { name: "soon: what lies ahead comes back", after: 500, used: 0, remaining: 10 },
    { name: "too little: charged", after: 0, used: 12, remaining: 0 },
    { name: "late: time has given it back already", after: 30_000, used: 0, remaining: 10 },
  ])("settling 10 reserved of a burst of 10: $name", ({ after, used, remaining }) => {
    const count = new Count("gcra");
    const mark = gcraTake(count, 100, 10, 10, 0);
    gcraSettle(count, 100, 10, mark, 10, used, after);
    expect(gcraRemaining(count, 100, 10, after)).toBeCloseTo(remaining);
  });
});

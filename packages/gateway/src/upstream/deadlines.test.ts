import { describe, expect, it } from "vitest";
import { Deadlines, type Watched } from "./deadlines.ts";

/** Written down when it is looked at. */
class Call implements Watched {
  slot = -1;
  dueAt: number;
  readonly looks: number[] = [];
  readonly #then: (call: Call) => void;

  constructor(milliseconds: number, then: (call: Call) => void = () => {}) {
    this.dueAt = performance.now() + milliseconds;
    this.#then = then;
  }

  look(now: number): void {
    this.looks.push(now);
    this.#then(this);
  }
}

async function looked(call: Call, times = 1): Promise<void> {
  while (call.looks.length < times) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe("Deadlines", () => {
  it("looks at each at its time and not before, in whatever order they came", async () => {
    const deadlines = new Deadlines();
    const calls = [60, 5, 30, 5, 90].map((milliseconds) => new Call(milliseconds));
    for (const call of calls) deadlines.watch(call);
    for (const call of calls) await looked(call);
    for (const { looks, dueAt } of calls) {
      expect(looks).toHaveLength(1);
      expect(looks[0]).toBeGreaterThanOrEqual(dueAt);
    }
  });

  it("looks at none that was forgotten, and still at those after it", async () => {
    const deadlines = new Deadlines();
    const forgotten = new Call(5);
    const kept = new Call(20);
    deadlines.watch(forgotten);
    deadlines.watch(kept);
    deadlines.forget(forgotten);
    // Its place is taken by another.
    const next = new Call(10);
    deadlines.watch(next);
    deadlines.forget(forgotten);
    await looked(kept);
    expect([forgotten.looks.length, next.looks.length]).toEqual([0, 1]);
  });

  it("takes a new time for one that is watched, sooner or later", async () => {
    const deadlines = new Deadlines();
    const sooner = new Call(600_000);
    const later = new Call(5);
    for (const call of [sooner, later]) deadlines.watch(call);
    sooner.dueAt = performance.now() + 10;
    later.dueAt = performance.now() + 30;
    for (const call of [sooner, later]) deadlines.watch(call);
    await looked(later);
    expect([sooner.looks.length, later.looks.length]).toEqual([1, 1]);
    expect(later.looks[0]).toBeGreaterThanOrEqual(later.dueAt);
  });

  it("lets a look watch anew, or forget another", async () => {
    const deadlines = new Deadlines();
    const other = new Call(5);
    const again: Call = new Call(5, (call) => {
      deadlines.forget(other);
      if (call.looks.length === 3) return;
      call.dueAt = performance.now() + 5;
      deadlines.watch(call);
    });
    deadlines.watch(again);
    deadlines.watch(other);
    await looked(again, 3);
    expect([again.looks.length, other.looks.length]).toEqual([3, 0]);
  });
});

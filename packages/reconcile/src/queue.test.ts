import { manualClock } from "@gatewright/testkit";
import { array, assert, asyncProperty, constant, constantFrom, nat, oneof, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueue, type Next, type Queue, type QueueOptions } from "./queue.ts";

function queueWith(options: Partial<QueueOptions> = {}) {
  const clock = manualClock();
  return { clock, queue: createQueue({ clock, random: () => 0, ...options }) };
}

const forget: Next = { kind: "forget" };
const retry: Next = { kind: "retry", atLeastMilliseconds: 0 };

/** What `take` gives now, or undefined when it would wait. A `take` that waits stays, so ask last. */
async function takeNow(queue: Queue): Promise<string | undefined> {
  let taken: string | undefined;
  void queue.take().then((key) => {
    taken = key;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return taken;
}

describe("the queue", () => {
  it("holds a key once and hands keys out in order", async () => {
    const { queue } = queueWith();
    for (const key of ["a", "b", "a", "c", "b"]) queue.add(key);
    expect(queue.depth).toBe(3);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(["a", "b", "c"]);
    expect(await takeNow(queue)).toBeUndefined();
  });

  it("gives a key that was added while worked on once more, not sooner", async () => {
    const { queue } = queueWith();
    queue.add("a");
    await queue.take();
    queue.add("a");
    queue.add("a");
    expect(queue.depth).toBe(0);
    queue.done("a", forget);
    expect(queue.depth).toBe(1);
    await queue.take();
    queue.done("a", forget);
    expect(queue.depth).toBe(0);
  });

  it("pauses twice as long after every failure, up to the longest, and begins anew after a success", async () => {
    const { clock, queue } = queueWith({ perSecond: 1000 });
    const pauses: number[] = [];
    const pass = async (next: Next): Promise<void> => {
      await queue.take();
      queue.done("a", next);
    };
    queue.add("a");
    for (let failures = 0; failures < 22; failures += 1) {
      await pass(retry);
      const [pause = Number.NaN] = clock.timers();
      pauses.push(pause);
      await clock.advance(pause);
    }
    expect(pauses.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(pauses.slice(-3)).toEqual([1_000_000, 1_000_000, 1_000_000]);
    expect(queue.failures("a")).toBe(22);
    await pass(forget);
    expect(clock.timers()).toEqual([]);
    queue.add("a");
    await pass(retry);
    expect(clock.timers()).toEqual([5]);
  });

  it("waits at least as long as the server asked for", async () => {
    const { clock, queue } = queueWith();
    queue.add("a");
    await queue.take();
    queue.done("a", { kind: "retry", atLeastMilliseconds: 7000 });
    expect(clock.timers()).toEqual([7000]);
  });

  it("lets many failing keys come back at ten a second once the burst is used up", async () => {
    const { clock, queue } = queueWith();
    for (let count = 0; count < 120; count += 1) queue.add(String(count));
    for (let count = 0; count < 120; count += 1) {
      await queue.take();
      queue.done(String(count), retry);
    }
    expect(clock.timers().filter((pause) => pause <= 5)).toHaveLength(100);
    expect(clock.timers().at(-1)).toBeCloseTo(2000);
  });

  it("keeps of several delays the one of the last pass, and the earliest others asked for", async () => {
    const { clock, queue } = queueWith();
    queue.add("a");
    await queue.take();
    queue.done("a", { kind: "again", afterMilliseconds: 1000 });
    queue.addAfter("a", 9000);
    queue.addAfter("a", 5000);
    queue.addAfter("a", 8000);
    expect(clock.timers()).toEqual([1000, 5000]);
    queue.add("a");
    await queue.take();
    queue.done("a", forget);
    expect(clock.timers(), "the pass that is done needs no other").toEqual([5000]);
    await clock.advance(5000);
    expect(queue.depth).toBe(1);
  });

  it("slows down a key that never comes to rest, and no other, and loses nothing by that", async () => {
    const { clock, queue } = queueWith();
    let passes = 0;
    const undoneByAnother = async (): Promise<void> => {
      for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
        if (key === "contested") {
          passes += 1;
          queue.add(key);
        }
        queue.done(key, forget);
      }
    };
    const worker = undoneByAnother();
    queue.add("contested");
    await clock.advance(10_000);
    expect(passes).toBe(40);
    queue.add("another");
    await clock.advance(0);
    expect(queue.depth).toBe(0);
    queue.close();
    await worker;
  });

  it("ends all waiting workers when closed, and forgets what was to come", async () => {
    const { clock, queue } = queueWith();
    queue.addAfter("a", 10);
    const waiting = [queue.take(), queue.take()];
    queue.close();
    queue.add("b");
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    expect(clock.timers()).toEqual([]);
    expect(await queue.take()).toBeUndefined();
  });

  it("never has two workers on one key and loses nothing, whatever happens in whatever order", async () => {
    const key = constantFrom("a", "b", "c");
    const next = oneof(
      constant(forget),
      constant(retry),
      nat(50).map((afterMilliseconds): Next => ({ kind: "again", afterMilliseconds })),
    );
    const step = oneof(
      record({ kind: constant("add" as const), key }),
      record({ kind: constant("later" as const), key, milliseconds: nat(100) }),
      record({ kind: constant("finish" as const), next }),
      record({ kind: constant("pass time" as const), milliseconds: nat(60) }),
    );
    await assert(
      asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
        const { clock, queue } = queueWith({ longestMilliseconds: 80 });
        const working: string[] = [];
        /** Keys that still need a pass to begin after this moment. */
        const owed = new Set<string>();
        const worker = async (): Promise<void> => {
          for (let taken = await queue.take(); taken !== undefined; taken = await queue.take()) {
            expect(working).not.toContain(taken);
            working.push(taken);
            owed.delete(taken);
            await new Promise<void>((resolve) => finishers.push(resolve));
          }
        };
        const finishers: (() => void)[] = [];
        const finish = (how: Next): void => {
          const [finished] = working.splice(0, 1);
          if (finished === undefined) return;
          if (how.kind !== "forget") owed.add(finished);
          queue.done(finished, how);
          finishers.shift()?.();
        };
        const workers = [worker(), worker()];
        for (const one of steps) {
          if (one.kind === "add") {
            owed.add(one.key);
            queue.add(one.key);
          } else if (one.kind === "later") queue.addAfter(one.key, one.milliseconds);
          else if (one.kind === "finish") finish(one.next);
          else await clock.advance(one.milliseconds);
          await clock.advance(0);
          expect(working.length).toBeLessThanOrEqual(2);
        }
        for (let rounds = 0; rounds < 40; rounds += 1) {
          await clock.advance(200);
          finish(forget);
        }
        expect([...owed]).toEqual([]);
        expect(queue.depth).toBe(0);
        expect(clock.timers()).toEqual([]);
        queue.close();
        await Promise.all(workers);
      }),
      { numRuns: 60 },
    );
  });
});

import { manualClock } from "@gatewright/testkit";
import { describe, expect, test } from "vitest";
import { FairQueue } from "./fair-queue.ts";
import { type Answer, type Applicant, type Grant, noTokens } from "./ledger.ts";
import { type Limit, type LimitOptions, limitOf } from "./limit.ts";
import { Application, Limiter } from "./limiter.ts";
import { LocalLedger } from "./local-ledger.ts";

const queue = { size: 4, waitMilliseconds: 10_000 };

function limit(options: Partial<LimitOptions>): Limit {
  return limitOf({ id: "model", name: "gpt", subject: "model_group", value: "gpt-4", queue, ...options })!;
}

/** The local ledger, or one that answers later, as Redis does. */
class SlowLedger extends LocalLedger {
  slow = false;
  readonly waiting: (() => void)[] = [];

  override take(applicant: Applicant): void {
    if (!this.slow) return super.take(applicant);
    this.waiting.push(() => super.take(applicant));
  }

  /** Answers one question. */
  answer(): void {
    this.waiting.shift()?.();
  }
}

function stage() {
  const clock = manualClock();
  const ledger = new SlowLedger(() => clock.monotonic());
  const refusals: string[] = [];
  const waits: number[] = [];
  const limiter = new Limiter(
    ledger,
    {
      now: () => clock.monotonic(),
      after: (milliseconds, run) => ({ cancel: clock.after(milliseconds, run) }),
      random: () => 0,
    },
    {
      refused: ({ meter }) => refusals.push(meter.limitType),
      waited: (_limit, milliseconds) => waits.push(milliseconds),
    },
  );
  const order: string[] = [];

  class Client extends Application {
    readonly limits: readonly (readonly Limit[])[];
    readonly input: number;
    readonly output = 0;
    readonly caller: string;
    readonly name: string;
    outcome: Answer | undefined;

    constructor(name: string, limits: readonly Limit[], input = 0) {
      super(limiter);
      this.name = name;
      this.caller = name.charAt(0);
      this.limits = [limits];
      this.input = input;
    }

    override concluded(answer: Answer): void {
      expect(this.outcome).toBeUndefined();
      this.outcome = answer;
      order.push(`${this.name} ${answer.kind}`);
    }

    end(used = noTokens): void {
      limiter.settle(this.outcome as Grant, used);
    }
  }
  const come = (name: string, limits: readonly Limit[], input?: number): Client => {
    const client = new Client(name, limits, input);
    limiter.apply(client);
    return client;
  };
  return { clock, ledger, limiter, refusals, waits, order, come };
}

describe("a queue before the 429", () => {
  test("slots go to those who wait, callers in turn, each first in first out", () => {
    const { order, come, limiter } = stage();
    const slots = [limit({ parallel: 1, queue: { size: 10, waitMilliseconds: 10_000 } })];
    let running = come("x0", slots);
    const clients = ["a1", "a2", "a3", "b1", "c1", "b2"].map((name) => come(name, slots));
    expect(limiter.depths()).toEqual(new Map([["gpt", 6]]));
    for (let turns = 0; turns < 6; turns++) {
      running.end();
      running = clients.find(({ outcome }) => outcome?.kind === "grant" && !(outcome as Grant).settled)!;
    }
    expect(order.map((entry) => entry.slice(0, 2))).toEqual(["x0", "a1", "b1", "c1", "a2", "b2", "a3"]);
    expect(limiter.depths().size).toBe(0);
  });

  test("a newcomer does not overtake", () => {
    const { order, come } = stage();
    const slots = [limit({ parallel: 1 })];
    const first = come("a1", slots);
    come("b1", slots);
    first.end();
    come("c1", slots);
    expect(order).toEqual(["a1 grant", "b1 grant"]);
  });

  test("full: the next is refused at once", () => {
    const { order, come, refusals } = stage();
    const slots = [limit({ parallel: 1 })];
    for (const name of ["a1", "a2", "a3", "a4", "a5", "b1"]) come(name, slots);
    expect(order).toEqual(["a1 grant", "b1 refusal"]);
    expect(refusals).toEqual(["max_parallel_requests"]);
  });

  test("after its longest wait one is refused, and what it waited is told", async () => {
    const { clock, come, waits } = stage();
    const slots = [limit({ parallel: 1 })];
    come("a1", slots);
    const late = come("a2", slots);
    await clock.advance(9_999);
    expect(late.outcome).toBeUndefined();
    await clock.advance(1);
    expect(late.outcome?.kind).toBe("refusal");
    expect(waits).toEqual([10_000]);
    expect(clock.timers()).toEqual([]);
  });

  test("a window that begins anew lets them in", async () => {
    const { clock, come } = stage();
    const rate = [limit({ requests: 1 })];
    come("a1", rate);
    await clock.advance(55_000);
    const waiting = come("a2", rate);
    await clock.advance(4_999);
    expect(waiting.outcome).toBeUndefined();
    await clock.advance(1);
    expect(waiting.outcome?.kind).toBe("grant");
  });

  test("nobody waits for a window that begins too late", () => {
    const { come } = stage();
    const rate = [limit({ requests: 1 })];
    come("a1", rate);
    expect(come("a2", rate).outcome?.kind).toBe("refusal");
  });

  test("tokens that come back let them in", () => {
    const { come } = stage();
    const tokens = [limit({ tokens: 100 })];
    const first = come("a1", tokens, 90);
    const waiting = come("a2", tokens, 50);
    expect(waiting.outcome).toBeUndefined();
    first.end({ input: 20, output: 0 });
    expect(waiting.outcome?.kind).toBe("grant");
  });

  test("who goes away leaves the place at once", () => {
    const { come, limiter, order } = stage();
    const slots = [limit({ parallel: 1 })];
    const first = come("a1", slots);
    const gone = come("b1", slots);
    come("c1", slots);
    gone.leave();
    expect(limiter.depths()).toEqual(new Map([["gpt", 1]]));
    first.end();
    expect(order).toEqual(["a1 grant", "c1 grant"]);
  });

  test("without a queue, and when another limit has none, there is no waiting", () => {
    const { come } = stage();
    const patient = limit({ parallel: 1 });
    const strict = limit({ id: "key", requests: 1, queue: undefined });
    come("a1", [patient, strict]);
    expect(come("a2", [patient, strict]).outcome).toMatchObject({ meter: { owner: { id: "key" } } });
  });

  test("from one queue to the next, with the time that is left", async () => {
    const { clock, come } = stage();
    const one = limit({ id: "one", parallel: 1 });
    const two = limit({ id: "two", parallel: 1 });
    const holdsOne = come("a1", [one]);
    const holdsTwo = come("a2", [two]);
    const both = come("b1", [one, two]);
    await clock.advance(6_000);
    holdsOne.end();
    expect(both.outcome).toBeUndefined();
    await clock.advance(3_000);
    holdsTwo.end();
    expect(both.outcome?.kind).toBe("grant");
    const next = come("c1", [one, two]);
    await clock.advance(10_000);
    expect(next.outcome?.kind).toBe("refusal");
  });
});

describe("a ledger that answers later", () => {
  test("one question at a time, and none is lost", async () => {
    const { clock, ledger, come, order } = stage();
    const slots = [limit({ parallel: 1 })];
    const first = come("a1", slots);
    const clients = ["b1", "c1", "d1"].map((name) => come(name, slots));
    ledger.slow = true;
    first.end();
    expect(ledger.waiting).toHaveLength(1);
    await clock.advance(900);
    expect(ledger.waiting).toHaveLength(1);
    ledger.answer();
    // Whether there is room for one more is asked next.
    expect(ledger.waiting).toHaveLength(1);
    ledger.answer();
    clients[0]!.end();
    ledger.answer();
    ledger.answer();
    clients[1]!.end();
    ledger.answer();
    expect(order).toEqual(["a1 grant", "b1 grant", "c1 grant", "d1 grant"]);
  });

  test("what is granted to one who has gone goes to the next", () => {
    const { ledger, come } = stage();
    const slots = [limit({ parallel: 1 })];
    ledger.slow = true;
    const gone = come("a1", slots);
    gone.leave();
    ledger.answer();
    expect(gone.outcome).toBeUndefined();
    const next = come("b1", slots);
    ledger.answer();
    expect(next.outcome?.kind).toBe("grant");
  });

  test("who goes away, or runs out of time, while it is asked for", async () => {
    const { clock, ledger, come } = stage();
    const slots = [limit({ parallel: 1 })];
    const first = come("a1", slots);
    const gone = come("b1", slots);
    const late = come("c1", slots);
    ledger.slow = true;
    first.end();
    gone.leave();
    ledger.answer();
    expect(gone.outcome).toBeUndefined();
    ledger.slow = false;
    await clock.advance(1_100);
    for (let left = ledger.waiting.length; left > 0; left--) ledger.answer();
    expect(late.outcome?.kind).toBe("grant");
  });
});

test("a caller with many requests delays another's by one", () => {
  const line = new FairQueue<string>(200);
  for (let index = 0; index < 100; index++) line.add("greedy", `greedy ${index}`);
  line.add("modest", "modest 0");
  line.served("greedy", line.first()!);
  expect(line.first()).toBe("modest 0");
  line.served("modest", "modest 0");
  expect(line.first()).toBe("greedy 1");
  expect(line.length).toBe(99);
});

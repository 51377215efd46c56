import { startRedis, type TestRedis, withoutRedis } from "@gatewright/testkit";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { budgetWindow } from "./budget-window.ts";
import { SharedSpend, type SpendRedis } from "./shared-spend.ts";
import type { SpendMeter, SpendTerms } from "./spend-meter.ts";
import { SpendMeters } from "./spend-meters.ts";
import { utc } from "./time-zone.ts";

const terms: SpendTerms = { limit: 20_000, window: budgetWindow("1d"), zone: utc, tripsAtLimit: true };
const DOLLAR = 1e12;

let server: TestRedis;
let redis: Redis;
let epoch = Date.now();

interface Replica {
  readonly meter: SpendMeter;
  share(): Promise<void>;
}

/** One gateway; `broken` loses Redis' answers after the command was carried out. */
function replica(broken = false): Replica {
  const meters = new SpendMeters({ now: () => 0, epoch: () => epoch });
  let under: Promise<unknown>[] = [];
  const connection: SpendRedis = {
    evaluate(script, keys, args, tell) {
      const reply = redis.eval(script.text, keys.length, ...keys, ...args);
      under.push(
        reply.then(
          (answer) => {
            if (broken) tell("timeout", undefined);
            else tell(undefined, answer);
          },
          (error: unknown) => {
            tell("connection", error);
          },
        ),
      );
    },
  };
  const shared = new SharedSpend(connection, meters, () => "test:");
  return {
    meter: meters.meter("key", "k", terms),
    async share() {
      shared.share();
      shared.share(); // One that is under way is not sent twice.
      await Promise.all(under);
      under = [];
    },
  };
}

describe.skipIf(withoutRedis() !== undefined)("SharedSpend", () => {
  beforeEach(async () => {
    server = await startRedis();
    redis = new Redis(server.port, "127.0.0.1", { retryStrategy: () => 50, maxRetriesPerRequest: 0 });
    redis.on("error", () => {});
    epoch = Date.now();
  });
  afterEach(async () => {
    redis.disconnect();
    await server.stop();
  });

  it("tells replicas what the others have spent, exactly and beyond what a number holds", async () => {
    const [one, other] = [replica(), replica()];
    for (let index = 0; index < 12_000; index++) one.meter.add(DOLLAR, 0);
    one.meter.add(1, 0);
    for (let index = 0; index < 7_999; index++) other.meter.add(DOLLAR, 0);
    other.meter.add(DOLLAR - 2, 0);
    await one.share();
    await other.share();
    one.meter.crossed(0);
    await one.share();
    const total = 20_000n * 10n ** 12n - 1n;
    expect([one.meter.spent, other.meter.spent]).toEqual([total, total]);
    expect([one.meter.crossed(0), other.meter.crossed(0)]).toEqual([false, false]);
    one.meter.add(1, 0);
    await one.share();
    expect([one.meter.crossed(0), other.meter.crossed(0)]).toEqual([true, false]);
    await other.share();
    expect(other.meter.crossed(0)).toBe(true);
  });

  it("remembers across a restart of the gateway", async () => {
    const before = replica();
    before.meter.add(5, 0);
    await before.share();
    const after = replica();
    await after.share();
    expect(after.meter.spent).toBe(5n);
  });

  it("counts what is added while the answer is on its way", async () => {
    const one = replica();
    one.meter.add(5, 0);
    const sharing = one.share();
    one.meter.add(7, 0);
    await sharing;
    expect(one.meter.spent).toBe(12n);
    await one.share();
    expect([one.meter.spent, await redis.get((await redis.keys("test:*"))[0] ?? "")]).toEqual([12n, "12"]);
  });

  it("puts back what Redis has lost, once for all", async () => {
    const [one, other] = [replica(), replica()];
    one.meter.add(5, 0);
    other.meter.add(7, 0);
    await one.share();
    await other.share();
    one.meter.crossed(0);
    await one.share();
    await redis.flushall();
    one.meter.add(1, 0);
    other.meter.add(1, 0);
    await one.share();
    await other.share();
    expect(other.meter.spent).toBe(14n);
  });

  it("counts alone while Redis is away, and begins a new window without the old one's sum", async () => {
    const one = replica();
    redis.disconnect();
    one.meter.add(5, 0);
    await one.share();
    expect(one.meter.spent).toBe(5n);
    await redis.connect();
    await one.share();
    expect(await redis.get((await redis.keys("test:*"))[0] ?? "")).toBe("5");
    epoch += 24 * 3_600_000;
    const next = replica();
    await next.share();
    expect(next.meter.spent).toBe(0n);
  });

  it("errs on the safe side when an answer is lost", async () => {
    const one = replica(true);
    one.meter.add(5, 0);
    await one.share();
    expect(one.meter.spent).toBe(5n);
    await one.share();
    const other = replica();
    await other.share();
    expect(other.meter.spent).toBe(10n);
  });
});

import { hash } from "node:crypto";
import type { SpendMeter } from "./spend-meter.ts";
import type { SpendMeters } from "./spend-meters.ts";

/** What is needed of the connection to Redis. `done` is told why there is no answer, or the answer. */
export interface SpendRedis {
  evaluate(
    script: { readonly text: string; readonly sha: string },
    keys: readonly string[],
    args: readonly string[],
    done: (failure: unknown, answer: unknown) => void,
  ): void;
}

/**
 * Adds ARGV[1], and gives the sum as a text: as a number it would be exact up to 9,007 dollars only. ARGV[2] is what the
 * sum is known to have been: when Redis has lost it, the first who comes puts it back. ARGV[3] is when it ends.
 */
const text = `
if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[2]) then redis.call('SET', KEYS[1], ARGV[2]) end
redis.call('INCRBY', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
return redis.call('GET', KEYS[1])`;

const script = { text, sha: hash("sha1", text) };

/** Kept longer than its window by this: clocks of replicas differ. */
const GRACE_MILLISECONDS = 3_600_000;

/**
 * Lets replicas spend from the same budgets, and a restart remember: each adds to a sum in Redis what it has spent
 * since the last time, and learns what all have spent. Meant to be called every second (litellm.md §4.2), never by a
 * request: for that second replicas do not know of each other. While Redis is away each counts for itself, and adds
 * all of it later; an addition whose answer was lost is made twice, which errs on the safe side.
 */
export class SharedSpend {
  readonly #redis: SpendRedis;
  readonly #meters: SpendMeters;
  readonly #prefix: () => string;
  /** Meters whose answer is still to come: they are not asked again until then. */
  readonly #waiting = new Set<SpendMeter>();

  /** `prefix` comes before all keys, for gateways that share a Redis. */
  constructor(redis: SpendRedis, meters: SpendMeters, prefix: () => string) {
    this.#redis = redis;
    this.#meters = meters;
    this.#prefix = prefix;
  }

  /** Shares the spend of all meters that were used since the last time. Never throws; answers come later. */
  share(): void {
    for (const meter of this.#meters.all()) if (!this.#waiting.has(meter)) this.#shareOne(meter);
  }

  #shareOne(meter: SpendMeter): void {
    const own = meter.unshared();
    if (own === undefined) return;
    const { id, resetsAt } = meter;
    const expires = resetsAt === undefined ? "" : String(resetsAt + GRACE_MILLISECONDS);
    this.#waiting.add(meter);
    this.#redis.evaluate(
      script,
      [`${this.#prefix()}spend:${id}:${resetsAt ?? "ever"}`],
      [own.spent.toString(), own.known.toString(), expires],
      (failure, answer) => {
        this.#waiting.delete(meter);
        if (failure === undefined && typeof answer === "string")
          meter.learn(own.spent, BigInt(answer), resetsAt);
        else meter.retryShare(); // Nothing is lost: what was not shared is still in the meter.
      },
    );
  }
}

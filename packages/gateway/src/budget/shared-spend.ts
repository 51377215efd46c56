import type { SpendMeter } from "./spend-meter.ts";
import type { SpendMeters } from "./spend-meters.ts";

/** The one command that is needed of Redis; ioredis has it, single, sentinel and cluster alike. */
export interface SpendRedis {
  eval(script: string, keys: number, ...rest: string[]): Promise<unknown>;
}

/** Adds, and gives the sum as a text: as a number it would be exact up to 9,007 dollars only. */
const ADD = `
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if ARGV[2] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])`;

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
  readonly #prefix: string;
  #running: Promise<void> | undefined;

  /** `prefix` comes before all keys, for gateways that share a Redis. */
  constructor(redis: SpendRedis, meters: SpendMeters, prefix = "gatewright:spend:") {
    this.#redis = redis;
    this.#meters = meters;
    this.#prefix = prefix;
  }

  /** Shares what was spent since the last time. Never throws; one still under way is not overtaken. */
  share(): Promise<void> {
    this.#running ??= this.#shareAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #shareAll(): Promise<void> {
    await Promise.all([...this.#meters.all()].map((meter) => this.#shareOne(meter)));
  }

  async #shareOne(meter: SpendMeter): Promise<void> {
    const shared = meter.unshared();
    if (shared === undefined) return;
    const { id, resetsAt } = meter;
    const expires = resetsAt === undefined ? "" : String(resetsAt + GRACE_MILLISECONDS);
    const key = `${this.#prefix}${id}:${resetsAt ?? "ever"}`;
    try {
      const total = await this.#redis.eval(ADD, 1, key, shared.toString(), expires);
      if (typeof total === "string") meter.learn(shared, BigInt(total), resetsAt);
    } catch {
      // Redis is away: what was not shared is still in the meter, and the connection reports the trouble.
      meter.retryShare();
    }
  }
}

import type { Clock } from "./clock.ts";

/** Pauses between failed passes over one key, and the pace of all of them together. */
export interface RetryPace {
  /** Default 5. */
  readonly baseMilliseconds?: number;
  /** Default 1,000,000: what the Kubernetes controllers have. */
  readonly longestMilliseconds?: number;
  /** Retries of all keys a second, on average; default 10. */
  readonly perSecond?: number;
  /** Retries that may come at once before the average counts; default 100. */
  readonly burst?: number;
}

/** How a queue measures and spreads. */
export interface QueueOptions extends RetryPace {
  readonly clock: Clock;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
  readonly watch?: QueueWatch;
}

/** Who counts. Times in seconds. */
export interface QueueWatch {
  added(): void;
  retried(): void;
  /** A key was handed out after having waited. */
  taken(waitedSeconds: number): void;
  /** The work on a key ended. */
  finished(workedSeconds: number): void;
}

/**
 * Keys that need a pass. A key stands in it once, however often it was added, and is never handed out twice at the
 * same time: added while it is being worked on, it comes again afterwards.
 */
export interface Queue {
  add(key: string): void;
  /** Adds the key after a time, unless asked for an earlier one already. A pass in between does not take it back. */
  addAfter(key: string, milliseconds: number): void;
  /** The next key, in the order of adding; undefined once the queue is closed. Must be followed by `done`. */
  take(): Promise<string | undefined>;
  /** The work on a key that was taken is over. */
  done(key: string, next: Next): void;
  /** Nothing is handed out any more, all waiting `take`s end. */
  close(): void;
  /** Keys that wait for a pass now. */
  readonly depth: number;
  /** Failures in a row of a key. */
  failures(key: string): number;
  /** For every key being worked on, for how long, seconds. */
  running(): readonly number[];
}

/** What happens to a key after a pass; it replaces what the pass before had asked for. */
export type Next =
  | { readonly kind: "forget" }
  | { readonly kind: "again"; readonly afterMilliseconds: number }
  /** After a growing pause, at least the given one. */
  | { readonly kind: "retry"; readonly atLeastMilliseconds: number };

/** So that keys that failed together do not come back together. */
const SPREAD = 0.1;

/**
 * Passes over one key that may follow each other at once, and how many a second when these are used up. Two writers who
 * undo each other's work make an endless chain of changes; this keeps it from becoming a storm.
 */
const KEY_BURST = 20;
const KEY_PASSES_PER_SECOND = 2;
const KEYS_PACED = 5000;

export function createQueue(options: QueueOptions): Queue {
  const { clock, random, watch } = options;
  const bucket = tokenBucket(clock, options.perSecond ?? 10, options.burst ?? 100);
  const paces = keyPaces(clock);
  /** Waiting keys and since when; a Map keeps the order of adding. */
  const waiting = new Map<string, number>();
  const working = new Map<string, number>();
  const addedMeanwhile = new Set<string>();
  const failures = new Map<string, number>();
  /** Delays that passes asked for; the last pass counts. */
  const planned = new Map<string, () => void>();
  /** Delays that others asked for; the earliest counts. */
  const asked = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  const takers: ((key: string | undefined) => void)[] = [];
  let closed = false;

  const handOut = (key: string, since: number): void => {
    const now = clock.monotonic();
    working.set(key, now);
    paces.spend(key);
    watch?.taken((now - since) / 1000);
  };

  const add = (key: string): void => {
    if (closed) return;
    if (working.has(key)) {
      if (!addedMeanwhile.has(key)) watch?.added();
      addedMeanwhile.add(key);
      return;
    }
    if (waiting.has(key)) return;
    const early = paces.early(key);
    if (early > 0) return addAfter(key, early);
    watch?.added();
    const taker = takers.shift();
    if (taker === undefined) {
      waiting.set(key, clock.monotonic());
      return;
    }
    handOut(key, clock.monotonic());
    taker(key);
  };

  const addAfter = (key: string, milliseconds: number): void => {
    if (closed) return;
    const at = clock.monotonic() + milliseconds;
    const before = asked.get(key);
    if (before !== undefined && before.at <= at) return;
    before?.cancel();
    const cancel = clock.after(milliseconds, () => {
      asked.delete(key);
      add(key);
    });
    asked.set(key, { at, cancel });
  };

  const plan = (key: string, milliseconds: number): void => {
    if (closed) return;
    planned.set(
      key,
      clock.after(milliseconds, () => {
        planned.delete(key);
        add(key);
      }),
    );
  };

  const pauseOf = (key: string): number => {
    const failed = failures.get(key) ?? 0;
    failures.set(key, failed + 1);
    const longest = options.longestMilliseconds ?? 1_000_000;
    // The exponent is bounded so that a key that fails for weeks stays a number.
    const grown = Math.min(longest, (options.baseMilliseconds ?? 5) * 2 ** Math.min(failed, 60));
    return grown * (1 + SPREAD * random());
  };

  return {
    add,
    addAfter,
    async take() {
      if (closed) return undefined;
      const [next] = waiting;
      if (next === undefined) return new Promise((resolve) => takers.push(resolve));
      const [key, since] = next;
      waiting.delete(key);
      handOut(key, since);
      return key;
    },
    done(key, next) {
      const since = working.get(key);
      if (since === undefined) throw new Error(`queue: "${key}" is not being worked on`);
      working.delete(key);
      watch?.finished((clock.monotonic() - since) / 1000);
      planned.get(key)?.();
      planned.delete(key);
      if (next.kind === "retry") {
        watch?.retried();
        plan(key, Math.max(pauseOf(key), bucket(), next.atLeastMilliseconds));
      } else {
        failures.delete(key);
        if (next.kind === "again") plan(key, next.afterMilliseconds);
      }
      if (addedMeanwhile.delete(key)) add(key);
    },
    close() {
      closed = true;
      for (const cancel of planned.values()) cancel();
      for (const { cancel } of asked.values()) cancel();
      planned.clear();
      asked.clear();
      waiting.clear();
      addedMeanwhile.clear();
      for (const taker of takers.splice(0)) taker(undefined);
    },
    get depth() {
      return waiting.size;
    },
    failures: (key) => failures.get(key) ?? 0,
    running: () => [...working.values()].map((since) => (clock.monotonic() - since) / 1000),
  };
}

/** Answers how many milliseconds the one who asks has to wait for its turn; 0 while the burst lasts. */
function tokenBucket(clock: Clock, perSecond: number, burst: number): () => number {
  let tokens = burst;
  let at = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond) - 1;
    at = now;
    return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
  };
}

/** How fast each key may come again. */
function keyPaces(clock: Clock): { spend(key: string): void; early(key: string): number } {
  const left = new Map<string, { readonly tokens: number; readonly at: number }>();
  const tokensOf = (key: string): number => {
    const { tokens, at } = left.get(key) ?? { tokens: KEY_BURST, at: 0 };
    return Math.min(KEY_BURST, tokens + ((clock.monotonic() - at) / 1000) * KEY_PASSES_PER_SECOND);
  };
  return {
    spend(key) {
      const tokens = tokensOf(key) - 1;
      left.delete(key);
      left.set(key, { tokens, at: clock.monotonic() });
      // The one that rested longest is the one that may be forgotten.
      const [longest] = left.keys();
      if (left.size > KEYS_PACED && longest !== undefined) left.delete(longest);
    },
    /** How many milliseconds too early a pass over the key would be now. */
    early: (key) => Math.max(0, ((1 - tokensOf(key)) / KEY_PASSES_PER_SECOND) * 1000),
  };
}

import { ApiError } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import { errorText, type Logger } from "./logger.ts";
import type { ControllerMetrics } from "./metrics.ts";
import { type Outcome, retry } from "./outcome.ts";
import { createQueue, type Next, type RetryPace } from "./queue.ts";
import type { ReflectorHandle } from "./reflector.ts";

/** Objects whose changes make keys of a controller worth a pass. */
export interface Source<T = unknown> {
  readonly store: ReflectorHandle<T>;
  /**
   * Keys to pass over when the object changes; called with the old and with the new value. `other` is what it changes to
   * or has changed from; absent when it comes or goes.
   */
  keys(value: T, other: T | undefined): readonly string[];
}

/** A source, with the type of its values taken from the reflector. */
export function source<T>(store: ReflectorHandle<T>, keys: Source<T>["keys"]): Source {
  const typed: Source<T> = { store, keys };
  return typed as Source;
}

/** What is done, and when. */
export interface Controller {
  /** Unique in the process; the name in metrics and logs. */
  readonly name: string;
  readonly sources: readonly Source[];
  /**
   * One pass over one key: looks at what is, decides, writes. Never runs twice at once for a key. The signal aborts when
   * the process must stop acting: nothing may be written after that. A thrown error counts as `retry`.
   */
  reconcile(key: string, signal: AbortSignal): Promise<Outcome>;
  /** Keys worked on at the same time; default 1. */
  readonly concurrency?: number;
}

export interface ControllerHandle {
  /** Asks for a pass over the key, now or after a time. */
  enqueue(key: string, afterSeconds?: number): void;
}

/** A controller with its queue. */
export interface ControllerLoop extends ControllerHandle {
  /** Resolves when all sources are synced. */
  readonly ready: Promise<void>;
  /** Begins to work. */
  start(): void;
  /**
   * Hands out no more keys and waits for the passes that run; after `graceMilliseconds` their signal aborts and they are
   * waited for no longer.
   */
  stop(graceMilliseconds: number): Promise<void>;
}

export function createControllerLoop(
  controller: Controller,
  context: {
    readonly clock: Clock;
    readonly random: () => number;
    readonly logger: Logger;
    readonly metrics: ControllerMetrics;
    readonly pace: RetryPace;
  },
): ControllerLoop {
  const { clock, logger, metrics } = context;
  const { name } = controller;
  const queue = createQueue({ ...context.pace, clock, random: context.random, watch: metrics.queue });
  metrics.observe(queue);
  const abort = new AbortController();
  const workers: Promise<void>[] = [];

  const keysOf = (one: Source, value: unknown, other: unknown): readonly string[] => {
    if (value === undefined) return [];
    try {
      return one.keys(value, other);
    } catch (error) {
      // A defect for one object must not stop the watch that all others depend on.
      logger.error({ controller: name, kind: one.store.type.kind, error: errorText(error) }, "source failed");
      return [];
    }
  };
  const unsubscribe = controller.sources.map((one) => {
    for (const value of one.store.store.values()) {
      for (const key of keysOf(one, value, undefined)) queue.add(key);
    }
    return one.store.onChange((_, old, value) => {
      // Each once: a key that is taken at once and then added again would be passed over twice.
      for (const key of new Set([...keysOf(one, old, value), ...keysOf(one, value, old)])) queue.add(key);
    });
  });

  const pass = async (key: string): Promise<Outcome> => {
    try {
      return await controller.reconcile(key, abort.signal);
    } catch (error) {
      return retry(error);
    }
  };

  const work = async (): Promise<void> => {
    for (;;) {
      const key = await queue.take();
      if (key === undefined) return;
      const began = clock.monotonic();
      metrics.started();
      const outcome = await pass(key);
      metrics.ended(outcome, (clock.monotonic() - began) / 1000);
      if (!abort.signal.aborted) report(key, outcome);
      queue.done(key, nextOf(outcome));
    }
  };

  const report = (key: string, outcome: Outcome): void => {
    const fields = { controller: name, key };
    if (outcome.kind === "wait") logger.debug({ ...fields, reason: outcome.reason }, "waits");
    else if (outcome.kind === "stalled") logger.debug({ ...fields, reason: outcome.reason }, "stalled");
    else if (outcome.kind === "retry") {
      const { error } = outcome;
      const failure = { ...fields, failures: queue.failures(key) + 1, error: errorText(error) };
      // What the API server refused says it all; anything else may be a defect, and only the stack says where.
      if (error instanceof ApiError)
        logger.warn({ ...failure, reason: error.code }, "pass failed, will retry");
      else if (error instanceof Error)
        logger.error({ ...failure, reason: error.name, stack: error.stack }, "pass failed, will retry");
      else logger.error(failure, "pass failed, will retry");
    }
  };

  return {
    ready: Promise.all(controller.sources.map(({ store }) => store.ready)).then(() => {}),
    enqueue(key, afterSeconds = 0) {
      if (afterSeconds > 0) queue.addAfter(key, afterSeconds * 1000);
      else queue.add(key);
    },
    start() {
      for (let count = 0; count < (controller.concurrency ?? 1); count += 1) workers.push(work());
    },
    async stop(graceMilliseconds) {
      for (const end of unsubscribe) end();
      queue.close();
      let cancel = (): void => {};
      const late = new Promise<void>((resolve) => {
        if (graceMilliseconds <= 0) resolve();
        else cancel = clock.after(graceMilliseconds, resolve);
      });
      if (graceMilliseconds <= 0) abort.abort();
      await Promise.race([Promise.all(workers), late]);
      cancel();
      abort.abort();
    },
  };
}

function nextOf(outcome: Outcome): Next {
  if (outcome.kind === "wait") return { kind: "again", afterMilliseconds: outcome.afterSeconds * 1000 };
  if (outcome.kind !== "retry") return { kind: "forget" };
  const seconds = outcome.error instanceof ApiError ? (outcome.error.retryAfterSeconds ?? 0) : 0;
  return { kind: "retry", atLeastMilliseconds: seconds * 1000 };
}

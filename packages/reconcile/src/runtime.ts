import type { Registry } from "prom-client";
import type { Client } from "./client.ts";
import { type Clock, systemClock } from "./clock.ts";
import {
  type Controller,
  type ControllerHandle,
  type ControllerLoop,
  createControllerLoop,
} from "./controller.ts";
import type { HealthCheck } from "./health.ts";
import { createKindWatch } from "./kind-changes.ts";
import { createElection, type Election, type LeaseOptions } from "./lease.ts";
import { errorText, type Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { KubernetesObject } from "./object.ts";
import type { RetryPace } from "./queue.ts";
import { createReflector, type Reflector, type ReflectorHandle, type ReflectorOptions } from "./reflector.ts";
import { type ReflectorTiming, reflectorTiming } from "./reflector-timing.ts";

export interface RuntimeOptions {
  /** Reads for the reflectors and holds the lease: never fenced. */
  readonly client: Client;
  readonly logger: Logger;
  /** Shared by all runtimes of a process; made when unset. */
  readonly metrics?: Metrics;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Controllers work only while this is held; without it, always. */
  readonly lease?: LeaseOptions;
  readonly timing?: Partial<ReflectorTiming>;
  readonly pace?: RetryPace;
}

/** Reflectors and controllers that live and die together, under one lease at most. */
export interface Runtime {
  /** A mirror of a kind. Who needs the same twice shares it: nothing is deduplicated here. Only before `read`. */
  reflect<T = KubernetesObject>(options: ReflectorOptions<T>): ReflectorHandle<T>;
  /** Only before `start`. */
  add(controller: Controller): ControllerHandle;
  /**
   * Starts reflectors and candidacy. For who has yet to load the code of the controllers: that can happen while the API
   * server answers.
   */
  read(): void;
  /** Reads, unless that has begun; each controller works once its sources are synced and this process leads. */
  start(): Promise<void>;
  /** Resolves when all controllers work. */
  readonly working: Promise<void>;
  /** Whether this process may write now: it leads, or there is no lease. For `fencedTransport`. */
  readonly mayWrite: () => boolean;
  /** Rejects when the lease is lost; all controllers have been told to stop then. Never resolves. */
  readonly lost: Promise<never>;
  /** Passes end (after 10 s they are aborted), watches end, the lease is given back. */
  stop(): Promise<void>;
  readonly metrics: Registry;
  /** For `/healthz` and `/readyz`. */
  readonly health: { readonly live: readonly HealthCheck[]; readonly ready: readonly HealthCheck[] };
}

const STOP_GRACE_MILLISECONDS = 10_000;

/** Liveness fails when a watch has heard nothing for this many stall times: then even reopening it did not help. */
const STALLS_UNTIL_DEAD = 4;

export function createRuntime(options: RuntimeOptions): Runtime {
  const { client, logger, clock = systemClock, random = Math.random } = options;
  const metrics = options.metrics ?? createMetrics();
  const timing = { ...reflectorTiming, ...options.timing };
  const shared = { client, clock, random, logger, timing };
  const kinds = createKindWatch(shared);
  const reflectors: Reflector<never>[] = [];
  const loops: ControllerLoop[] = [];
  const watching = new AbortController();
  const standing = new AbortController();
  const running: Promise<void>[] = [];
  let state: "new" | "reading" | "running" | "stopping" = "new";
  let stopped: Promise<void> | undefined;
  let lossReason: Error | undefined;

  const lease = options.lease;
  const election: Election | undefined =
    lease === undefined
      ? undefined
      : createElection(lease, {
          transport: client.transport,
          clock,
          random,
          logger,
          leading: (leading) => metrics.leading(lease.name, leading),
        });

  let rejectLost: (why: Error) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    rejectLost = reject;
  });
  // Who does not wait for it still learns it: liveness fails, and nothing works any more.
  lost.catch(() => {});
  let resolveWorking: () => void = () => {};
  const working = new Promise<void>((resolve) => {
    resolveWorking = resolve;
  });

  const mayWrite = (): boolean => lossReason === undefined && (election === undefined || election.leading);

  const startLoops = async (): Promise<void> => {
    await election?.acquired;
    await Promise.all(
      loops.map(async (loop) => {
        await loop.ready;
        // Read afresh: the sources may have taken longer than the lease lasted.
        if (state === "running" && lossReason === undefined) loop.start();
      }),
    );
    if (state === "running" && lossReason === undefined) resolveWorking();
  };

  const watchLoss = async (standingFor: Election): Promise<void> => {
    const why = await standingFor.lost;
    lossReason = why;
    watching.abort();
    await Promise.all(loops.map((loop) => loop.stop(0)));
    rejectLost(why);
  };

  const stop = async (): Promise<void> => {
    state = "stopping";
    await Promise.all(loops.map((loop) => loop.stop(STOP_GRACE_MILLISECONDS)));
    watching.abort();
    standing.abort();
    await Promise.all(running);
    await election?.release();
  };

  const assertState = (what: string, ...allowed: (typeof state)[]): void => {
    if (!allowed.includes(state)) throw new Error(`runtime: ${what} was called too late: it is ${state}`);
  };

  const read = (): void => {
    assertState("read", "new");
    state = "reading";
    // Ahead of the lists, which keep the server busy.
    if (election !== undefined) {
      running.push(election.run(standing.signal));
      void watchLoss(election);
    }
    for (const reflector of [kinds, ...reflectors]) running.push(reflector.run(watching.signal));
  };

  return {
    working,
    lost,
    mayWrite,
    metrics: metrics.registry,
    reflect(wanted) {
      assertState("reflect", "new");
      const reflector = createReflector(wanted, { ...shared, kinds });
      reflectors.push(reflector as unknown as Reflector<never>);
      return reflector;
    },
    add(controller) {
      assertState("add", "new", "reading");
      const loop = createControllerLoop(controller, {
        clock,
        random,
        logger,
        metrics: metrics.controller(controller.name, controller.concurrency ?? 1),
        pace: options.pace ?? {},
      });
      loops.push(loop);
      return loop;
    },
    read,
    async start() {
      assertState("start", "new", "reading");
      if (state === "new") read();
      state = "running";
      startLoops().catch((error: unknown) => {
        logger.error({ error: errorText(error) }, "the controllers could not be started");
      });
    },
    async stop() {
      stopped ??= stop();
      return stopped;
    },
    health: {
      live: [
        {
          name: "watches",
          check: () => silentWatch(reflectors, timing.stallMilliseconds * STALLS_UNTIL_DEAD),
        },
        ...(election === undefined ? [] : [{ name: "lease", check: () => lossReason?.message }]),
      ],
      ready: [
        {
          name: "synced",
          check() {
            const missing = reflectors.filter(({ store }) => !store.synced).map(({ type }) => type.kind);
            return missing.length === 0 ? undefined : `not read yet: ${missing.join(", ")}`;
          },
        },
      ],
    },
  };
}

function silentWatch(reflectors: readonly Reflector<never>[], most: number): string | undefined {
  for (const reflector of reflectors) {
    const age = reflector.contactAge();
    if (age > most) return `nothing was heard of ${reflector.type.plural} for ${Math.round(age / 1000)} s`;
  }
  return undefined;
}

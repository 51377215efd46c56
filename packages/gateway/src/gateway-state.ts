import { performance } from "node:perf_hooks";
import { SharedSpend } from "./budget/shared-spend.ts";
import { SpendMeters } from "./budget/spend-meters.ts";
import { CacheStores } from "./cache/cache-stores.ts";
import { limiterEvents, showDepths } from "./limit/limit-metrics.ts";
import { Limiter } from "./limit/limiter.ts";
import { LocalLedger } from "./limit/local-ledger.ts";
import { RedisLedger } from "./limit/redis-ledger.ts";
import type { Logger } from "./logger.ts";
import { RedisConnection } from "./redis/redis-connection.ts";
import { redisEvents } from "./redis/redis-metrics.ts";
import { DeploymentStates } from "./route/deployment-state.ts";
import { HealthChecks } from "./route/health-check.ts";
import type { Deployment, Snapshot } from "./snapshot/snapshot.ts";
import { Decisions } from "./telemetry/decisions.ts";
import { Registry } from "./telemetry/registry.ts";
import { Tracing } from "./telemetry/trace.ts";
import { askUpstream } from "./upstream/health-ask.ts";
import { Pools } from "./upstream/pools.ts";

/** How often replicas tell each other what they have spent (litellm.md §4.2). */
const SHARE_MILLISECONDS = 1_000;

/** Clocks, timers and chance, as everything that decides by them takes them. */
export interface World {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970. */
  epoch(): number;
  /** In [0, 1). */
  random(): number;
  /** A timer, which does not keep the process alive. */
  after(milliseconds: number, run: () => void): { cancel(): void };
}

/** What the gateway knows and holds beyond any one configuration: counters, connections, memories. */
export class GatewayState {
  readonly registry = new Registry();
  readonly pools = new Pools();
  readonly states = new DeploymentStates();
  readonly decisions = new Decisions(0);
  readonly world: World;
  readonly meters: SpendMeters;
  readonly caches: CacheStores;
  readonly redis: RedisConnection;
  readonly limiter: Limiter;
  readonly tracing: Tracing;
  readonly #local: LocalLedger;
  readonly #ledger: RedisLedger;
  readonly #checks: HealthChecks<Deployment>;
  readonly #sharing: NodeJS.Timeout;

  /** `crashed` hears of what throws in a timer, where it would end the process. */
  constructor(logger: Logger, crashed: (error: unknown) => void) {
    const world = worldOf(crashed);
    this.world = world;
    this.meters = new SpendMeters(world);
    this.caches = new CacheStores(world);
    this.redis = new RedisConnection(redisEvents(this.registry, logger));
    this.#local = new LocalLedger(() => world.now());
    this.#ledger = new RedisLedger(this.redis, this.#local, world);
    this.limiter = new Limiter(this.#ledger, world, limiterEvents(this.registry));
    this.tracing = new Tracing(logger, this.registry);
    this.#checks = new HealthChecks(world, askUpstream);
    const shared = new SharedSpend(this.redis, this.meters, () => `${this.redis.prefix}:`);
    this.#sharing = setInterval(() => {
      if (this.redis.healthy) shared.share();
    }, SHARE_MILLISECONDS).unref();
    showDepths(this.registry, this.limiter);
  }

  /** Goes by a new configuration from now on; what it has no more use for is let go. */
  follow(snapshot: Snapshot): void {
    this.redis.configure(snapshot.redis.options);
    this.#ledger.whenUnavailable = snapshot.whenRedisUnavailable;
    this.#local.replicas = snapshot.replicas;
    this.caches.keepOnly(snapshot.cacheStores);
    this.states.keepOnly(new Set(snapshot.deployments.map(({ id }) => id)));
    this.pools.keepOnly(
      new Set([...snapshot.deployments.map(({ origin }) => origin), ...snapshot.passThroughs.origins]),
    );
    this.decisions.resize(snapshot.telemetry.explained);
    void this.tracing.configure(snapshot.telemetry.tracing);
    this.#checks.watch(snapshot.healthTargets);
  }

  async close(): Promise<void> {
    clearInterval(this.#sharing);
    this.#checks.stop();
    this.#ledger.close();
    this.redis.close();
    await Promise.all([this.tracing.close(), this.pools.destroy()]);
  }
}

function worldOf(crashed: (error: unknown) => void): World {
  return {
    now: () => performance.now(),
    epoch: () => Date.now(),
    random: () => Math.random(),
    after(milliseconds, run) {
      const guarded = (): void => {
        try {
          run();
        } catch (error) {
          crashed(error);
        }
      };
      const timer = setTimeout(guarded, milliseconds).unref();
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

import type { Logger } from "../logger.ts";
import type { Registry } from "../telemetry/registry.ts";
import type { RedisEvents } from "./redis-connection.ts";

const failures = {
  name: "gatewright_redis_failures_total",
  help: "Commands that Redis did not answer in time (timeout), could not be sent (connection) or refused (command).",
  labels: ["reason"],
};

/** Tells of Redis in metrics, and in one log line for each outage and one for its end. */
export function redisEvents(registry: Registry, logger: Logger): RedisEvents {
  return {
    up() {
      logger.info({}, "Redis answers: limits and caches are shared by all replicas");
    },
    down(reason) {
      logger.warn(
        { reason },
        "Redis does not answer; until it does, each replica goes by what gatewright.redis.when_unavailable says",
      );
    },
    failed: (failure) => registry.counter(failures, { reason: failure }).inc(),
  };
}

import type { Registry } from "../telemetry/registry.ts";
import type { Limiter, LimiterEvents } from "./limiter.ts";

const hits = {
  name: "gatewright_limit_hits_total",
  help: "Requests refused by a limit.",
  labels: ["limit", "subject", "type"],
};
const depth = {
  name: "gatewright_limit_queue_depth",
  help: "Requests that wait for a limit.",
  labels: ["limit"],
};
const waits = {
  name: "gatewright_limit_queue_wait_seconds",
  help: "Seconds that requests waited for a limit, whatever became of them.",
  labels: ["limit"],
};

/** Upper bounds of the waits, seconds. */
const waitBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts what limits do. Labels are names from the configuration. */
export function limiterEvents(registry: Registry): LimiterEvents {
  return {
    refused({ meter }) {
      registry
        .counter(hits, { limit: meter.owner.name, subject: meter.owner.subject, type: meter.limitType })
        .inc();
    },
    waited: (limit, milliseconds) =>
      registry.histogram(waits, waitBuckets, { limit: limit.name }).observe(milliseconds / 1000),
  };
}

/** Shows how many requests wait, at every scrape. */
export function showDepths(registry: Registry, limiter: Limiter): void {
  registry.onScrape(() => {
    registry.reset(depth.name);
    for (const [limit, waiting] of limiter.depths()) registry.gauge(depth, { limit }).set(waiting);
  });
}

import type { Exchange } from "../exchange.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import type { AccessLog } from "../telemetry/access-log.ts";
import { countUnrouted } from "../telemetry/deployment-metrics.ts";
import type { Registry } from "../telemetry/registry.ts";
import type { Next, Stage } from "./stage.ts";

/** Status written for a client that left before it had its answer (nginx's number; there is no standard one). */
const CLIENT_GONE = 499;

/** Requests under way. */
export interface InFlight {
  count: number;
}

/** Counts and logs every exchange once, when its connection is done with it, and ends the upstream call if it must. */
export function meter(registry: Registry, accessLog: AccessLog, inFlight: InFlight): Stage {
  return (exchange: Exchange, next: Next): void => {
    inFlight.count++;
    exchange.response.on("close", () => {
      inFlight.count--;
      const gone = !exchange.response.writableFinished && exchange.failure === undefined;
      exchange.call?.abandon();
      const status = gone ? CLIENT_GONE : exchange.response.statusCode;
      if (exchange.deployment === undefined)
        countUnrouted(registry, exchange.path, status, exchange.failure?.exceptionClass);
      else count(exchange, exchange.deployment, status);
      accessLog.write(exchange, status);
    });
    next(exchange);
  };
}

function count(exchange: Exchange, { metrics }: Deployment, status: number): void {
  const now = performance.now();
  metrics.requests(exchange.path, status).inc();
  metrics.calls.inc();
  metrics.totalLatency.observe((now - exchange.startedAt) / 1000);
  metrics.overhead.observe((exchange.calledAt - exchange.startedAt) / 1000);
  if (exchange.failure !== undefined)
    return metrics.fail(exchange.path, status, exchange.failure.exceptionClass);
  if (status === CLIENT_GONE) return;
  metrics.successes.inc();
  metrics.lastError = undefined;
  metrics.state.set(0);
  metrics.upstreamLatency.observe((now - exchange.calledAt) / 1000);
  if (exchange.stream) metrics.timeToFirstToken.observe((exchange.firstByteAt - exchange.calledAt) / 1000);
}

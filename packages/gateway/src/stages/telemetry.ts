import type { Exchange } from "../exchange.ts";
import type { AccessLog } from "../telemetry/access-log.ts";
import { failedRequestCounter, requestCounter } from "../telemetry/deployment-metrics.ts";
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
      const gone = !exchange.response.writableFinished;
      if (gone) exchange.abort?.();
      const status = gone && exchange.failure === undefined ? CLIENT_GONE : exchange.response.statusCode;
      record(exchange, status, registry);
      accessLog.write(exchange, status);
    });
    next(exchange);
  };
}

function record(exchange: Exchange, status: number, registry: Registry): void {
  const { deployment, failure } = exchange;
  if (deployment === undefined) {
    const labels = { path: exchange.path, status, model: exchange.group?.name ?? "None", deployment: "None" };
    requestCounter(registry, labels).inc();
    if (failure !== undefined)
      failedRequestCounter(registry, { ...labels, exceptionClass: failure.exceptionClass }).inc();
    return;
  }
  const { metrics } = deployment;
  const now = performance.now();
  metrics.request(exchange.path, status).inc();
  metrics.calls.inc();
  metrics.totalLatency.observe((now - exchange.startedAt) / 1000);
  metrics.overhead.observe((exchange.calledAt - exchange.startedAt) / 1000);
  if (failure !== undefined) {
    const labels = { path: exchange.path, status, model: deployment.modelName, deployment: deployment.id };
    failedRequestCounter(registry, { ...labels, exceptionClass: failure.exceptionClass }).inc();
    metrics.failure(status, failure.exceptionClass);
    metrics.state = 2;
    metrics.lastError = failure.exceptionClass;
    return;
  }
  if (status === CLIENT_GONE) return;
  metrics.successes.inc();
  metrics.state = 0;
  metrics.lastError = undefined;
  metrics.upstreamLatency.observe((now - exchange.calledAt) / 1000);
  if (exchange.stream) metrics.timeToFirstToken.observe((exchange.firstByteAt - exchange.calledAt) / 1000);
}

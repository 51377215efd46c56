import { metrics } from "@gatewright/litellm";
import { callerLabels } from "./call-series.ts";
import { ownMetrics } from "./own-metrics.ts";
import type { Counter, Labels, Registry } from "./registry.ts";
import type { AttemptFacts, CallerFacts, RequestFacts } from "./request-facts.ts";

/** Counts an exchange that is over in all metrics that are about requests; told by `status` and whether the client left. */
export type CountExchange = (exchange: RequestFacts, status: number, gone: boolean) => void;

/** What counts exchanges: for most of them a handful of additions (litellm.md §5.1). */
export function exchangeCounter(registry: Registry): CountExchange {
  const outcomes = {
    success: registry.counter(ownMetrics.attempts, { outcome: "success" }),
    failure: registry.counter(ownMetrics.attempts, { outcome: "failure" }),
    abandoned: registry.counter(ownMetrics.attempts, { outcome: "abandoned" }),
  };
  const unrouted = unroutedCounter(registry);

  return (exchange, status, gone) => {
    const { caller, group, deployment, failure, attempts } = exchange;
    if (exchange.refusedBy !== undefined) {
      const { name, unit } = exchange.refusedBy;
      registry.counter(ownMetrics.limitHits, { limit: name, unit }).value++;
    }
    if (group?.telemetry?.metrics === false) return;
    if (exchange.cacheHit !== undefined) countCache(registry, exchange);
    if (deployment === undefined) return unrouted(exchange, status);
    const now = performance.now();
    const series = deployment.metrics.series(caller, group, customerOf(exchange));
    if (attempts !== undefined && attempts.length > 1)
      countEarlierAttempts(registry, outcomes.failure, exchange, attempts);
    const firstCall = attempts?.[0]?.startedAt ?? exchange.calledAt;
    const total = now - exchange.startedAt;
    const overhead = firstCall === 0 ? total : firstCall - exchange.startedAt;
    if (registry.asksFor(metrics.requests, "client_ip") || registry.asksFor(metrics.requests, "user_agent"))
      series.requestOf(clientLabels(exchange), exchange.path, status, total, overhead);
    else series.request(exchange.path, status, total, overhead);
    if (exchange.queuedMilliseconds !== undefined && exchange.queuedMilliseconds > 0)
      series.queued(exchange.queuedMilliseconds);
    if (exchange.usage !== undefined) series.use(exchange.usage, exchange.cost ?? 0);
    if (firstCall === 0) {
      // The cache answered, or no call was ever made.
      if (failure !== undefined) series.failure(exchange.path, status, failure.exceptionClass);
      return;
    }
    const last = attempts?.at(-1);
    const answering =
      last?.deployment === undefined || last.deployment === deployment ? deployment : last.deployment;
    // A fallback's calls are those of the model that was asked for, at another's deployment.
    const called =
      answering === deployment ? series : answering.metrics.series(caller, group, customerOf(exchange));
    called.call();
    if (failure !== undefined) {
      series.failure(exchange.path, status, failure.exceptionClass);
      const upstream = last?.failure;
      const exceptionClass = upstream?.error.exceptionClass ?? failure.exceptionClass;
      called.deploymentFailure(upstream?.status ?? status, exceptionClass);
      answering.metrics.ended(exceptionClass, last?.cooledDown === true, upstream?.status ?? status);
      outcomes.failure.value++;
    } else if (gone) {
      outcomes.abandoned.value++;
      return;
    } else {
      called.success();
      answering.metrics.ended(undefined, false, status);
      called.answer(
        now - exchange.calledAt,
        exchange.stream ? exchange.firstByteAt - exchange.calledAt : undefined,
        exchange.usage?.output ?? 0,
      );
      outcomes.success.value++;
    }
  };
}

/** All but the last attempt failed, or there would have been no other. */
function countEarlierAttempts(
  registry: Registry,
  failures: Counter,
  exchange: RequestFacts,
  attempts: readonly AttemptFacts[],
): void {
  const { caller, group } = exchange;
  for (let index = 0; index < attempts.length; index++) {
    const attempt = attempts[index];
    const before = attempts[index - 1]?.failure;
    if (attempt === undefined) continue;
    if (before !== undefined && attempt.kind === "retry")
      registry.counter(ownMetrics.retries, { exception_class: before.error.exceptionClass }).value++;
    if (before !== undefined && attempt.kind === "fallback") {
      const { deployment } = attempt;
      const next = attempts.slice(index + 1).find((one) => one.kind === "fallback");
      const succeeded = next === undefined && exchange.failure === undefined;
      deployment.metrics
        .series(caller, group, customerOf(exchange))
        .fallback(
          succeeded,
          deployment.modelName.includes("*")
            ? deployment.modelName
            : (attempt.group?.name ?? deployment.modelName),
          before.status,
          before.error.exceptionClass,
        );
    }
    if (index === attempts.length - 1) continue;
    const series = attempt.deployment.metrics.series(caller, group, customerOf(exchange));
    series.call();
    failures.value++;
    if (attempt.failure === undefined) continue;
    const { status, error } = attempt.failure;
    series.deploymentFailure(status, error.exceptionClass);
    attempt.deployment.metrics.ended(error.exceptionClass, attempt.cooledDown === true, status);
  }
}

function countCache(registry: Registry, exchange: RequestFacts): void {
  const labels = {
    ...callerLabels(exchange.caller),
    ...(exchange.deployment === undefined ? {} : { model: exchange.deployment.litellmModel }),
  };
  registry.counter(exchange.cacheHit === true ? metrics.cacheHits : metrics.cacheMisses, labels).value++;
  if (exchange.cacheHit === true && exchange.usage !== undefined)
    registry.counter(metrics.cachedTokens, labels).value += exchange.usage.input + exchange.usage.output;
}

/**
 * Requests that were answered before a deployment was found. A model that a wildcard stands for, or that nobody knows,
 * is a client's own text and no label.
 */
function unroutedCounter(registry: Registry): (exchange: RequestFacts, status: number) => void {
  // The caller's labels are put together once: requests over a limit come in floods.
  const known = new WeakMap<CallerFacts, Labels>();
  return ({ caller, group, path, failure }, status) => {
    let labels = known.get(caller);
    if (labels === undefined) {
      labels = callerLabels(caller);
      known.set(caller, labels);
    }
    const configured = group?.deployments?.[0]?.modelName.includes("*") === false;
    const model = configured && group !== undefined ? { requested_model: group.name } : undefined;
    const all = { ...labels, ...model, route: path, status_code: String(status) };
    registry.counter(metrics.requests, all).value++;
    if (failure === undefined) return;
    const { exceptionClass } = failure;
    const failed = { ...all, exception_status: String(status), exception_class: exceptionClass };
    registry.counter(metrics.failedRequests, failed).value++;
  };
}

function customerOf(exchange: RequestFacts): string {
  const { customer } = exchange;
  return customer && exchange.snapshot.telemetry?.customers.has(customer) === true ? customer : "";
}

function clientLabels(exchange: RequestFacts): { readonly client_ip: string; readonly user_agent: string } {
  return {
    client_ip: exchange.request.socket.remoteAddress ?? "",
    user_agent: (exchange.request.headers["user-agent"] ?? "").slice(0, 100),
  };
}

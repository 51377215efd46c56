import { performance } from "node:perf_hooks";
import { latencyBuckets, metrics } from "@gatewright/litellm";
import { agentCounter } from "./agent-series.ts";
import { callerLabels } from "./call-series.ts";
import { ownMetrics } from "./own-metrics.ts";
import type { Counter, Labels, Registry } from "./registry.ts";
import {
  type AttemptFacts,
  attemptKind,
  type CallerFacts,
  type GroupFacts,
  type RequestFacts,
} from "./request-facts.ts";

/** Counts an exchange that is over in all metrics that are about requests; told by `status` and whether the client left. */
export type CountExchange = (exchange: RequestFacts, status: number, gone: boolean) => void;

/** What counts exchanges: for most of them a handful of additions (litellm.md §5.1). */
export function exchangeCounter(registry: Registry): CountExchange {
  const outcomes: Outcomes = {
    success: registry.counter(ownMetrics.attempts, { outcome: "success" }),
    failure: registry.counter(ownMetrics.attempts, { outcome: "failure" }),
    abandoned: registry.counter(ownMetrics.attempts, { outcome: "abandoned" }),
  };
  const unrouted = unroutedCounter(registry);
  const ofAgent = agentCounter(registry);

  return (exchange, status, gone) => {
    const { caller, group, deployment, failure, attempts, usage, queuedMilliseconds } = exchange;
    if (group?.telemetry?.metrics === false) return;
    if (caller.agentName) ofAgent(exchange, caller.agentName, status);
    if (deployment === undefined) return unrouted(exchange, status);
    const now = performance.now();
    const series = deployment.metrics.series(caller, group, customerOf(exchange));
    const firstCall = attempts?.[0]?.startedAt ?? exchange.calledAt;
    const total = now - exchange.startedAt;
    const overhead = firstCall === 0 ? total : firstCall - exchange.startedAt;
    if (registry.asksFor(metrics.requests, "client_ip") || registry.asksFor(metrics.requests, "user_agent"))
      series.requestOf(clientLabels(exchange), exchange.path, status, total, overhead);
    else series.request(exchange.path, status, total, overhead);
    if (queuedMilliseconds !== undefined && queuedMilliseconds > 0) series.queued(queuedMilliseconds);
    if (usage !== undefined) series.use(usage, exchange.cost ?? 0);
    if (failure !== undefined) series.failure(exchange.path, status, failure.exceptionClass);
    if (firstCall === 0) return;
    if (attempts !== undefined && attempts.length > 0)
      return countAttempts(registry, outcomes, exchange, attempts, gone);
    series.call();
    if (failure !== undefined) {
      series.deploymentFailure(status, failure.exceptionClass);
      deployment.metrics.ended(failure.exceptionClass, status, deployment.state?.restsUntil ?? 0);
      outcomes.failure.value++;
    } else if (gone) {
      outcomes.abandoned.value++;
    } else {
      series.success();
      deployment.metrics.ended(undefined, status, deployment.state?.restsUntil ?? 0);
      const firstToken = exchange.stream ? exchange.firstByteAt - exchange.calledAt : undefined;
      series.answer(now - exchange.calledAt, firstToken, usage?.output ?? 0);
      outcomes.success.value++;
    }
  };
}

interface Outcomes {
  readonly success: Counter;
  readonly failure: Counter;
  readonly abandoned: Counter;
}

/** A request of which at least one call failed: each call is counted at its own deployment, for the model that was asked for. */
function countAttempts(
  registry: Registry,
  outcomes: Outcomes,
  exchange: RequestFacts,
  attempts: readonly AttemptFacts[],
  gone: boolean,
): void {
  const { caller, group } = exchange;
  const customer = customerOf(exchange);
  for (const [index, { deployment, failure, startedAt, endedAt, group: asked }] of attempts.entries()) {
    const series = deployment.metrics.series(caller, group, customer);
    const before = attempts[index - 1]?.failure ?? attempts[0]?.failure;
    const kind = attemptKind(attempts, index, group);
    series.call();
    if (kind === "retry" && before !== undefined)
      registry.counter(ownMetrics.retries, { exception_class: before.error.exceptionClass }).value++;
    if (kind === "fallback") {
      const isLast = attempts.slice(index).every((attempt) => attempt.group === asked);
      const succeeded = isLast && exchange.failure === undefined && !gone;
      // The name a client used for a wildcard's model is the client's own text.
      const name = deployment.modelName.includes("*") ? deployment.modelName : asked.name;
      series.fallback(succeeded, name, before?.status ?? 0, before?.error.exceptionClass ?? "");
    }
    if (failure === undefined) {
      series.success();
      deployment.metrics.ended(undefined, 200, deployment.state?.restsUntil ?? 0);
      const firstToken = exchange.stream ? exchange.firstByteAt - startedAt : undefined;
      series.answer(endedAt - startedAt, firstToken, exchange.usage?.output ?? 0);
      outcomes.success.value++;
    } else {
      series.deploymentFailure(failure.status, failure.error.exceptionClass);
      deployment.metrics.ended(
        failure.error.exceptionClass,
        failure.status,
        deployment.state?.restsUntil ?? 0,
      );
      outcomes.failure.value++;
    }
  }
  const last = attempts.at(-1);
  if (!gone || last === undefined || exchange.calledAt <= last.endedAt) return;
  exchange.deployment?.metrics.series(caller, group, customer).call();
  outcomes.abandoned.value++;
}

/** Counts look-ups in the cache. */
export function cacheCounter(
  registry: Registry,
): (exchange: Pick<RequestFacts, "caller" | "group">, outcome: "hit" | "miss") => void {
  return ({ caller, group }, outcome) => {
    const labels = { ...callerLabels(caller), ...modelLabels(group, "model") };
    registry.counter(outcome === "hit" ? metrics.cacheHits : metrics.cacheMisses, labels).value++;
  };
}

/** The group as a label, unless a client made its name up. */
function modelLabels(group: GroupFacts | undefined, label: string): Labels {
  const configured = group?.deployments?.[0]?.modelName.includes("*") === false;
  return configured && group !== undefined ? { [label]: group.name } : {};
}

/** What the answer that the cache gave once took. */
function cachedTokens(usageText: string | undefined): number {
  try {
    const { total_tokens: total } = JSON.parse(usageText ?? "{}") as { total_tokens?: unknown };
    return typeof total === "number" && total > 0 ? total : 0;
  } catch {
    return 0;
  }
}

/**
 * Requests that were answered before a deployment was found. A model that a wildcard stands for, or that nobody knows,
 * is a client's own text and no label.
 */
function unroutedCounter(registry: Registry): (exchange: RequestFacts, status: number) => void {
  // The caller's labels are put together once: requests over a limit come in floods.
  const known = new WeakMap<CallerFacts, Labels>();
  return (exchange, status) => {
    const { caller, group, path, failure } = exchange;
    let labels = known.get(caller);
    if (labels === undefined) {
      labels = callerLabels(caller);
      known.set(caller, labels);
    }
    const model = modelLabels(group, "requested_model");
    const all = { ...labels, ...model, route: path, status_code: String(status) };
    registry.counter(metrics.requests, all).value++;
    if (exchange.cacheHit === true) {
      const asked = { ...labels, ...model, ...modelLabels(group, "model") };
      registry.counter(metrics.cachedTokens, asked).value += cachedTokens(exchange.usageText);
      const seconds = (performance.now() - exchange.startedAt) / 1000;
      registry.histogram(metrics.requestLatency, latencyBuckets, asked).observe(seconds);
    }
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

import { latencyBuckets, metrics } from "@gatewright/litellm";
import type { Counter, Gauge, Histogram, Labels, Registry } from "./registry.ts";

/** What a deployment's series are called by: configured names only, since each new value is a new series for ever. */
export interface DeploymentNames {
  readonly modelName: string;
  readonly litellmModel: string;
  readonly id: string;
  readonly apiBase: string;
  readonly provider: string;
}

/** The series of one deployment, looked up once, and what was last seen of it. */
export class DeploymentMetrics {
  readonly totalLatency: Histogram;
  readonly upstreamLatency: Histogram;
  readonly timeToFirstToken: Histogram;
  readonly overhead: Histogram;
  readonly calls: Counter;
  readonly successes: Counter;
  readonly state: Gauge;
  /** Exception class of the last call, if that failed. */
  lastError: string | undefined;
  readonly #registry: Registry;
  readonly #labels: Labels;
  /** By path, then status. */
  readonly #requests = new Map<string, Map<number, Counter>>();

  constructor(registry: Registry, names: DeploymentNames) {
    const labels: Labels = {
      model: names.litellmModel,
      model_id: names.id,
      model_group: names.modelName,
      requested_model: names.modelName,
      litellm_model_name: names.litellmModel,
      api_base: names.apiBase,
      api_provider: names.provider,
    };
    this.#registry = registry;
    this.#labels = labels;
    this.totalLatency = registry.histogram(metrics.requestLatency, latencyBuckets, labels);
    this.upstreamLatency = registry.histogram(metrics.upstreamLatency, latencyBuckets, labels);
    this.timeToFirstToken = registry.histogram(metrics.timeToFirstToken, latencyBuckets, labels);
    this.overhead = registry.histogram(metrics.overhead, latencyBuckets, labels);
    this.calls = registry.counter(metrics.deploymentRequests, labels);
    this.successes = registry.counter(metrics.deploymentSuccesses, labels);
    this.state = registry.gauge(metrics.deploymentState, labels);
  }

  /** Requests answered, by path and status. */
  requests(path: string, status: number): Counter {
    let statuses = this.#requests.get(path);
    if (statuses === undefined) {
      statuses = new Map();
      this.#requests.set(path, statuses);
    }
    let counter = statuses.get(status);
    if (counter === undefined) {
      counter = this.#registry.counter(metrics.requests, {
        ...this.#labels,
        route: path,
        status_code: String(status),
      });
      statuses.set(status, counter);
    }
    return counter;
  }

  /** Counts a request that was answered with an error, and whose fault it was. */
  fail(path: string, status: number, exceptionClass: string): void {
    const labels = { ...this.#labels, ...failureLabels(path, status, exceptionClass) };
    this.#registry.counter(metrics.failedRequests, labels).inc();
    this.#registry.counter(metrics.deploymentFailures, labels).inc();
    this.lastError = exceptionClass;
    this.state.set(1);
  }
}

/** Counts a request that was answered before a deployment was found. */
export function countUnrouted(
  registry: Registry,
  path: string,
  status: number,
  exceptionClass: string | undefined,
): void {
  registry.counter(metrics.requests, { route: path, status_code: String(status) }).inc();
  if (exceptionClass !== undefined)
    registry.counter(metrics.failedRequests, failureLabels(path, status, exceptionClass)).inc();
}

function failureLabels(path: string, status: number, exceptionClass: string): Labels {
  return {
    route: path,
    status_code: String(status),
    exception_status: String(status),
    exception_class: exceptionClass,
  };
}

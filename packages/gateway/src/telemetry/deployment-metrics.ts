import { latencyBuckets } from "@gatewright/litellm";
import type { Counter, Histogram, Labels, Registry } from "./registry.ts";

/** What a deployment's series are called by. */
export interface DeploymentLabels {
  readonly modelName: string;
  readonly litellmModel: string;
  readonly id: string;
  readonly apiBase: string;
  readonly provider: string;
}

/** LiteLLM writes a label it has no value for as this word (litellm.md §5.1). */
const NONE = "None";

/** The series of one deployment, looked up once (litellm.md §5.1: names and labels). */
export class DeploymentMetrics {
  readonly upstreamLatency: Histogram;
  readonly totalLatency: Histogram;
  readonly timeToFirstToken: Histogram;
  readonly overhead: Histogram;
  readonly calls: Counter;
  readonly successes: Counter;
  readonly #registry: Registry;
  readonly #labels: DeploymentLabels;
  readonly #requests = new Map<string, Counter>();
  /** Whether the last call failed, for `/health` and the state gauge: 0 healthy, 1 partial outage, 2 outage. */
  state: 0 | 1 | 2 = 0;
  lastError: string | undefined;

  constructor(registry: Registry, labels: DeploymentLabels) {
    this.#registry = registry;
    this.#labels = labels;
    const model: Labels = {
      model: labels.litellmModel,
      ...callerLabels,
      requested_model: labels.modelName,
      end_user: NONE,
      user: NONE,
      model_id: labels.id,
    };
    const deployment: Labels = {
      ...deploymentLabels(labels),
      requested_model: labels.modelName,
      ...callerLabels,
    };
    this.totalLatency = registry.histogram(
      "litellm_request_total_latency_metric",
      "Seconds from a request's arrival to its last byte.",
      latencyBuckets,
      model,
    );
    this.upstreamLatency = registry.histogram(
      "litellm_llm_api_latency_metric",
      "Seconds an upstream took for a whole answer.",
      latencyBuckets,
      model,
    );
    this.timeToFirstToken = registry.histogram(
      "litellm_llm_api_time_to_first_token_metric",
      "Seconds an upstream took to the first byte of a stream.",
      latencyBuckets,
      model,
    );
    this.overhead = registry.histogram(
      "litellm_overhead_latency_metric",
      "Seconds a request spent in the gateway before the upstream was called.",
      latencyBuckets,
      {
        model_group: labels.modelName,
        api_provider: labels.provider,
        api_base: labels.apiBase,
        litellm_model_name: labels.litellmModel,
        hashed_api_key: NONE,
        api_key_alias: NONE,
      },
    );
    this.calls = registry.counter(
      "litellm_deployment_total_requests_total",
      "Calls to a deployment.",
      deployment,
    );
    this.successes = registry.counter(
      "litellm_deployment_success_responses_total",
      "Calls to a deployment that succeeded.",
      deployment,
    );
  }

  /** Requests answered, by path and status. */
  request(path: string, status: number): Counter {
    const key = `${status} ${path}`;
    let counter = this.#requests.get(key);
    if (counter === undefined) {
      counter = requestCounter(this.#registry, {
        path,
        status,
        model: this.#labels.modelName,
        deployment: this.#labels.id,
      });
      this.#requests.set(key, counter);
    }
    return counter;
  }

  /** A call failed: upstream errors by status and exception class. */
  failure(status: number, exceptionClass: string): void {
    this.#registry
      .counter("litellm_deployment_failure_responses_total", "Calls to a deployment that failed.", {
        ...deploymentLabels(this.#labels),
        requested_model: this.#labels.modelName,
        ...callerLabels,
        exception_status: String(status),
        exception_class: exceptionClass,
      })
      .inc();
  }
}

const callerLabels: Labels = { hashed_api_key: NONE, api_key_alias: NONE, team: NONE, team_alias: NONE };

function deploymentLabels(labels: DeploymentLabels): Labels {
  return {
    litellm_model_name: labels.litellmModel,
    model_id: labels.id,
    api_base: labels.apiBase,
    api_provider: labels.provider,
  };
}

interface RequestLabels {
  readonly path: string;
  readonly status: number;
  /** A configured name, never what a client made up: each new label value is a new series for ever. */
  readonly model: string;
  readonly deployment: string;
}

/** The counter of answered requests with this outcome. */
export function requestCounter(registry: Registry, labels: RequestLabels): Counter {
  return registry.counter("litellm_proxy_total_requests_metric_total", "Requests answered.", {
    end_user: NONE,
    hashed_api_key: NONE,
    api_key_alias: NONE,
    requested_model: labels.model,
    team: NONE,
    team_alias: NONE,
    user: NONE,
    status_code: String(labels.status),
    user_email: NONE,
    route: labels.path,
    client_ip: NONE,
    user_agent: NONE,
    model_id: labels.deployment,
  });
}

/** The counter of failed requests with this outcome. */
export function failedRequestCounter(
  registry: Registry,
  labels: RequestLabels & { readonly exceptionClass: string },
): Counter {
  return registry.counter("litellm_proxy_failed_requests_metric_total", "Requests answered with an error.", {
    end_user: NONE,
    hashed_api_key: NONE,
    api_key_alias: NONE,
    requested_model: labels.model,
    team: NONE,
    team_alias: NONE,
    user: NONE,
    exception_status: String(labels.status),
    exception_class: labels.exceptionClass,
    user_email: NONE,
    route: labels.path,
    model_id: labels.deployment,
  });
}

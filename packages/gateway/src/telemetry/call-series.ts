import type { Usage } from "@gatewright/call";
import { latencyBuckets, type Metric, metrics } from "@gatewright/litellm";
import { dollars } from "../budget/dollars.ts";
import type { Counter, Histogram, Labels, Registry } from "./registry.ts";
import type { CallerFacts } from "./request-facts.ts";

/** A SHA-256 in hexadecimal: nothing else gets into a label, least of all a key that somebody forgot to hash. */
const keyHashForm = /^[0-9a-f]{64}$/;

/** Labels that say who called; what is not known stays out. The key itself is never among them. */
export function callerLabels(caller: CallerFacts): Labels {
  const { keyHash, keyAlias, team, teamAlias, user } = caller;
  return {
    ...(keyHash && keyHashForm.test(keyHash) ? { hashed_api_key: keyHash } : {}),
    ...(keyAlias ? { api_key_alias: keyAlias } : {}),
    ...(team ? { team } : {}),
    ...(teamAlias ? { team_alias: teamAlias } : {}),
    ...(user ? { user } : {}),
  };
}

/**
 * The series of one caller's requests for one model at one deployment, looked up once: counting a request is some
 * additions. What most requests do not need is looked up when it is first needed.
 */
export class CallSeries {
  readonly #registry: Registry;
  readonly #labels: Labels;
  readonly #calls: Counter;
  readonly #successes: Counter;
  readonly #used: Counter;
  readonly #totalLatency: Histogram;
  readonly #upstreamLatency: Histogram;
  readonly #overhead: Histogram;
  #tokens: TokenSeries | undefined;
  #spend: Counter | undefined;
  #timeToFirstToken: Histogram | undefined;
  #latencyPerToken: Histogram | undefined;
  #queueTime: Histogram | undefined;
  /** The series of the last path and status, which is nearly always that of the next. */
  #path = "";
  #status = 0;
  #requests: Counter | undefined;
  readonly #byPath = new Map<string, Counter>();

  constructor(registry: Registry, labels: Labels) {
    this.#registry = registry;
    this.#labels = labels;
    this.#calls = registry.counter(metrics.deploymentRequests, labels);
    this.#successes = registry.counter(metrics.deploymentSuccesses, labels);
    this.#used = registry.counter(metrics.usedRequests, labels);
    this.#totalLatency = this.#histogram(metrics.requestLatency);
    this.#upstreamLatency = this.#histogram(metrics.upstreamLatency);
    this.#overhead = this.#histogram(metrics.overhead);
  }

  /** Counts a request, its path and status, and how long it took in all and in the gateway, milliseconds. */
  request(path: string, status: number, total: number, overhead: number): void {
    if (path !== this.#path || status !== this.#status) {
      this.#path = path;
      this.#status = status;
      this.#requests = this.#requestsOf(path, status);
    }
    if (this.#requests !== undefined) this.#requests.value++;
    this.#totalLatency.observe(total / 1000);
    this.#overhead.observe(overhead / 1000);
  }

  /** The same with labels that only this request has: who the client is (`prometheus_metrics_config`). */
  requestOf(client: Labels, path: string, status: number, total: number, overhead: number): void {
    const labels = { ...this.#labels, ...client, route: path, status_code: String(status) };
    this.#registry.counter(metrics.requests, labels).value++;
    this.#totalLatency.observe(total / 1000);
    this.#overhead.observe(overhead / 1000);
  }

  /** Counts a call to the deployment. */
  call(): void {
    this.#calls.value++;
  }

  /** Counts a call that succeeded. */
  success(): void {
    this.#successes.value++;
  }

  /** What an upstream gave: durations in milliseconds, `firstToken` only for streams. */
  answer(duration: number, firstToken: number | undefined, outputTokens: number): void {
    this.#used.value++;
    this.#upstreamLatency.observe(duration / 1000);
    if (firstToken !== undefined) {
      this.#timeToFirstToken ??= this.#histogram(metrics.timeToFirstToken);
      this.#timeToFirstToken.observe(firstToken / 1000);
    }
    if (outputTokens > 0) {
      this.#latencyPerToken ??= this.#histogram(metrics.latencyPerToken);
      this.#latencyPerToken.observe(duration / 1000 / outputTokens);
    }
  }

  /** Counts tokens and cost, picodollars. */
  use(usage: Usage, cost: number): void {
    this.#tokens ??= {
      total: this.#registry.counter(metrics.totalTokens, this.#labels),
      input: this.#registry.counter(metrics.inputTokens, this.#labels),
      output: this.#registry.counter(metrics.outputTokens, this.#labels),
    };
    this.#tokens.total.value += usage.input + usage.output;
    this.#tokens.input.value += usage.input;
    this.#tokens.output.value += usage.output;
    this.#spend ??= this.#registry.counter(metrics.spend, this.#labels);
    this.#spend.value += dollars(cost);
  }

  queued(milliseconds: number): void {
    this.#queueTime ??= this.#histogram(metrics.queueTime);
    this.#queueTime.observe(milliseconds / 1000);
  }

  /** Counts a failure of the deployment, by the status and class of what the upstream did. */
  deploymentFailure(status: number, exceptionClass: string): void {
    this.#registry.counter(metrics.deploymentFailures, {
      ...this.#labels,
      exception_status: String(status),
      exception_class: exceptionClass,
    }).value++;
  }

  /** Counts a request that was answered with an error. */
  failure(path: string, status: number, exceptionClass: string): void {
    this.#registry.counter(metrics.failedRequests, {
      ...this.#labels,
      route: path,
      status_code: String(status),
      exception_status: String(status),
      exception_class: exceptionClass,
    }).value++;
    this.#registry.counter(metrics.failedApiRequests, this.#labels).value++;
  }

  /** Counts another model that was asked instead: whether it answered, and what the first one's failure was. */
  fallback(succeeded: boolean, fallbackModel: string, status: number, exceptionClass: string): void {
    this.#registry.counter(succeeded ? metrics.successfulFallbacks : metrics.failedFallbacks, {
      ...this.#labels,
      fallback_model: fallbackModel,
      exception_status: String(status),
      exception_class: exceptionClass,
    }).value++;
  }

  /** What the provider says is left of its limits, from the headers of its answer. Called for every answer. */
  noteProviderLimits(headers: { readonly [name: string]: string | string[] | undefined }): void {
    const requests = headers["x-ratelimit-remaining-requests"];
    const tokens = headers["x-ratelimit-remaining-tokens"];
    if (requests !== undefined) this.#note(metrics.providerRequestsLeft, Number(requests));
    if (tokens !== undefined) this.#note(metrics.providerTokensLeft, Number(tokens));
  }

  #note(metric: Metric, left: number): void {
    if (Number.isFinite(left)) this.#registry.gauge(metric, this.#labels).set(left);
  }

  #histogram(metric: Metric): Histogram {
    return this.#registry.histogram(metric, latencyBuckets, this.#labels);
  }

  #requestsOf(path: string, status: number): Counter {
    const key = `${status}${path}`;
    let counter = this.#byPath.get(key);
    if (counter === undefined) {
      counter = this.#registry.counter(metrics.requests, {
        ...this.#labels,
        route: path,
        status_code: String(status),
      });
      this.#byPath.set(key, counter);
    }
    return counter;
  }
}

interface TokenSeries {
  readonly total: Counter;
  readonly input: Counter;
  readonly output: Counter;
}

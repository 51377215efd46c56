import type { Finding, JsonObject, ModelRoute, Part } from "@gatewright/plan";
import { readSeconds } from "./duration.ts";
import { type Contribution, type ModelEntry, publicName } from "./entry.ts";
import { readDeployments } from "./load-balancing.ts";

/**
 * LiteLLM's name of each strategy (langop.md §4.2); what has none is spread by weight. Only the native engine reads this, and
 * it has a name for taking turns.
 */
const strategies: Readonly<Record<string, string>> = {
  "round-robin": "round-robin",
  "least-connections": "least-busy",
  "latency-based": "latency-based-routing",
};

/** Retries by LiteLLM's class of error, and the status codes that make up the class. */
const retryClasses: readonly {
  readonly key: string;
  readonly always: boolean;
  readonly holds: (status: number) => boolean;
}[] = [
  { key: "BadRequestErrorRetries", always: false, holds: (status) => status === 400 || status === 422 },
  { key: "AuthenticationErrorRetries", always: false, holds: (status) => status === 401 || status === 403 },
  { key: "TimeoutErrorRetries", always: true, holds: (status) => status === 408 },
  { key: "RateLimitErrorRetries", always: true, holds: (status) => status === 429 },
  { key: "InternalServerErrorRetries", always: true, holds: (status) => status >= 500 },
];

/** Routing and retries of one model alone (langop.md §4.2). */
export function readModelRoute(entry: ModelEntry, resources: ReadonlySet<string>): Contribution {
  const findings: Finding[] = [];
  const { retryPolicy, loadBalancing, regions } = entry.spec;
  const retry = readRetry(entry, findings);
  const healthCheck = readHealthCheck(entry, findings);
  const endpoints = (loadBalancing?.endpoints ?? []).length === 0 ? [] : readDeployments(entry, resources);
  const route: ModelRoute = {
    ...(loadBalancing === undefined
      ? {}
      : { strategy: strategies[loadBalancing.strategy] ?? "simple-shuffle" }),
    ...(retry === undefined ? {} : { retry }),
    ...(endpoints.length === 0
      ? {}
      : {
          endpoints: endpoints.map(({ id, weight, region, order }) => ({
            id,
            ...(weight === undefined ? {} : { weight }),
            ...(region === undefined ? {} : { region }),
            ...(order === undefined ? {} : { priority: order }),
          })),
        }),
    ...(healthCheck === undefined ? {} : { healthCheck }),
    ...(regions === undefined ? {} : { regions: regions.map((region): JsonObject => present(region)) }),
  };
  const parts: Part[] = [];
  if (Object.keys(route).length > 0) {
    parts.push({ concern: "route", origin: entry.origin, value: { models: { [entry.name]: route } } });
  }
  if (retryPolicy !== undefined) {
    const value = { groupRetryPolicy: { [publicName(entry)]: retriesByClass(retryPolicy) } };
    parts.push({ concern: "route", origin: entry.origin, value });
  }
  return { parts, findings };
}

function retriesByClass(policy: NonNullable<ModelEntry["spec"]["retryPolicy"]>): Record<string, number> {
  const { maxAttempts, retryableStatusCodes: codes = [] } = policy;
  const retries: Record<string, number> = {};
  for (const { key, always, holds } of retryClasses) {
    if (codes.some(holds) || (always && codes.length === 0)) retries[key] = maxAttempts;
    // A list of codes also says what is not retried; unset would leave these classes to the engine's own number.
    else if (always) retries[key] = 0;
  }
  return retries;
}

function readRetry(entry: ModelEntry, findings: Finding[]): ModelRoute["retry"] {
  const policy = entry.spec.retryPolicy;
  if (policy === undefined) return undefined;
  const initial = readSeconds(entry, "spec.retryPolicy.initialBackoff", policy.initialBackoff, findings);
  const longest = readSeconds(entry, "spec.retryPolicy.maxBackoff", policy.maxBackoff, findings);
  return {
    attempts: policy.maxAttempts,
    ...(initial === undefined ? {} : { initialBackoffSeconds: initial }),
    ...(longest === undefined ? {} : { maxBackoffSeconds: longest }),
    backoffMultiplier: policy.backoffMultiplier,
    ...(policy.retryableStatusCodes === undefined ? {} : { statusCodes: policy.retryableStatusCodes }),
  };
}

function readHealthCheck(entry: ModelEntry, findings: Finding[]): ModelRoute["healthCheck"] {
  const check = entry.spec.loadBalancing?.healthCheck;
  if (check === undefined) return undefined;
  const path = "spec.loadBalancing.healthCheck";
  const interval = readSeconds(entry, `${path}.interval`, check.interval, findings);
  const timeout = readSeconds(entry, `${path}.timeout`, check.timeout, findings);
  return {
    enabled: check.enabled,
    ...(interval === undefined ? {} : { intervalSeconds: interval }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    unhealthyThreshold: check.unhealthyThreshold,
    healthyThreshold: check.healthyThreshold,
  };
}

/** JSON without members that are undefined. */
function present(value: { readonly [key: string]: string | number | boolean | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, member] as const])),
  );
}

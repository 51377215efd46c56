import type { ModelEntry } from "./entry.ts";

/** One upstream of a model, and its part of what the model is allowed. */
export interface Deployment {
  readonly id: string;
  /** Field that declares it; absent when that is the whole resource. */
  readonly path?: string;
  /** Used as written; absent when the model's own endpoint serves. */
  readonly endpoint?: string;
  readonly weight?: number;
  readonly order?: number;
  readonly region?: string;
  /** Per minute, and at one time. Absent: no limit. */
  readonly requests?: number;
  readonly tokens?: number;
  readonly parallel?: number;
}

/**
 * The deployments of a model: itself, or `<resource>-<n>` from 1 for each of its endpoints (langop.md §4.2). Endpoints
 * share the model's rates by weight, so that together they allow what the model allows, not a multiple of it.
 * `resources` are the names of all models of the gateway: no id may be one of those.
 */
export function readDeployments(entry: ModelEntry, resources: ReadonlySet<string>): readonly Deployment[] {
  const { rateLimits, loadBalancing } = entry.spec;
  const requests = rateLimits?.requestsPerMinute || undefined;
  const tokens = rateLimits?.tokensPerMinute || undefined;
  const parallel = rateLimits?.concurrentRequests || undefined;
  const endpoints = loadBalancing?.endpoints ?? [];
  if (endpoints.length === 0) {
    return [
      {
        id: entry.name,
        ...(requests === undefined ? {} : { requests }),
        ...(tokens === undefined ? {} : { tokens }),
        ...(parallel === undefined ? {} : { parallel }),
      },
    ];
  }
  const weights = endpoints.map(({ weight }) => weight);
  const shares = {
    requests: requests === undefined ? undefined : sharesOf(requests, weights),
    tokens: tokens === undefined ? undefined : sharesOf(tokens, weights),
    parallel: parallel === undefined ? undefined : sharesOf(parallel, weights),
  };
  return endpoints.map(({ url, weight, priority, region }, index) => {
    const plain = `${entry.name}-${index + 1}`;
    return {
      // No resource name has an underscore, so the other spelling is free whenever the first is taken.
      id: resources.has(plain) ? `${entry.name}_${index + 1}` : plain,
      path: `spec.loadBalancing.endpoints[${index}]`,
      endpoint: url,
      weight,
      ...(priority === undefined ? {} : { order: priority }),
      ...(region === undefined ? {} : { region }),
      ...(shares.requests?.[index] === undefined ? {} : { requests: shares.requests[index] }),
      ...(shares.tokens?.[index] === undefined ? {} : { tokens: shares.tokens[index] }),
      ...(shares.parallel?.[index] === undefined ? {} : { parallel: shares.parallel[index] }),
    };
  });
}

/**
 * `total` divided by weight into whole numbers that add up to it again: what rounding leaves over goes to the largest
 * remainders, the first of equals. Nobody gets less than 1, because 0 means unlimited.
 */
export function sharesOf(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (sum === 0 ? total / weights.length : (total * weight) / sum));
  const shares = exact.map(Math.floor);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  let left = total - shares.reduce((a, b) => a + b, 0);
  for (const { index } of byRemainder) {
    if (left <= 0) break;
    shares[index] = (shares[index] ?? 0) + 1;
    left--;
  }
  return shares.map((share) => Math.max(1, share));
}

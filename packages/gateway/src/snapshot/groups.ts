import { headerText } from "./deployment.ts";
import type { Deployment, Group } from "./snapshot.ts";

/** A deployment and what decides its share of a group's requests. */
export interface Candidate {
  readonly deployment: Deployment;
  readonly weight: number | undefined;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly order: number | undefined;
}

/** A group of deployments under a name. Only the lowest `order` tier is called. */
export function groupOf(name: string, candidates: readonly Candidate[], unusable: readonly string[]): Group {
  const lowest = Math.min(...candidates.map((candidate) => candidate.order ?? Number.POSITIVE_INFINITY));
  const tier = candidates.filter((candidate) => (candidate.order ?? Number.POSITIVE_INFINITY) === lowest);
  let sum = 0;
  return {
    name,
    nameJson: Buffer.from(JSON.stringify(name)),
    nameHeader: headerText(name),
    deployments: tier.map((candidate) => candidate.deployment),
    weightSums: weights(tier).map((weight) => (sum += weight)),
    unusable,
  };
}

/**
 * Weights of simple shuffle: `weight` if any deployment has one, else `rpm`, else `tpm`, else all alike
 * (litellm.md §2.1). A deployment without the value that decides gets no requests, as in LiteLLM.
 */
function weights(candidates: readonly Candidate[]): readonly number[] {
  for (const measure of [
    (one: Candidate) => one.weight,
    (one: Candidate) => one.requestsPerMinute,
    (one: Candidate) => one.tokensPerMinute,
  ]) {
    const found = candidates.map((candidate) => Math.max(0, measure(candidate) ?? 0));
    if (found.some((weight) => weight > 0)) return found;
  }
  return candidates.map(() => 1);
}

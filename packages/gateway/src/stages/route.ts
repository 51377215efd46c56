import { apiError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { Deployment, Group } from "../snapshot/snapshot.ts";
import { call } from "./call.ts";

/** Finds the deployment: the name's group, then one of its deployments by weight. */
export function route(exchange: Exchange): void {
  const group = exchange.snapshot.names.group(exchange.model);
  if (group === undefined) {
    return exchange.fail(apiError("model_unknown", { model: exchange.model, path: exchange.path }));
  }
  exchange.group = group;
  const deployment = pick(group, Math.random());
  if (deployment === undefined) {
    return exchange.fail(apiError("no_deployment", { model: exchange.model, reasons: group.unusable }));
  }
  exchange.deployment = deployment;
  call(exchange, deployment, [], {
    answering: () => {},
    succeeded: () => {},
    failed: ({ error }) => exchange.fail(error),
    abandoned: () => {},
  });
}

/**
 * Simple shuffle (litellm.md §4.5): each deployment in proportion to its weight. `chance` is in [0, 1).
 */
export function pick(group: Group, chance: number): Deployment | undefined {
  const { deployments, weightSums } = group;
  if (deployments.length <= 1) return deployments[0];
  const total = weightSums[weightSums.length - 1] ?? 0;
  const place = chance * total;
  for (let index = 0; index < weightSums.length; index++)
    if (place < (weightSums[index] ?? 0)) return deployments[index];
  return deployments[deployments.length - 1];
}

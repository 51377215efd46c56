import { apiError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { Deployment, Group } from "../snapshot/snapshot.ts";
import { call } from "./call.ts";

/** Picks one of the group's deployments and calls it. */
export function route(exchange: Exchange): void {
  const { group } = exchange;
  if (group === undefined) throw new Error("findModel sets the group");
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

import type { SpendMeter } from "../budget/spend-meter.ts";
import type { GatewayState } from "../gateway-state.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { BudgetState, StateSources } from "./state-gauges.ts";

const HOUR = 3_600_000;

/** Where the gauges of a running gateway are read. */
export function stateSources(state: GatewayState, snapshot: () => Snapshot): StateSources {
  return {
    deployments: () =>
      snapshot().deployments.map((deployment) => ({
        deployment,
        requestsPerMinute: deployment.requestsPerMinute,
        tokensPerMinute: deployment.tokensPerMinute,
      })),
    budgets: () =>
      [...state.meters.named()].flatMap((meter) => {
        const found = budgetOf(meter, state.world.epoch());
        return found === undefined ? [] : [found];
      }),
    redisUp: () => (state.redis.configured ? state.redis.healthy : undefined),
  };
}

/** Of what there are metrics for, and has a limit. */
function budgetOf(meter: SpendMeter, epoch: number): BudgetState | undefined {
  const { subject, limit, remaining, resetsAt, id, name } = meter;
  if (limit === undefined || remaining === undefined) return undefined;
  if (subject !== "team" && subject !== "key" && subject !== "user" && subject !== "provider")
    return undefined;
  return {
    subject,
    id: id.slice(subject.length + 1),
    alias: subject === "key" ? name : "",
    left: remaining,
    max: limit,
    hoursLeft: resetsAt === undefined ? undefined : (resetsAt - epoch) / HOUR,
  };
}

import type { GatewayPlan } from "@gatewright/plan";
import { settingsOfModels } from "./model.ts";
import { type Piece, present } from "./piece.ts";

/**
 * Money. The gateway's own budget stands twice: LiteLLM reads it in `litellm_settings` only (litellm.md §2.2), while
 * palena's users know it in `general_settings`, where it never had an effect (palena.md §6.2 B11).
 */
export function renderBudget(plan: GatewayPlan): Piece {
  const { budget } = plan;
  const own = present({ max_budget: budget.amount, budget_duration: budget.duration });
  const providers = Object.entries(budget.providers ?? {}).map(([provider, { amount, duration }]) => [
    provider,
    present({ budget_limit: amount, time_period: duration }),
  ]);
  return {
    litellm_settings: {
      ...own,
      ...present({
        max_end_user_budget: budget.customerAmount,
        max_end_user_budget_id: budget.customerBudgetId,
      }),
    },
    router_settings: present({
      provider_budget_config: providers.length === 0 ? undefined : Object.fromEntries(providers),
    }),
    general_settings: {
      ...own,
      ...present({
        proxy_budget_rescheduler_min_time: budget.resetMinimumSeconds,
        proxy_budget_rescheduler_max_time: budget.resetMaximumSeconds,
        proxy_batch_write_at: budget.writeIntervalSeconds,
      }),
    },
    gatewright: settingsOfModels(plan, "budget", budget.models),
  };
}

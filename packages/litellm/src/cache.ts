import type { GatewayPlan } from "@gatewright/plan";
import { settingsOfModels } from "./model.ts";
import { type Piece, present } from "./piece.ts";

/** The response cache: `litellm_settings.cache` and `cache_params`, `gatewright.models.*.cache`. */
export function renderCache(plan: GatewayPlan): Piece {
  return {
    litellm_settings: present({ cache: plan.cache.enabled, cache_params: plan.cache.parameters }),
    gatewright: settingsOfModels(plan, "cache", plan.cache.models),
  };
}

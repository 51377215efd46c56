import type { GatewayPlan } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";

/** What new users and teams start with (palena.md §2.3, rows sso, rbac and adminUI). */
export function renderTenant(plan: GatewayPlan): Piece {
  return {
    litellm_settings: present({
      default_internal_user_params: plan.tenant.userDefaults,
      default_team_params: plan.tenant.teamDefaults,
    }),
    general_settings: present({ default_team_disabled: plan.tenant.personalKeysDisabled }),
  };
}

import type { GatewayPlan } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";

/** Who may reach the gateway (palena.md §2.3, `security.ipAllowlist`). */
export function renderNetwork(plan: GatewayPlan): Piece {
  return {
    general_settings: present({
      allowed_ips: plan.network.allowedAddresses,
      use_x_forwarded_for: plan.network.trustForwardedFor,
    }),
  };
}

import type { GatewayPlan } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";
import { referenceTo } from "./reference.ts";

/**
 * Who callers are and what they may do (palena.md §2.3, rows jwtAuth, oauth2Auth, rbac, sso; langop.md §3.4). LiteLLM
 * knows no agents: its document must not change, and its pods not roll, because one comes or goes.
 */
export function renderIdentity(plan: GatewayPlan): Piece {
  const { identity } = plan;
  return {
    general_settings: present({
      enable_jwt_auth: identity.jwtEnabled,
      litellm_jwtauth: identity.jwt,
      enable_oauth2_auth: identity.oauth2Enabled,
      oauth2_config_mappings: identity.oauth2Mappings,
      custom_sso: identity.customSso,
      allow_user_auth: identity.allowUserAuth,
      enforce_rbac: identity.enforceRoles,
      admin_only_routes: identity.adminOnlyRoutes,
      allowed_routes: identity.allowedRoutes,
      role_permissions: identity.rolePermissions,
      ui_access_mode: identity.uiAccessMode,
    }),
    gatewright: present({
      agent_keys:
        identity.agentKeys === undefined
          ? undefined
          : { secret: referenceTo({ variable: identity.agentKeys.secretVariable }) },
      agents: plan.engine === "litellm" ? undefined : identity.agents?.map(({ id, name }) => ({ id, name })),
    }),
  };
}

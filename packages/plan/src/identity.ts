import type { JsonObject } from "./json.ts";

/** Who the caller is and what a role may do. Maps hold LiteLLM's keys and values. */
export interface Identity {
  /** Agent keys are required, checked with the HMAC secret of this variable (langop): `gatewright.agent_keys`. */
  readonly agentKeys?: { readonly secretVariable: string };
  /**
   * The agents that may come with such keys: `id` is what their keys are signed for (the UID of the resource), `name` what
   * people call them. Keys of agents that are not listed are good all the same.
   */
  readonly agents?: readonly { readonly id: string; readonly name: string }[];
  readonly jwt?: JsonObject;
  readonly jwtEnabled?: boolean;
  readonly oauth2Enabled?: boolean;
  readonly oauth2Mappings?: JsonObject;
  /** Dotted path of a handler (`custom_sso`). */
  readonly customSso?: string;
  readonly allowUserAuth?: boolean;
  readonly enforceRoles?: boolean;
  readonly adminOnlyRoutes?: readonly string[];
  readonly allowedRoutes?: readonly string[];
  readonly rolePermissions?: readonly JsonObject[];
  /** `ui_access_mode`. */
  readonly uiAccessMode?: string;
}

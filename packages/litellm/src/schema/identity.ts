import * as z from "zod";
import { block, entries } from "./block.ts";
import { any, flag, list, map, seconds, text, textList } from "./leaf.ts";

/** `general_settings.litellm_jwtauth` (litellm.md §2.4, palena.md §2.3): who the bearer of a token is. */
export const jwtSchema = block(
  "Who the bearer of a token is",
  {
    admin_jwt_scope: text("Scope that makes an administrator"),
    admin_allowed_routes: textList("Routes of administrators"),
    team_id_jwt_field: text("Claim with the team"),
    team_ids_jwt_field: text("Claim with the teams"),
    team_alias_jwt_field: text("Claim with the team's name"),
    team_id_default: text("Team of tokens without one"),
    team_allowed_routes: textList("Routes of teams"),
    team_id_upsert: flag("Create unknown teams"),
    team_claim_fallback: flag("Go on with the next claim when the team is unknown"),
    org_id_jwt_field: text("Claim with the organization"),
    org_alias_jwt_field: text("Claim with the organization's name"),
    user_id_jwt_field: text("Claim with the user"),
    user_email_jwt_field: text("Claim with the user's e-mail address"),
    user_role_jwt_field: text("Claim with the user's role"),
    user_roles_jwt_field: text("Claim with the user's roles"),
    user_allowed_roles: textList("Roles that may use the gateway"),
    user_allowed_email_domain: text("Domain the e-mail address must have"),
    user_id_upsert: flag("Create unknown users"),
    end_user_id_jwt_field: text("Claim with the customer"),
    object_id_jwt_field: text("Claim with the object's id"),
    roles_jwt_field: text("Claim with the roles"),
    public_key_ttl: seconds("How long public keys are kept"),
    enforce_rbac: flag("Refuse tokens without a known role"),
    enforce_team_based_model_access: flag("Only the team's models"),
    enforce_scope_based_access: flag("Only what the scopes allow"),
    sync_user_role_and_teams: flag("Take role and teams from each token"),
    custom_validate: text("Dotted path of a function that checks tokens"),
    virtual_key_claim_field: text("Claim that names a key"),
    virtual_key_mapping_cache_ttl: seconds("How long that is remembered"),
    oidc_userinfo_enabled: flag("Ask the provider who the user is"),
    oidc_userinfo_endpoint: text("Where"),
    oidc_userinfo_cache_ttl: seconds("How long that is remembered"),
    scope_mappings: list("What scopes allow: `{scope, models, routes}`"),
    role_mappings: list("Roles by claim: `{role, internal_role}`"),
    jwt_litellm_role_map: list("Roles by claim: `{jwt_role, litellm_role}`"),
    routing_overrides: list("Paths by claims: `{iss, client_id, scope, aud, path}`"),
  },
  { open: true },
);

/** Members of `general_settings` about who callers are and what they may do (litellm.md §2.4, palena.md §2.3). */
export const identityMembers = {
  enable_jwt_auth: flag("Accept tokens of an identity provider", { default: false }),
  litellm_jwtauth: jwtSchema.optional(),
  enable_oauth2_auth: flag("Accept OAuth2 tokens", { default: false }),
  enable_oauth2_proxy_auth: flag("Believe the headers of an OAuth2 proxy", { default: false }),
  oauth2_config_mappings: entries(
    block("A field of the token and what it means", {
      jwt_field: text("Field of the token"),
      litellm_attribute: text("What it says about the caller"),
    }),
  ).optional(),
  custom_auth: text("Dotted path of a function that checks callers"),
  custom_sso: text("Dotted path of a function that signs users in"),
  allow_user_auth: flag("Users may sign in", { default: false }),
  enforce_rbac: flag("Refuse callers without a known role", { default: false }),
  role_permissions: z
    .array(
      block("What a role may do", {
        role: text("Role"),
        models: textList("Models it may use"),
        routes: textList("Routes it may call"),
      }),
    )
    .optional(),
  allowed_routes: textList("The only routes that are served; exact, or `/x/*`"),
  public_routes: textList("Routes that need no key"),
  admin_only_routes: textList("Routes of administrators only"),
  service_account_settings: map("What keys of service accounts must send"),
  ui_access_mode: any("Who may use the admin pages"),
};

import * as z from "zod";
import { matchingText } from "../../matching-text.ts";
import { amount } from "./amount.ts";
import { secretKeyRef } from "./reference.ts";

const userRoles = ["internal_user", "internal_user_viewer", "proxy_admin", "proxy_admin_viewer"] as const;

/** `spec.sso`. */
export const sso = z
  .strictObject({
    enabled: z.boolean().describe("Log in to the admin pages by single sign-on."),
    provider: z.enum(["azure-entra", "okta", "google", "generic-oidc"]).describe("The identity provider."),
    clientId: secretKeyRef.describe("Client id at the provider."),
    clientSecret: secretKeyRef.describe("Client secret at the provider."),
    tenantId: z.string().optional().describe("Tenant, for azure-entra."),
    authorizationEndpoint: z.string().optional().describe("For okta and generic-oidc."),
    tokenEndpoint: z.string().optional().describe("For okta and generic-oidc."),
    userinfoEndpoint: z.string().optional().describe("For okta and generic-oidc."),
    scopes: z.array(z.string()).default(["openid", "profile", "email"]).describe("Scopes to ask for."),
    teamIdsJwtField: z
      .string()
      .default("groups")
      .describe("Claim that holds all teams of a user; jwtAuth.teamIdsJwtField wins."),
    userAttributeMappings: z
      .strictObject({
        userId: z.string().optional().describe("Claim of the id."),
        email: z.string().optional().describe("Claim of the e-mail address."),
        displayName: z.string().optional().describe("Claim of the display name."),
        firstName: z.string().optional().describe("Claim of the first name."),
        lastName: z.string().optional().describe("Claim of the last name."),
        role: z.string().optional().describe("Claim of the role."),
      })
      .optional()
      .describe("Which claims say what about a user."),
    defaultUserParams: z
      .strictObject({
        maxBudget: amount.optional().describe("US dollars."),
        budgetDuration: z.string().optional().describe("When the budget starts afresh."),
        models: z.array(z.string()).optional().describe("Models they may use."),
        userRole: z.enum(userRoles).default("internal_user").describe("Their role."),
        teams: z
          .array(
            z.strictObject({
              teamId: z.string().describe("Id of the team."),
              maxBudgetInTeam: amount.optional().describe("US dollars they may spend in it."),
              role: z.string().default("user").describe("Their role in it."),
            }),
          )
          .optional()
          .describe("Teams they join."),
      })
      .optional()
      .describe("What new users start with."),
    defaultTeamParams: z
      .strictObject({
        maxBudget: amount.optional().describe("US dollars."),
        budgetDuration: z.string().optional().describe("When the budget starts afresh."),
        models: z.array(z.string()).optional().describe("Models they may use."),
        tpmLimit: z.int().optional().describe("Tokens a minute."),
        rpmLimit: z.int().optional().describe("Requests a minute."),
      })
      .optional()
      .describe("What new teams start with."),
    customSsoHandler: z
      .strictObject({
        module: z.string().optional().describe("Dotted path of a handler in the image."),
        configMapRef: z
          .strictObject({
            name: z.string().min(1).describe("Name of a ConfigMap in the same namespace."),
            fileName: matchingText(/^[A-Za-z_][A-Za-z0-9_]*\.py$/, "an identifier with .py")
              .default("handler.py")
              .describe("Key that holds the Python file."),
            functionName: matchingText(/^[A-Za-z_][A-Za-z0-9_]*$/, "an identifier").describe(
              "Function in the file.",
            ),
          })
          .optional()
          .describe("A handler from a ConfigMap."),
      })
      .optional()
      .describe("Code of your own that decides about users who log in."),
    logoutUrl: z.string().optional().describe("Where users go when they log out."),
  })
  .describe("Single sign-on.");

/** `spec.scim`. */
export const scim = z
  .strictObject({
    enabled: z.boolean().describe("Let an identity provider manage users and groups."),
    tokenSecretRef: secretKeyRef.optional().describe("The token it uses. Default: a generated one."),
    generatedTokenSecretName: z
      .string()
      .default("litellm-scim-token")
      .describe("Secret of the generated token, key `token`."),
  })
  .describe("Provisioning of users by SCIM.");

/** `spec.oauth2Auth`. */
export const oauth2Auth = z
  .strictObject({
    enabled: z.boolean().describe("Accept OAuth2 tokens."),
    configMappings: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe("Name of the mapping."),
          jwtField: z.string().min(1).describe("Field of the token."),
          litellmAttribute: z.string().min(1).describe("What it says about the caller."),
        }),
      )
      .optional()
      .describe("What fields of a token mean."),
  })
  .describe("Authentication by OAuth2 token.");

/** `spec.rbac`. */
export const rbac = z
  .strictObject({
    enabled: z.boolean().describe("Enforce roles."),
    adminOnlyRoutes: z.array(z.string()).optional().describe("Routes of administrators only."),
    allowedRoutes: z.array(z.string()).optional().describe("Routes of everybody else; unset: all."),
    keyGeneration: z
      .strictObject({
        teamKeyGeneration: z
          .strictObject({
            allowedTeamMemberRoles: z.array(z.enum(["admin", "user"])).describe("Roles in the team."),
          })
          .optional()
          .describe("Who may create keys of a team."),
        personalKeyGeneration: z
          .strictObject({ allowedUserRoles: z.array(z.enum(userRoles)).describe("Roles of users.") })
          .optional()
          .describe("Who may create keys of their own."),
      })
      .optional()
      .describe("Who may create keys."),
    rolePermissions: z
      .record(
        z.string(),
        z.strictObject({
          routes: z.array(z.string()).optional().describe("Routes the role may use."),
          models: z.array(z.string()).optional().describe("Models the role may use."),
        }),
      )
      .optional()
      .describe("What each role may do."),
    defaultTeamDisabled: z
      .boolean()
      .optional()
      .describe("No personal keys: every key belongs to a team. adminUI.defaultTeamDisabled wins."),
  })
  .describe("Roles and what they may do.");

import * as z from "zod";

/** Fields of `spec.jwtAuth` whose LiteLLM name is the same in snake case (palena.md §2.3). */
export const plainJwtFields = {
  adminJwtScope: z.string().optional().describe("Scope that makes a caller administrator."),
  adminAllowedRoutes: z.array(z.string()).optional().describe("Routes of administrators."),
  teamIdJwtField: z.string().optional().describe("Claim that holds the team."),
  teamIdsJwtField: z.string().optional().describe("Claim that holds all teams of a caller."),
  orgIdJwtField: z.string().optional().describe("Claim that holds the organization."),
  userIdJwtField: z.string().optional().describe("Claim that holds the user."),
  userEmailJwtField: z.string().optional().describe("Claim that holds the user's e-mail address."),
  userRoleJwtField: z.string().optional().describe("Claim that holds the user's role."),
  endUserIdJwtField: z.string().optional().describe("Claim that holds the end user."),
  publicKeyTtl: z.int().optional().describe("Seconds that the issuer's keys are kept."),
  userRolesJwtField: z.string().optional().describe("Claim that holds all roles of the user."),
  userAllowedRoles: z.array(z.string()).optional().describe("Roles that may call the gateway."),
  enforceRbac: z.boolean().optional().describe("Refuse callers without a known role."),
  objectIdJwtField: z.string().optional().describe("Claim that holds the user or team, as its role says."),
  rolesJwtField: z.string().optional().describe("Claim that holds the roles to map."),
  teamAliasJwtField: z.string().optional().describe("Claim that holds the team's alias."),
  orgAliasJwtField: z.string().optional().describe("Claim that holds the organization's alias."),
  teamIdDefault: z.string().optional().describe("Team of callers without one."),
  teamAllowedRoutes: z.array(z.string()).optional().describe("Routes of teams."),
  userAllowedEmailDomain: z.string().optional().describe("Domain that e-mail addresses must have."),
  userIdUpsert: z.boolean().optional().describe("Create users that are not known."),
  teamIdUpsert: z.boolean().optional().describe("Create teams that are not known."),
  teamClaimFallback: z
    .boolean()
    .optional()
    .describe("Use the default team when the claim's team is unknown."),
  enforceTeamBasedModelAccess: z.boolean().optional().describe("Serve only models of the caller's teams."),
  enforceScopeBasedAccess: z.boolean().optional().describe("Serve only models of the caller's scopes."),
  syncUserRoleAndTeams: z.boolean().optional().describe("Keep stored users in step with their claims."),
  customValidate: z.string().optional().describe("Dotted path of a function that checks tokens."),
  virtualKeyClaimField: z.string().optional().describe("Claim that maps callers to virtual keys."),
  virtualKeyMappingCacheTtl: z.int().optional().describe("Seconds that such a mapping is kept."),
  oidcUserinfoEnabled: z.boolean().optional().describe("Ask the issuer about the caller."),
  oidcUserinfoEndpoint: z.string().optional().describe("Where to ask."),
  oidcUserinfoCacheTtl: z.int().optional().describe("Seconds that its answer is kept."),
};

const mapping = (from: string, to: string) => ({
  [from]: z.string().describe("Role in the token."),
  [to]: z.string().describe("Role at the gateway."),
});

/** `spec.jwtAuth`. */
export const jwtAuth = z
  .strictObject({
    enabled: z.boolean().describe("Accept JSON web tokens."),
    // The three that reach the gateway by environment variable (0.19); their names here follow the variables.
    publicKeyUrl: z.string().optional().describe("Where the issuer's keys are (JWT_PUBLIC_KEY_URL)."),
    issuer: z.string().optional().describe("Issuer that tokens must name (JWT_ISSUER)."),
    audience: z.string().optional().describe("Audience that tokens must name (JWT_AUDIENCE)."),
    ...plainJwtFields,
    scopeModelMappings: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .describe("Models by scope; the short form of scopeMappings."),
    scopeMappings: z
      .array(
        z.strictObject({
          scope: z.string().describe("Scope in the token."),
          models: z.array(z.string()).optional().describe("Models it opens."),
          routes: z.array(z.string()).optional().describe("Routes it opens."),
        }),
      )
      .optional()
      .describe("What scopes open."),
    roleMappings: z
      .array(z.strictObject(mapping("role", "internalRole")))
      .optional()
      .describe("Roles of the token to LiteLLM's kinds of caller."),
    jwtLitellmRoleMap: z
      .array(z.strictObject(mapping("jwtRole", "litellmRole")))
      .optional()
      .describe("Roles of the token to roles of users."),
    routingOverrides: z
      .array(
        z.strictObject({
          iss: z.string().optional().describe("Issuer."),
          clientId: z.string().optional().describe("Client."),
          scope: z.string().optional().describe("Scope."),
          aud: z.string().optional().describe("Audience."),
          path: z.string().optional().describe("How tokens that match are checked."),
        }),
      )
      .optional()
      .describe("Other ways to check the tokens of certain clients."),
  })
  .describe("Authentication by JSON web token.");

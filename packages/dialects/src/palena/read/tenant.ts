import type { JsonObject } from "@gatewright/plan";
import { numberOf } from "../kinds/amount.ts";
import type { InstanceSpec } from "../kinds/instance.ts";
import { type Found, type Instance, setting } from "./instance.ts";
import { present } from "./present.ts";

/** What new users and teams start with (palena.md §2.3: sso, rbac, adminUI). */
export function* readTenant(instance: Instance): Found {
  const { sso, rbac, adminUI } = instance.spec;
  const ofRoles = rbac?.enabled === true ? rbac.defaultTeamDisabled : undefined;
  yield* setting(instance, "tenant", {
    userDefaults: sso?.enabled === true ? userDefaults(sso.defaultUserParams) : undefined,
    teamDefaults: sso?.enabled === true ? teamDefaults(sso.defaultTeamParams) : undefined,
    personalKeysDisabled: adminUI?.defaultTeamDisabled ?? ofRoles,
  });
}

type Sso = NonNullable<InstanceSpec["sso"]>;

function userDefaults(user: Sso["defaultUserParams"]): JsonObject | undefined {
  if (user === undefined) return undefined;
  return present({
    max_budget: user.maxBudget === undefined ? undefined : numberOf(user.maxBudget),
    budget_duration: user.budgetDuration,
    models: user.models,
    user_role: user.userRole,
    teams: user.teams?.map(({ teamId, role, maxBudgetInTeam }) =>
      present({
        team_id: teamId,
        user_role: role,
        max_budget_in_team: maxBudgetInTeam === undefined ? undefined : numberOf(maxBudgetInTeam),
      }),
    ),
  }) as JsonObject;
}

function teamDefaults(team: Sso["defaultTeamParams"]): JsonObject | undefined {
  if (team === undefined) return undefined;
  return present({
    max_budget: team.maxBudget === undefined ? undefined : numberOf(team.maxBudget),
    budget_duration: team.budgetDuration,
    models: team.models,
    tpm_limit: team.tpmLimit,
    rpm_limit: team.rpmLimit,
  }) as JsonObject;
}

import type { JsonObject } from "./json.ts";

/** What new users and teams start with; keys and values as LiteLLM writes them. */
export interface Tenant {
  readonly userDefaults?: JsonObject;
  readonly teamDefaults?: JsonObject;
  /** Members may not have personal keys (`default_team_disabled`). */
  readonly personalKeysDisabled?: boolean;
}

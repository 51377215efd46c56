import { block } from "./block.ts";
import { dollars, duration, integer, list, map, text, textList } from "./leaf.ts";

const spending = {
  max_budget: dollars("What may be spent per `budget_duration`"),
  budget_duration: duration("After which time `max_budget` starts anew"),
};
const rates = {
  tpm_limit: integer("Tokens per minute"),
  rpm_limit: integer("Requests per minute"),
};

/** `litellm_settings.default_internal_user_params` (litellm.md §2.2, palena.md §2.3). */
export const userDefaultsSchema = block("What new users start with", {
  ...spending,
  role: text("Role"),
  user_role: text("Role"),
  models: textList("Models they may use"),
  teams: list("Teams they join: ids, or `{team_id, user_role, max_budget_in_team}`"),
});

/** `litellm_settings.default_team_params` (litellm.md §2.2). */
export const teamDefaultsSchema = block("What new teams start with", {
  ...spending,
  ...rates,
  models: textList("Models they may use"),
  team_member_permissions: textList("What members may do with the team's keys"),
});

/** `litellm_settings.upperbound_key_generate_params` (litellm.md §2.2): larger values are refused. */
export const keyLimitsSchema = block("The most a new key may be given; more is refused", {
  ...spending,
  ...rates,
  duration: duration("How long a key lives"),
  max_parallel_requests: integer("Requests at once"),
});

/** `key_generation_settings`, in `litellm_settings` and, as palena writes it, in `general_settings`. */
export const keyGenerationSchema = block("Who may create which keys", {
  team_key_generation: block("Keys of teams", {
    allowed_team_member_roles: textList("Roles in the team that may"),
    required_params: textList("Fields such a key must have"),
  }).optional(),
  personal_key_generation: block("Keys of users", {
    allowed_user_roles: textList("Roles that may"),
    required_params: textList("Fields such a key must have"),
  }).optional(),
});

/** `litellm_settings.default_key_generate_params`: any field of `POST /key/generate`. */
export const keyDefaults = map("Fields a new key gets when the request leaves them out");

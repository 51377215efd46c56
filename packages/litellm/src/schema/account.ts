import { block } from "./block.ts";
import { dollars, duration, flag, integer, requiredText, secret, text, textList } from "./leaf.ts";

/** What any account may use; names as in the management API (litellm.md §3.4). */
const allowance = {
  models: textList("Models it may use: names, `*`, `openai/*`; none means all"),
  rpm_limit: integer("Requests per minute"),
  tpm_limit: integer("Tokens per minute, of the kind `general_settings.token_rate_limit_type` says"),
  max_parallel_requests: integer("Requests at once"),
  max_budget: dollars("What may be spent per `budget_duration`"),
  budget_duration: duration("After which time `max_budget` starts anew; absent: never"),
  blocked: flag("Refuse its requests", { default: false }),
};

/** `gatewright.keys[]`: a key of the gateway that stands in the document instead of a database. */
export const keySchema = block("A key of the gateway, from the document instead of a database", {
  ...allowance,
  key: secret("The key, for example os.environ/TEAM_A_KEY"),
  key_alias: requiredText("Name, for logs, metrics and messages"),
  user_id: text("User it belongs to"),
  team_id: text("Team it belongs to"),
  tags: textList("Tags all its requests have"),
  expires: text("When it ends, as an ISO 8601 time"),
});

/** `gatewright.teams[]`. */
export const teamSchema = block("A team: what its keys may use together", {
  ...allowance,
  team_id: requiredText("Id, as keys name it"),
  team_alias: text("Name, for logs and metrics"),
});

/** `gatewright.users[]`. */
export const userSchema = block("A user: what their keys may use together", {
  ...allowance,
  user_id: requiredText("Id, as keys name it; an agent's id in langop"),
});

/** `gatewright.customers[]`. */
export const customerSchema = block("A customer (end user) whom requests name", {
  ...allowance,
  user_id: requiredText("Id, as requests name it"),
  allowed_model_region: text(
    "Where its requests may be served: the beginning of the deployments' `region_name`, such as eu or us",
  ),
});

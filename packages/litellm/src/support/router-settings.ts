import { honoured, ignored, needless, rows, type SupportRows } from "./entry.ts";
import {
  noBudgets,
  noCache,
  noCooldown,
  noFallbacks,
  noHealthChecks,
  noLimits,
  noRetries,
  noSharedState,
  noTags,
} from "./reason.ts";

/** Support of `router_settings`; `default_litellm_params` has the rows of deployments. */
export const routerSettingsSupport: SupportRows = rows("router_settings", [
  [honoured(), ["timeout", "stream_timeout", "model_group_alias"]],
  [honoured("a deployment that cannot be used excludes itself"), ["ignore_invalid_deployments"]],
  [
    ignored("deployments are picked by simple shuffle", {
      approximated: true,
      cases: [{ values: ["simple-shuffle"], entry: honoured() }],
    }),
    ["routing_strategy"],
  ],
  [needless("it matters only with another strategy"), ["routing_strategy_args"]],
  [noRetries, ["num_retries", "retry_policy", "model_group_retry_policy"]],
  [needless("it matters only with retries"), ["retry_after"]],
  [noFallbacks, ["fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks"]],
  [needless("it matters only with fallbacks"), ["max_fallbacks"]],
  [noCooldown, ["allowed_fails", "allowed_fails_policy", "cooldown_time"]],
  [needless("failing deployments do not rest yet"), ["disable_cooldowns"]],
  [ignored("nothing is checked before a call yet"), ["enable_pre_call_checks"]],
  [
    ignored("this check is not there yet", {
      cases: [
        { values: ["enforce_model_rate_limits"], entry: noLimits },
        { values: ["router_budget_limiting"], entry: noBudgets },
      ],
    }),
    ["optional_pre_call_checks"],
  ],
  [noTags, ["enable_tag_filtering"]],
  [needless("it matters only with enable_tag_filtering"), ["tag_filtering_match_any"]],
  [noBudgets, ["provider_budget_config"]],
  [needless("it matters only with an affinity check"), ["deployment_affinity_ttl_seconds"]],
  [noLimits, ["default_max_parallel_requests"]],
  [needless("connections are kept as long as they are used"), ["client_ttl"]],
  [noCache, ["cache_responses", "caching_groups"]],
  [noSharedState, ["redis_host", "redis_url"]],
  [needless("it matters only with redis_host"), ["redis_port", "redis_password", "redis_db"]],
  [noHealthChecks, ["enable_health_check_routing"]],
  [ignored("requests are not queued by priority"), ["polling_interval", "default_priority"]],
  [ignored("assistants and searches are not served"), ["assistants_config", "search_tools"]],
]);

import { honoured, ignored, needless, rows, type SupportRows } from "./entry.ts";
import { inMemory, noCache } from "./reason.ts";

const strategies = [
  "simple-shuffle",
  "round-robin",
  "least-busy",
  "latency-based-routing",
  "usage-based-routing",
  "usage-based-routing-v2",
  "cost-based-routing",
];

/** Support of `router_settings`; `default_litellm_params` has the rows of deployments. */
export const routerSettingsSupport: SupportRows = rows("router_settings", [
  [
    honoured(),
    [
      "timeout",
      "stream_timeout",
      "model_group_alias",
      "routing_strategy_args",
      "num_retries",
      "retry_after",
      "retry_policy",
      "model_group_retry_policy",
      "fallbacks",
      "context_window_fallbacks",
      "content_policy_fallbacks",
      "default_fallbacks",
      "max_fallbacks",
      "allowed_fails",
      "allowed_fails_policy",
      "cooldown_time",
      "disable_cooldowns",
      "enable_tag_filtering",
      "tag_filtering_match_any",
      "default_max_parallel_requests",
      "redis_host",
      "redis_port",
      "redis_password",
      "redis_url",
      "redis_db",
    ],
  ],
  [honoured("a deployment that cannot be used excludes itself"), ["ignore_invalid_deployments"]],
  [
    ignored("this strategy is not known, so deployments are picked by simple shuffle", {
      approximated: true,
      cases: [{ values: strategies, entry: honoured() }],
    }),
    ["routing_strategy"],
  ],
  [
    ignored("context windows and regions are checked; rates only where limits say so", {
      approximated: true,
    }),
    ["enable_pre_call_checks"],
  ],
  [
    ignored("this check is not there yet", {
      cases: [
        { values: ["enforce_model_rate_limits"], entry: honoured() },
        { values: ["router_budget_limiting"], entry: honoured("budgets are always looked at") },
      ],
    }),
    ["optional_pre_call_checks"],
  ],
  [inMemory, ["provider_budget_config"]],
  [needless("it matters only with an affinity check"), ["deployment_affinity_ttl_seconds"]],
  [needless("connections are kept as long as they are used"), ["client_ttl"]],
  [noCache, ["cache_responses", "caching_groups"]],
  [
    honoured("requests go round deployments whose checks fail, where checks are sent"),
    ["enable_health_check_routing"],
  ],
  [ignored("requests are not queued by priority"), ["polling_interval", "default_priority"]],
  [ignored("assistants and searches are not served"), ["assistants_config", "search_tools"]],
]);

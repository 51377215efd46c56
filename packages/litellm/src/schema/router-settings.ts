import { block, entries } from "./block.ts";
import {
  aliases,
  chains,
  dollars,
  duration,
  flag,
  integer,
  list,
  map,
  number,
  seconds,
  secret,
  text,
  textList,
} from "./leaf.ts";
import { defaultParametersSchema } from "./model.ts";

const off = { default: false };

/** Classes of errors policies count or retry by. */
const errorClasses = {
  BadRequestError: "refused as bad requests",
  AuthenticationError: "refused for their key",
  TimeoutError: "timed out",
  RateLimitError: "over a rate limit",
  ContentPolicyViolationError: "refused by a content policy",
  InternalServerError: "failed upstream",
} as const;

type ErrorClass = keyof typeof errorClasses;

/** One number per class of error, under LiteLLM's names: `<Class><suffix>`. */
function policy<S extends string>(description: string, suffix: S, what: string) {
  const members = Object.entries(errorClasses).map(([name, when]) => [
    `${name}${suffix}`,
    integer(`${what} ${when}`),
  ]);
  return block(
    description,
    Object.fromEntries(members) as { [C in ErrorClass as `${C}${S}`]: ReturnType<typeof integer> },
  );
}

const retries = policy("Retries by class of error", "Retries", "Retries of requests that were");

/** `router_settings` (litellm.md §2.3): how deployments are chosen, and what happens when one fails. */
export const routerSettingsSchema = block("How deployments are chosen, and what happens when one fails", {
  routing_strategy: text("How one deployment of a group is picked", {
    default: "simple-shuffle",
    values: [
      "simple-shuffle",
      "least-busy",
      "usage-based-routing",
      "usage-based-routing-v2",
      "latency-based-routing",
      "cost-based-routing",
    ],
  }),
  routing_strategy_args: block("Settings of the strategy", {
    ttl: seconds("How long measurements count: 3600 by latency, 60 by usage"),
    lowest_latency_buffer: number("Deployments within this share of the lowest latency are equal", {
      default: 0,
    }),
    max_latency_list_size: integer("How many latencies are kept", { default: 10 }),
  }).optional(),
  num_retries: integer("Retries per request, else those of `litellm_settings`, else 2"),
  retry_after: seconds("Least time between retries", { default: 0 }),
  timeout: seconds("Longest time for a whole request, else `litellm_settings.request_timeout`"),
  stream_timeout: seconds("Longest time to the first chunk of a stream"),
  max_fallbacks: integer("How far a chain of fallbacks is followed", { default: 5 }),
  fallbacks: chains("Where requests go when a model fails"),
  context_window_fallbacks: chains("Where requests go that are too long for a model"),
  content_policy_fallbacks: chains("Where requests go that a provider's policy refuses"),
  default_fallbacks: textList("Where requests go when any model fails"),
  allowed_fails: integer(
    "Failures per minute before a deployment rests, else 3 and the rule of litellm.md §4.4",
  ),
  allowed_fails_policy: policy(
    "The same by class of error",
    "AllowedFails",
    "How many a minute may be",
  ).optional(),
  cooldown_time: seconds("How long a deployment rests after failures", { default: 5 }),
  disable_cooldowns: flag("Deployments never rest", off),
  retry_policy: retries.optional(),
  model_group_retry_policy: entries(retries).optional(),
  enable_pre_call_checks: flag("Check context window, rates, region and parameters before a call", off),
  enable_tag_filtering: flag("Route by tags", off),
  tag_filtering_match_any: flag("One shared tag is enough; else all must be shared", { default: true }),
  model_group_alias: aliases("Further names: alias → model name, or `{model, hidden}`"),
  provider_budget_config: entries(
    block("What may be spent at a provider", {
      budget_limit: dollars("What may be spent per `time_period`"),
      max_budget: dollars("As `budget_limit`"),
      time_period: duration("After which time that starts anew"),
      budget_duration: duration("As `time_period`"),
    }),
  ).optional(),
  optional_pre_call_checks: textList("Further checks before a call", {
    values: [
      "prompt_caching",
      "router_budget_limiting",
      "responses_api_deployment_check",
      "deployment_affinity",
      "session_affinity",
      "forward_client_headers_by_model_group",
      "enforce_model_rate_limits",
      "encrypted_content_affinity",
    ],
  }),
  deployment_affinity_ttl_seconds: seconds("How long a client stays with a deployment", { default: 3600 }),
  default_max_parallel_requests: integer("Most requests at once per deployment that says nothing"),
  default_litellm_params: defaultParametersSchema.optional(),
  client_ttl: seconds("How long clients of providers are kept", { default: 3600 }),
  cache_responses: flag("Cache answers in the router", off),
  caching_groups: list("Groups that share cached answers"),
  redis_host: text("Redis: host, for state shared by replicas"),
  redis_port: integer("Redis: port"),
  redis_password: secret("Redis: password"),
  redis_url: secret("Redis: address with its password"),
  redis_db: integer("Redis: number of the database"),
  ignore_invalid_deployments: flag("Start although a deployment cannot be used", { default: true }),
  enable_health_check_routing: flag("Prefer deployments whose health check succeeded", off),
  polling_interval: seconds("How often queued requests are looked at"),
  default_priority: integer("Priority of requests without one"),
  assistants_config: map("Settings of assistants"),
  search_tools: list("Search tools of the router"),
});

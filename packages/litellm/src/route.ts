import type { Fallback, GatewayPlan, JsonObject, PassThrough } from "@gatewright/plan";
import { settingsOfModels } from "./model.ts";
import { type Piece, present, presentOrAbsent } from "./piece.ts";
import { referenceTo } from "./reference.ts";

/** Routing: `router_settings` (litellm.md §2.3), fallbacks where palena.md §2.3 has them, `gatewright.models.*.route`. */
export function renderRoute(plan: GatewayPlan): Piece {
  const { route } = plan;
  return {
    litellm_settings: present({
      request_timeout: route.requestTimeoutSeconds,
      context_window_fallbacks: chains(route.fallbacks, "context-window"),
      content_policy_fallbacks: chains(route.fallbacks, "content-policy"),
      default_fallbacks: route.defaultFallbacks,
      drop_params: route.dropParameters,
      ...route.switches,
    }),
    router_settings: present({
      routing_strategy: route.strategy,
      num_retries: route.retries,
      retry_after: route.retryAfterSeconds,
      timeout: route.timeoutSeconds,
      stream_timeout: route.streamTimeoutSeconds,
      max_fallbacks: route.maxFallbacks,
      fallbacks: chains(route.fallbacks, "error"),
      allowed_fails: route.allowedFails,
      cooldown_time: route.cooldownSeconds,
      retry_policy: route.retryPolicy,
      model_group_retry_policy: route.groupRetryPolicy,
      enable_pre_call_checks: route.preCallChecks,
      enable_tag_filtering: route.tagFiltering,
      tag_filtering_match_any: route.tagMatchAny,
      model_group_alias: route.aliases,
      optional_pre_call_checks: route.optionalPreCallChecks,
      default_max_parallel_requests: route.defaultParallelRequests,
    }),
    general_settings: present({ pass_through_endpoints: route.passThrough?.map(passThroughOf) }),
    gatewright: settingsOfModels(plan, "route", route.models),
  };
}

/** LiteLLM's form: a list of maps of one key each, `[{ model: [fallback, …] }]`. */
function chains(
  fallbacks: readonly Fallback[] | undefined,
  when: Fallback["when"],
): readonly JsonObject[] | undefined {
  const found = (fallbacks ?? []).filter((fallback) => fallback.when === when);
  return found.length === 0 ? undefined : found.map(({ model, fallbacks: chain }) => ({ [model]: chain }));
}

function passThroughOf(endpoint: PassThrough): JsonObject {
  return present({
    path: endpoint.path,
    target: endpoint.target,
    auth: endpoint.auth,
    forward_headers: endpoint.forwardHeaders,
    include_subpath: endpoint.includeSubpath,
    methods: endpoint.methods,
    default_query_params: endpoint.queryParameters,
    headers: presentOrAbsent({
      ...endpoint.headers,
      ...Object.fromEntries(
        Object.entries(endpoint.secretHeaders ?? {}).map(([name, { prefix, secret }]) => [
          name,
          prefix + referenceTo(secret),
        ]),
      ),
    }),
  });
}

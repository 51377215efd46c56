import type { GatewayPlan, JsonObject, Limit } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";
import type { Feature } from "./support/feature.ts";

/** Who does not know `agent` would hold all callers to the limit of one. */
const agentLimits: Feature = "agent-limits";

/** The check that makes LiteLLM treat `rpm` and `tpm` as limits instead of weights (litellm.md §4.3). */
const enforcingCheck = "enforce_model_rate_limits";

/**
 * Hard limits. What LiteLLM has a key for goes there (`general_settings`, litellm.md §2.4); everything per minute or
 * per model goes to `gatewright.limits[]`, and the check that makes LiteLLM enforce the rates of its own deployments
 * is switched on when a model has a rate limit (decisions.md, langop "rate limits"). Limits of agents are left out for
 * LiteLLM, like the agents themselves (`renderIdentity`).
 */
export function renderLimits(plan: GatewayPlan): Piece {
  const gatewayWide = plan.limit.filter((limit) => limit.scope.kind === "gateway");
  const enforced = plan.limit.some((limit) => limit.scope.kind === "model" && hasRate(limit));
  const listed = plan.route.optionalPreCallChecks?.includes(enforcingCheck) ?? false;
  const limits = plan.engine === "litellm" ? plan.limit.filter((limit) => !isOfAgent(limit)) : plan.limit;
  const entries = limits.map(entryOf).filter((entry) => entry !== undefined);
  return {
    router_settings: enforced && !listed ? { optional_pre_call_checks: [enforcingCheck] } : {},
    general_settings: present({
      global_max_parallel_requests: smallest(gatewayWide, "parallelRequests"),
      max_request_size_mb: smallest(gatewayWide, "requestSizeMegabytes"),
      max_response_size_mb: smallest(gatewayWide, "responseSizeMegabytes"),
    }),
    gatewright: present({
      requires: limits.some(isOfAgent) ? [agentLimits] : undefined,
      limits: entries.length === 0 ? undefined : entries,
    }),
  };
}

/** `gatewright.limits[]`; nothing when `general_settings` says all of it. */
function entryOf(limit: Limit): JsonObject | undefined {
  const { scope } = limit;
  const ofGateway = scope.kind === "gateway";
  if (ofGateway && !hasRate(limit)) return undefined;
  return present({
    name: limit.origin.name,
    model: scope.kind === "model" ? scope.model : undefined,
    agent: scope.kind === "agent" ? scope.agent : undefined,
    requests_per_minute: limit.requestsPerMinute,
    tokens_per_minute: limit.tokensPerMinute,
    parallel_requests: ofGateway ? undefined : limit.parallelRequests,
    request_size_megabytes: ofGateway ? undefined : limit.requestSizeMegabytes,
    response_size_megabytes: ofGateway ? undefined : limit.responseSizeMegabytes,
    algorithm: limit.algorithm,
  });
}

function isOfAgent({ scope }: Limit): boolean {
  return scope.kind === "agent";
}

function hasRate(limit: Limit): boolean {
  return limit.requestsPerMinute !== undefined || limit.tokensPerMinute !== undefined;
}

/** One key holds one number: when several resources limit the gateway, the tightest limit is the one that binds. */
function smallest(
  limits: readonly Limit[],
  field: "parallelRequests" | "requestSizeMegabytes" | "responseSizeMegabytes",
): number | undefined {
  const values = limits.map((limit) => limit[field]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : Math.min(...values);
}

import type { Settings } from "@gatewright/litellm";
import type { FallbackRules } from "../route/fallback.ts";
import type { GroupRoute, Member, RouteDeployment } from "../route/group-route.ts";
import { type StrategyArguments, type StrategyName, strategyNames, strategyOf } from "../route/strategy.ts";
import { WaitingLine } from "../route/waiting-line.ts";
import { Fallbacks } from "./fallback.ts";
import { cooldownRules, healthCheckRules, retryRules } from "./route-rules.ts";

/** A deployment of a group, and what decides its share of the group's requests. */
export interface RouteShare {
  readonly deployment: RouteDeployment;
  readonly weight: number | undefined;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly order: number | undefined;
}

/** `gatewright.models.<resource>.route`. */
export type ResourceRoute = NonNullable<
  NonNullable<NonNullable<Settings["gatewright"]>["models"]>[string]["route"]
>;

/** The routing part of a document. */
export interface Routes {
  /**
   * How the requests for a group are routed. `pattern`: the wildcard that the group is a concrete form of. A group without
   * settings of its own in `gatewright.models` has those of the router.
   */
  group(name: string, shares: readonly RouteShare[], pattern?: string): GroupRoute;
  /** For names that nothing serves: `default_fallbacks` (`Course.standIn`). */
  readonly unknown: FallbackRules;
  /** What does not work as the document means it, for whoever runs the gateway. */
  readonly warnings: readonly string[];
}

/**
 * Routing as `router_settings`, `litellm_settings` and `gatewright.models.*.route` have it (litellm.md §2.1 to §2.3, §4.4,
 * §4.5; langop.md §4.2).
 */
export function routesOf(settings: Settings): Routes {
  const router = settings.router_settings ?? {};
  const models = settings.gatewright?.models ?? {};
  const fallbacks = new Fallbacks(settings);
  const warnings = [...fallbacks.warnings];
  for (const [where, strategy] of [
    ["router_settings.routing_strategy", router.routing_strategy] as const,
    ...Object.entries(models).map(
      ([name, model]) => [`gatewright.models.${name}.route.strategy`, model.route?.strategy] as const,
    ),
  ]) {
    if (strategy !== undefined && !isStrategy(strategy))
      warnings.push(
        `${where} ${JSON.stringify(strategy)} is not known: deployments are picked by simple shuffle.`,
      );
  }
  return {
    group: (name, shares, pattern) => {
      const resource = resourceOf(models, name, shares, pattern);
      return groupRoute(settings, resource, shares, {
        retry: retryRules(settings, resource, name),
        fallbacks: fallbacks.rules(name, resource),
      });
    },
    unknown: fallbacks.rules("*", undefined),
    warnings,
  };
}

function groupRoute(
  settings: Settings,
  resource: ResourceRoute | undefined,
  shares: readonly RouteShare[],
  rules: Pick<GroupRoute, "retry" | "fallbacks">,
): GroupRoute {
  const router = settings.router_settings ?? {};
  const members = membersOf(shares, resource, router.default_max_parallel_requests);
  const first = members.filter(({ order }) => order === members[0]?.order);
  let sum = 0;
  const named = resource?.strategy ?? router.routing_strategy ?? "simple-shuffle";
  const strategy = strategyOf(isStrategy(named) ? named : "simple-shuffle", strategyArguments(settings));
  const preCallChecks = router.enable_pre_call_checks === true;
  const tags =
    router.enable_tag_filtering === true ? { matchAny: router.tag_filtering_match_any ?? true } : undefined;
  return {
    ...rules,
    members,
    first,
    firstSums: first.map(({ weight }) => (sum += weight)),
    strategy,
    plain: strategy.name === "simple-shuffle" && !preCallChecks && tags === undefined,
    preCallChecks,
    tags,
    cooldown: cooldownRules(settings, resource),
    healthCheck: healthCheckRules(settings, resource),
    line: new WaitingLine([...new Set(members.map(({ deployment }) => deployment.state))]),
  };
}

/**
 * The settings of one model: found by the resource's name, by its public name, or, for groups that go by a deployment's
 * own name, by the deployments. Several resources may share a public name; the first that says anything counts.
 */
function resourceOf(
  models: NonNullable<NonNullable<Settings["gatewright"]>["models"]>,
  name: string,
  shares: readonly RouteShare[],
  pattern: string | undefined,
): ResourceRoute | undefined {
  if (Object.hasOwn(models, name) && models[name]?.route !== undefined) return models[name].route;
  const all = Object.values(models).filter(({ route }) => route !== undefined);
  const published = all.find(
    ({ model_name: own }) => own === name || (pattern !== undefined && own === pattern),
  );
  const holds = (ids: readonly string[] | undefined): boolean =>
    ids !== undefined && shares.length > 0 && shares.every(({ deployment }) => ids.includes(deployment.id));
  return (published ?? all.find(({ deployments }) => holds(deployments)))?.route;
}

function membersOf(
  shares: readonly RouteShare[],
  resource: ResourceRoute | undefined,
  parallelDefault: number | undefined,
): readonly Member[] {
  const endpoints = new Map((resource?.endpoints ?? []).map((endpoint) => [endpoint.id, endpoint]));
  const regions = new Map(
    (resource?.regions ?? []).flatMap((region) => (isRegion(region) ? [[region.name, region] as const] : [])),
  );
  const completed = shares.map((share) => {
    const endpoint = endpoints.get(share.deployment.id);
    const region = endpoint?.region ?? share.deployment.region;
    const priority = endpoint?.priority ?? share.order ?? regions.get(region ?? "")?.priority;
    return {
      ...share,
      region,
      weight: endpoint?.weight ?? share.weight,
      order: priority ?? Number.POSITIVE_INFINITY,
      on: regions.get(region ?? "")?.enabled !== false,
    };
  });
  const on = completed.filter((share) => share.on);
  // A model whose every region is switched off would serve nobody; the same setting says that of the whole resource.
  const served = on.length === 0 ? completed : on;
  const tiers = Map.groupBy(served, ({ order }) => order);
  return [...tiers]
    .sort(([one], [other]) => one - other || 0)
    .flatMap(([, tier]) => {
      const weights = weightsOf(tier);
      return tier.map((share, index) => ({
        deployment: share.deployment,
        weight: weights[index] ?? 0,
        order: share.order,
        region: share.region,
        parallelLimit: share.deployment.parallelLimit ?? parallelDefault ?? Number.POSITIVE_INFINITY,
        requestsPerMinute: share.requestsPerMinute ?? Number.POSITIVE_INFINITY,
        tokensPerMinute: share.tokensPerMinute ?? Number.POSITIVE_INFINITY,
      }));
    });
}

/**
 * Weights of a tier: `weight` if any deployment has one, else `rpm`, else `tpm`, else all alike (litellm.md §2.1). A
 * deployment without the value that decides gets no requests, as in LiteLLM, unless it is alone.
 */
function weightsOf(
  shares: readonly Pick<RouteShare, "weight" | "requestsPerMinute" | "tokensPerMinute">[],
): readonly number[] {
  for (const measure of ["weight", "requestsPerMinute", "tokensPerMinute"] as const) {
    const found = shares.map((share) => Math.max(0, share[measure] ?? 0));
    if (found.some((weight) => weight > 0)) return found;
  }
  return shares.map(() => 1);
}

const HOUR = 3_600_000;

function strategyArguments(settings: Settings): StrategyArguments {
  const given = settings.router_settings?.routing_strategy_args;
  return {
    memory: {
      size: Math.max(1, given?.max_latency_list_size ?? 10),
      milliseconds: given?.ttl === undefined ? HOUR : given.ttl * 1000,
    },
    lowestLatencyBuffer: Math.max(0, given?.lowest_latency_buffer ?? 0),
  };
}

function isStrategy(name: string): name is StrategyName {
  return (strategyNames as readonly string[]).includes(name);
}

function isRegion(
  value: unknown,
): value is { readonly name: string; readonly priority?: number; readonly enabled?: boolean } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

import { type Metric, metrics } from "@gatewright/litellm";
import { ownMetrics } from "./own-metrics.ts";
import type { Registry } from "./registry.ts";
import type { DeploymentFacts } from "./request-facts.ts";

/** A budget as it stands; US dollars. */
export interface BudgetState {
  readonly subject: "team" | "key" | "user" | "provider";
  /** Id; of a key the SHA-256 hash, of a provider its name. */
  readonly id: string;
  readonly alias: string;
  readonly left: number;
  readonly max: number;
  /** Undefined when it never starts anew. */
  readonly hoursLeft: number | undefined;
}

/** Where gauges are read at a scrape. Each part that a gateway has gives its own; none costs anything per request. */
export interface StateSources {
  readonly deployments?: () => Iterable<{
    readonly deployment: DeploymentFacts;
    readonly requestsPerMinute: number | undefined;
    readonly tokensPerMinute: number | undefined;
  }>;
  readonly budgets?: () => Iterable<BudgetState>;
  /** Undefined where there is no Redis. */
  readonly redisUp?: () => boolean | undefined;
}

/** Reads the gauges of §5.1 that are states rather than events, at every scrape; what is gone leaves no series behind. */
export function exposeState(registry: Registry, sources: StateSources): void {
  registry.onScrape(() => {
    if (sources.deployments !== undefined) deployments(registry, sources.deployments());
    if (sources.budgets !== undefined) budgets(registry, sources.budgets());
    const up = sources.redisUp?.();
    registry.reset(ownMetrics.redisUp.name);
    if (up !== undefined) registry.gauge(ownMetrics.redisUp).set(up ? 1 : 0);
  });
}

function deployments(registry: Registry, states: ReturnType<NonNullable<StateSources["deployments"]>>): void {
  forget(registry, [metrics.deploymentState, metrics.deploymentRequestLimit, metrics.deploymentTokenLimit]);
  for (const { deployment, requestsPerMinute, tokensPerMinute } of states) {
    const { litellmModel, id, apiBase, provider } = deployment;
    const labels = {
      litellm_model_name: litellmModel,
      model_id: id,
      api_base: apiBase,
      api_provider: provider.name,
    };
    registry.gauge(metrics.deploymentState, labels).set(stateOf(deployment));
    if (requestsPerMinute !== undefined)
      registry.gauge(metrics.deploymentRequestLimit, labels).set(requestsPerMinute);
    if (tokensPerMinute !== undefined)
      registry.gauge(metrics.deploymentTokenLimit, labels).set(tokensPerMinute);
  }
}

function stateOf({ state, metrics: { lastError } }: DeploymentFacts): number {
  if (state !== undefined && (state.healthy === false || state.restsUntil > performance.now())) return 2;
  return lastError === undefined ? 0 : 1;
}

const budgetMetrics = {
  team: { left: metrics.teamBudgetLeft, max: metrics.teamBudget, hours: metrics.teamBudgetHours },
  key: { left: metrics.keyBudgetLeft, max: metrics.keyBudget, hours: metrics.keyBudgetHours },
  user: { left: metrics.userBudgetLeft, max: metrics.userBudget, hours: metrics.userBudgetHours },
} as const;

const subjectLabels = {
  team: ["team", "team_alias"],
  key: ["hashed_api_key", "api_key_alias"],
  user: ["user", "user_alias"],
} as const;

function budgets(registry: Registry, states: Iterable<BudgetState>): void {
  forget(registry, [
    metrics.providerBudgetLeft,
    ...Object.values(budgetMetrics).flatMap(({ left, max, hours }): Metric[] => [left, max, hours]),
  ]);
  for (const { subject, id, alias, left, max, hoursLeft } of states) {
    if (subject === "provider") {
      registry.gauge(metrics.providerBudgetLeft, { api_provider: id }).set(left);
      continue;
    }
    const [idLabel, aliasLabel] = subjectLabels[subject];
    const labels = { [idLabel]: id, ...(alias === "" ? {} : { [aliasLabel]: alias }) };
    const family = budgetMetrics[subject];
    registry.gauge(family.left, labels).set(left);
    registry.gauge(family.max, labels).set(max);
    if (hoursLeft !== undefined) registry.gauge(family.hours, labels).set(hoursLeft);
  }
}

function forget(registry: Registry, families: readonly Metric[]): void {
  for (const { name } of families) registry.reset(name);
}

import type { Settings } from "@gatewright/litellm";
import { groupHeader } from "../upstream/answer-headers.ts";
import { groupBudgetOf } from "./budget.ts";
import type { Caches } from "./cache.ts";
import type { Limits } from "./limit.ts";
import type { Routes } from "./route.ts";
import type { Deployment, Group } from "./snapshot.ts";
import { type GroupTelemetry, groupTelemetryOf } from "./telemetry.ts";

/** A deployment and what decides its share of a group's requests. */
export interface Candidate {
  readonly deployment: Deployment;
  readonly weight: number | undefined;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly order: number | undefined;
}

/** What a document says about groups. */
export interface GroupContext {
  readonly routes: Routes;
  readonly limits: Limits;
  readonly caches: Caches;
  readonly models: NonNullable<NonNullable<Settings["gatewright"]>["models"]>;
}

/** A group of deployments under a name. `pattern`: the wildcard that it is a concrete form of. */
export function groupOf(
  name: string,
  candidates: readonly Candidate[],
  unusable: readonly string[],
  context: GroupContext,
  pattern?: string,
): Group {
  const deployments = candidates.map(({ deployment }) => deployment);
  const limits = context.limits.ofGroup(
    candidates.map(({ deployment, requestsPerMinute, tokensPerMinute }) => ({
      id: deployment.id,
      modelName: deployment.modelName,
      requestsPerMinute,
      tokensPerMinute,
    })),
  );
  return {
    name,
    nameJson: Buffer.from(JSON.stringify(name)),
    headerLine: groupHeader(name),
    deployments,
    unusable,
    route: context.routes.group(name, candidates, pattern),
    limits: limits.shared,
    ownLimits: limits.own,
    budget: groupBudgetOf(deployments.map(({ price }) => price)),
    cache: context.caches.of(pattern ?? name, deployments),
    telemetry: telemetryOf(name, deployments, context.models),
  };
}

/** That of the resource with this name, else of the first whose deployments these are. */
function telemetryOf(
  name: string,
  deployments: readonly Deployment[],
  models: GroupContext["models"],
): GroupTelemetry | undefined {
  if (Object.hasOwn(models, name)) return groupTelemetryOf(models[name]?.telemetry);
  const owner = Object.values(models).find(
    ({ deployments: ids, model_name: published }) =>
      published === name || deployments.some(({ id }) => ids?.includes(id) === true),
  );
  return groupTelemetryOf(owner?.telemetry);
}

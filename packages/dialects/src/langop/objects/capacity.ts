import { metadata, ownedBy, resourceQuota } from "@gatewright/kubernetes";
import { type Finding, isJsonObject } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { fieldFinding } from "../read/entry.ts";
import { clusterLabels } from "./label.ts";
import type { Piece } from "./piece.ts";
import { gatewayResources } from "./workload.ts";

type Capacity = NonNullable<LanguageClusterSpec["capacity"]>;

const quotaNames: readonly (readonly [field: keyof Capacity, resource: string])[] = [
  ["maxAgents", "count/languageagents.langop.io"],
  ["maxModels", "count/languagemodels.langop.io"],
  ["maxTools", "count/languagetools.langop.io"],
  ["maxPersonas", "count/languagepersonas.langop.io"],
  ["maxCPU", "limits.cpu"],
  ["maxMemory", "limits.memory"],
];

/** The quota of the namespace (langop.md §3.7); without any limit there is none. */
export function clusterCapacity(cluster: Resource, spec: LanguageClusterSpec): Piece {
  const { capacity } = spec;
  const hard = quotaNames.flatMap(([field, resource]) => {
    const value = capacity?.[field];
    return value === undefined ? [] : [[resource, String(value)] as const];
  });
  if (hard.length === 0) return { objects: [], findings: [] };
  const namespace = cluster.metadata.name;
  const of = metadata({
    name: "langop-quota",
    namespace,
    labels: clusterLabels(namespace, "capacity"),
    ownerReferences: ownedBy(cluster),
  });
  return {
    objects: [resourceQuota(of, Object.fromEntries(hard))],
    findings: [
      ...withoutLimit(cluster, spec, "maxCPU", "cpu"),
      ...withoutLimit(cluster, spec, "maxMemory", "memory"),
    ],
  };
}

/** A quota on limits refuses every pod that has none, the gateway's own included (langop.md §6.2 row 15). */
function withoutLimit(
  cluster: Resource,
  spec: LanguageClusterSpec,
  field: "maxCPU" | "maxMemory",
  resource: "cpu" | "memory",
): readonly Finding[] {
  if (spec.capacity?.[field] === undefined) return [];
  const deployment = spec.gateway?.deployment;
  const without = [
    ...(hasLimit(gatewayResources(deployment), resource) ? [] : ["gateway"]),
    ...unlimitedInitContainers(deployment, resource),
  ];
  if (without.length === 0) return [];
  const text = `is a quota on ${resource} limits, which refuses pods that have none: no new gateway pod can start, because its containers ${without.join(", ")} have no ${resource} limit. Set one below spec.gateway.deployment.`;
  return [fieldFinding(cluster, `spec.capacity.${field}`, "GatewayWithoutLimit", "approximated", text)];
}

function unlimitedInitContainers(
  deployment: DeploymentSpec | undefined,
  resource: string,
): readonly string[] {
  return (deployment?.initContainers ?? [])
    .filter(({ resources }) => !hasLimit(resources, resource))
    .map(({ name }) => `${String(name)} (init)`);
}

function hasLimit(resources: unknown, resource: string): boolean {
  const limits = isJsonObject(resources) ? resources["limits"] : undefined;
  return isJsonObject(limits) && limits[resource] !== undefined;
}

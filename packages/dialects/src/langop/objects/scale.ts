import { horizontalPodAutoscaler, metadata, ownedBy, podDisruptionBudget } from "@gatewright/kubernetes";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { gatewaySelector, owned } from "./label.ts";
import type { Piece } from "./piece.ts";

/** How many pods a gateway should have; nothing when an autoscaler decides. */
export function replicasOf(deployment: DeploymentSpec | undefined): number | undefined {
  return deployment?.autoscaling === undefined ? (deployment?.replicas ?? 1) : undefined;
}

/** Autoscaling, and a budget that keeps most of several pods while nodes are drained (langop.md §3.1, §6.2 row 17). */
export function gatewayScale(cluster: Resource, deployment: DeploymentSpec | undefined): Piece {
  const namespace = cluster.metadata.name;
  const selector = gatewaySelector(namespace);
  const of = metadata({
    name: "gateway",
    namespace,
    labels: owned(selector),
    ownerReferences: ownedBy(cluster),
  });
  const { autoscaling } = deployment ?? {};
  const fewest = autoscaling === undefined ? replicasOf(deployment) : autoscaling.minReplicas;
  return {
    objects: [
      ...((fewest ?? 1) > 1 ? [podDisruptionBudget(of, selector)] : []),
      ...(autoscaling === undefined
        ? []
        : [horizontalPodAutoscaler(of, { deployment: "gateway", ...autoscaling })]),
    ],
    findings: [],
  };
}

import { type KubernetesObject, metadata, namespace, ownedBy } from "@gatewright/kubernetes";
import type { Resource } from "../../resource.ts";
import { namespaceLabels } from "./label.ts";

/**
 * The namespace of a LanguageCluster (langop.md §3.1). One that was there before does not go with the cluster, so it
 * gets no owner; one that is `left` behind keeps nothing of ours.
 */
export function clusterNamespace(
  cluster: Resource,
  origin: "created" | "adopted" | "left",
): KubernetesObject {
  const { name } = cluster.metadata;
  return namespace(
    metadata({
      name,
      labels: origin === "left" ? {} : namespaceLabels(name),
      ownerReferences: origin === "created" ? ownedBy(cluster) : [],
    }),
  );
}

import { clusterNamespace, type Resource, systemNamespaces } from "@gatewright/dialects";
import { type Client, createOnce, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";

/** What became of the namespace of a LanguageCluster (langop.md §3.1). */
export type NamespaceState =
  | { readonly kind: "created" | "adopted" }
  /** A namespace of that name is on its way out; a new one can only be made when it is gone. */
  | { readonly kind: "terminating" };

/**
 * Makes sure that the namespace of a cluster is there. One that is not is made with the cluster as its owner in the
 * same request: were it made first and owned later, an operator that dies in between would take it for a found one,
 * and never delete it.
 * @throws for a namespace that Kubernetes itself lives in, which admission refuses; but admission can be off.
 */
export async function ensureNamespace(
  client: Client,
  cluster: Resource,
  watched: KubernetesObject | undefined,
  manager: string,
): Promise<NamespaceState> {
  const { name } = cluster.metadata;
  if (systemNamespaces.includes(name)) {
    throw new Error(
      `The namespace ${name} is Kubernetes' own, and nothing is written there. Delete the LanguageCluster, and create one with another name.`,
    );
  }
  const found = watched ?? (await client.get(resourceTypes.Namespace, { name }));
  if (found !== undefined) return stateOf(found, cluster);
  const { object } = await createOnce(client, clusterNamespace(cluster, "created"), { manager });
  return stateOf(object, cluster);
}

/** Whether the namespace goes with its cluster. */
export function isOwned(namespace: KubernetesObject, cluster: Resource): boolean {
  return namespace.metadata.ownerReferences?.some(({ uid }) => uid === cluster.metadata.uid) === true;
}

function stateOf(namespace: KubernetesObject, cluster: Resource): NamespaceState {
  if (namespace.metadata.deletionTimestamp !== undefined) return { kind: "terminating" };
  return { kind: isOwned(namespace, cluster) ? "created" : "adopted" };
}

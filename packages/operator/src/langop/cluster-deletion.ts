import { clusterNamespace } from "@gatewright/dialects";
import {
  type Applier,
  type KubernetesObject,
  type Outcome,
  objectKey,
  resourceTypes,
  wait,
} from "@gatewright/reconcile";
import type { LangopContext } from "./context.ts";
import { removeFinalizer } from "./finalizer.ts";
import { langopTypes } from "./langop-types.ts";
import { isOwned } from "./namespace.ts";
import { resourceOf } from "./resource.ts";

/** Seconds between two looks at members that are on their way out (langop.md §3.1). */
const drainSeconds = 5;

/**
 * Takes a LanguageCluster down (langop.md §3.1): its members first, so that their own finalizers run while their
 * controllers can still act, and who uses something before what is used; then the namespace, if the cluster made it;
 * then the finalizer.
 */
export async function deleteCluster(
  context: LangopContext,
  applier: Applier,
  object: KubernetesObject,
): Promise<Outcome> {
  const { client, stores } = context;
  const cluster = resourceOf(object);
  const { name } = cluster.metadata;
  const groups = [
    [{ type: langopTypes.LanguageAgent, handle: stores.agents }],
    [{ type: langopTypes.LanguageAgentSelfConfig, handle: stores.selfConfigs }],
    [
      { type: langopTypes.LanguageTool, handle: stores.tools },
      { type: langopTypes.LanguagePersona, handle: stores.personas },
    ],
    [{ type: langopTypes.LanguageModel, handle: stores.models }],
  ];
  for (const kinds of groups) {
    const members = kinds.flatMap(({ type, handle }) =>
      handle.store.by("namespace", name).map((member) => ({ type, member })),
    );
    for (const { type, member } of members) {
      if (member.metadata.deletionTimestamp === undefined) await client.delete(type, objectKey(member));
    }
    if (members.length > 0) {
      return wait(
        `Draining: ${members.length} of the kind ${kinds[0]?.type.kind ?? ""} are left`,
        drainSeconds,
      );
    }
  }
  const namespace = await client.get(resourceTypes.Namespace, { name });
  if (namespace !== undefined && namespace.metadata.deletionTimestamp === undefined) {
    const { uid } = namespace.metadata;
    if (isOwned(namespace, cluster)) {
      await client.delete(resourceTypes.Namespace, { name }, uid === undefined ? {} : { uid });
    } else {
      // A namespace that was found stays, without the labels that made it a cluster's.
      await applier.apply(clusterNamespace(cluster, "left"), namespace);
    }
  }
  return removeFinalizer(client, langopTypes.LanguageCluster, object);
}

import type { AdmissionWorld, Resource } from "@gatewright/dialects";
import type { KubernetesObject, ReflectorHandle } from "@gatewright/reconcile";

/** The watches that reviews look at. Models have the index `namespace`. */
export interface ReviewStores {
  readonly clusters: Pick<ReflectorHandle<KubernetesObject>, "store">;
  readonly models: Pick<ReflectorHandle<KubernetesObject>, "store">;
}

/** What the watches know at this moment. Before they are filled, a cluster that is not there may still be one. */
export function admissionWorld({ clusters, models }: ReviewStores): AdmissionWorld {
  return {
    clusterExists: (name) =>
      clusters.store.get(name) !== undefined || (clusters.store.synced ? false : "unknown"),
    // Objects come from the API server, which has checked that a spec is an object.
    models: (namespace) => models.store.by("namespace", namespace) as readonly Resource[],
  };
}

import type { AdmissionWorld, Resource } from "@gatewright/dialects";
import type { KubernetesObject, ReflectorHandle } from "@gatewright/reconcile";

type Watch = Pick<ReflectorHandle<KubernetesObject>, "store">;

/** The watches that reviews look at. Those of namespaced kinds have the index `namespace`. */
export interface ReviewStores {
  readonly clusters: Watch;
  readonly models: Watch;
  readonly agents: Watch;
  readonly tools: Watch;
  readonly runtimes: Watch;
}

/** What the watches know at this moment. Before they are filled, what is not there may still be. */
export function admissionWorld({ clusters, models, agents, tools, runtimes }: ReviewStores): AdmissionWorld {
  return {
    clusterExists: (name) => exists(clusters, name),
    runtimeExists: (name) => exists(runtimes, name),
    models: (namespace) => within(models, namespace),
    agents: (namespace) => within(agents, namespace),
    tools: (namespace) => within(tools, namespace),
  };
}

function exists({ store }: Watch, name: string): boolean | "unknown" {
  return store.get(name) !== undefined || (store.synced ? false : "unknown");
}

function within({ store }: Watch, namespace: string): readonly Resource[] {
  // Objects come from the API server, which has checked that a spec is an object.
  return store.by("namespace", namespace) as readonly Resource[];
}

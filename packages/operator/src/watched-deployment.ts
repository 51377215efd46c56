import type { KubernetesObject } from "@gatewright/reconcile";

/** A Deployment that the operator wrote: its metadata, and what its status says about its pods. */
export interface WatchedDeployment extends KubernetesObject {
  readonly observed: {
    /** `spec.replicas`. */
    readonly replicas: number;
    readonly readyReplicas: number;
    /** Pods of the present template. */
    readonly updatedReplicas: number;
    /** The numbers are about the present spec. */
    readonly current: boolean;
    /** Condition Available. */
    readonly available: boolean;
    /** Why pods cannot be made, when the Deployment says so. */
    readonly trouble?: string;
  };
}

interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message?: string;
  }[];
}

/** What the watch keeps of a Deployment. */
export function watchedDeployment(object: KubernetesObject): WatchedDeployment {
  const { apiVersion, kind, metadata } = object;
  const { replicas = 1 } = (object["spec"] ?? {}) as { readonly replicas?: number };
  const {
    readyReplicas = 0,
    updatedReplicas = 0,
    observedGeneration,
    conditions = [],
  } = (object["status"] ?? {}) as DeploymentStatus;
  const trouble = conditions.find(
    ({ type, status }) =>
      (type === "ReplicaFailure" && status === "True") || (type === "Progressing" && status === "False"),
  )?.message;
  return {
    apiVersion,
    kind,
    metadata,
    observed: {
      replicas,
      readyReplicas,
      updatedReplicas,
      current: observedGeneration !== undefined && observedGeneration === metadata.generation,
      available: conditions.some(({ type, status }) => type === "Available" && status === "True"),
      ...(trouble === undefined ? {} : { trouble }),
    },
  };
}

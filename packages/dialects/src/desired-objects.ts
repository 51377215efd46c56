import type { KubernetesObject } from "@gatewright/kubernetes";
import type { Finding, SecretKey } from "@gatewright/plan";

/** An object by its place. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
}

/** An entry of `status.managedResources`. */
export interface ManagedResource {
  /** Absent for the core group. */
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A Secret that the operator fills while it runs: its keys, and where their values come from. */
export interface FilledSecret {
  readonly namespace: string;
  readonly name: string;
  /**
   * `from` is absent for values that are made at random, once; `resource`: they stand in the resource in clear. Keys
   * whose source is missing are left out.
   */
  readonly entries: readonly { readonly key: string; readonly from?: SecretKey | "resource" }[];
}

/** What should stand in the cluster for one gateway. */
export interface DesiredObjects {
  /** In apply order. Secrets are not among them, since their values are not known here. */
  readonly objects: readonly KubernetesObject[];
  /** The Secrets that belong to them. */
  readonly secrets: readonly FilledSecret[];
  /** What is switched off and must go, if it is ours. What is in neither list stays as it is. */
  readonly absent: readonly ObjectReference[];
  /** What the objects lose or bend of the resource. One that is `blocked` on the gateway's origin: do not serve it. */
  readonly findings: readonly Finding[];
  /** DNS names whose addresses the network rules need, sorted. */
  readonly dnsNames: readonly string[];
  /** Those of them that came to no address: connections there stay closed. */
  readonly unresolved: readonly string[];
  /** In the order the dialect lists them in the status. */
  readonly managedResources: readonly ManagedResource[];
  /** Value of the dialect's hash annotation; absent while the gateway is not served. */
  readonly configHash?: string;
}

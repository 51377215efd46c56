import type { JsonObject } from "@gatewright/plan";
import type { DesiredObjects } from "../../desired-objects.ts";
import type { ConditionIntent } from "./intent.ts";

/** Reason of a failed write of an agent or a tool, by the kind of the object (langop.md §1.1 "other constants"). */
export function failureReason(kind: string): string {
  return failureReasons[kind] ?? "DeploymentError";
}

const failureReasons: Readonly<Record<string, string>> = {
  ServiceAccount: "ServiceAccountError",
  Role: "RBACError",
  RoleBinding: "RBACError",
  ConfigMap: "ConfigMapError",
  Secret: "SecretError",
  PersistentVolumeClaim: "PVCError",
  NetworkPolicy: "NetworkPolicyError",
  CiliumNetworkPolicy: "NetworkPolicyError",
  Service: "ServiceError",
  Ingress: "IngressCreationFailed",
  HTTPRoute: "IngressCreationFailed",
};

/** What condition NetworkPolicyReady is made of. */
export interface NetworkState {
  readonly networkIsolation: boolean;
  /** Why the policy could not be written. */
  readonly error?: string | undefined;
  /** Names without an address. Absent: this pass did not get as far. */
  readonly unresolved?: readonly string[] | undefined;
}

/** Condition NetworkPolicyReady (langop.md §1.1); none when nothing can be said now. */
export function networkPolicyReady({
  networkIsolation,
  error,
  unresolved,
}: NetworkState): readonly ConditionIntent[] {
  const type = "NetworkPolicyReady";
  if (!networkIsolation) {
    const message = "Network isolation is switched off, so no NetworkPolicy is written.";
    return [{ type, status: "True", reason: "NetworkPolicyDisabled", message }];
  }
  if (error !== undefined) return [{ type, status: "False", reason: "NetworkPolicyError", message: error }];
  if (unresolved === undefined) return [];
  if (unresolved.length > 0) {
    const message = `${enumerated(unresolved)} could not be resolved, so connections there stay closed. Correct the name in spec.networkPolicies, or see whether the operator's DNS knows it.`;
    return [{ type, status: "False", reason: "PeerUnresolved", message }];
  }
  return [{ type, status: "True", reason: "NetworkPolicyReady", message: "The NetworkPolicy is in place." }];
}

const namesShown = 10;

function enumerated(names: readonly string[]): string {
  const more = names.length - namesShown;
  const texts = names.slice(0, namesShown).join(", ");
  return more > 0 ? `${texts} and ${more} more` : texts;
}

/** `status.managedResources`: what this pass wrote, or, where it did not get as far, what stands. */
export function managedResources({
  desired,
  previous,
}: {
  readonly desired?: Pick<DesiredObjects, "managedResources">;
  readonly previous?: JsonObject;
}): JsonObject {
  if (desired !== undefined) {
    return { managedResources: desired.managedResources.map((entry) => ({ ...entry })) };
  }
  const standing = previous?.["managedResources"];
  return standing === undefined ? {} : { managedResources: standing };
}

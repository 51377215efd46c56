import type { KubernetesObject } from "@gatewright/kubernetes";
import type { Secret } from "@gatewright/litellm";
import type { GatewayPlan, SecretKey } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";

/** A file of a native gateway's secrets folder, and the key of a Secret it is a copy of. */
export interface CredentialEntry {
  /** File name, which is the variable of the document. */
  readonly key: string;
  readonly secret: SecretKey;
}

/** What the merged Secret of a native gateway is filled from, sorted by key. */
export function credentialEntries(
  _plan: GatewayPlan,
  _options: { readonly agentKeys: "required" | "open" },
): readonly CredentialEntry[] {
  return [];
}

/** The merged Secret: `gateway-credentials` of a LanguageCluster, `<model>-credentials` of a LanguageModel. */
export function credentialSecret(
  owner: Resource,
  name: string,
  _values: ReadonlyMap<string, Secret>,
): KubernetesObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: owner.metadata.name } };
}

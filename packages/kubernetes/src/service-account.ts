import type { KubernetesObject, Metadata } from "./object.ts";

/** A ServiceAccount. */
export function serviceAccount(metadata: Metadata): KubernetesObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata };
}

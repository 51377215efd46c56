import type { KubernetesObject, Metadata } from "./object.ts";

/** A Namespace. */
export function namespace(metadata: Metadata): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata };
}

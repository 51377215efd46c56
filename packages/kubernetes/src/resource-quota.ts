import type { KubernetesObject, Metadata } from "./object.ts";

/** A ResourceQuota. */
export function resourceQuota(
  metadata: Metadata,
  hard: { readonly [resource: string]: string },
): KubernetesObject {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard } };
}

import type { KubernetesObject, Metadata } from "./object.ts";

/** A Role. Rules are those of rbac.authorization.k8s.io/v1. */
export function role(metadata: Metadata, rules: readonly object[]): KubernetesObject {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules };
}

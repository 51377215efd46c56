import type { KubernetesObject, Metadata } from "./object.ts";

/** A RoleBinding of the Role `role` to a ServiceAccount of its own namespace. */
export function roleBinding(
  metadata: Metadata & { readonly namespace: string },
  to: { readonly role: string; readonly serviceAccount: string },
): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: to.role },
    subjects: [{ kind: "ServiceAccount", name: to.serviceAccount, namespace: metadata.namespace }],
  };
}

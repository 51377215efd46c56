import { metadata, ownedBy, role, roleBinding, serviceAccount } from "@gatewright/kubernetes";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { clusterLabels, gatewaySelector, owned } from "./label.ts";
import type { Piece } from "./piece.ts";

/** What agents may do at the API server: report events (langop.md §3.1). */
export function agentAccess(cluster: Resource): Piece {
  const namespace = cluster.metadata.name;
  const of = {
    ...metadata({
      name: "agents",
      namespace,
      labels: clusterLabels(namespace, "agent-rbac"),
      ownerReferences: ownedBy(cluster),
    }),
    namespace,
  };
  return {
    objects: [
      role(of, [{ apiGroups: [""], resources: ["events"], verbs: ["create"] }]),
      roleBinding(of, { role: "agents", serviceAccount: "default" }),
    ],
    findings: [],
  };
}

/** Who the gateway's pods are: a ServiceAccount of their own, unless the user names one (langop.md §3.1). */
export function gatewayIdentity(cluster: Resource, deployment: DeploymentSpec | undefined): Piece {
  if (userAccount(deployment) !== undefined) return { objects: [], findings: [] };
  const namespace = cluster.metadata.name;
  const labels = owned(gatewaySelector(namespace));
  const base = { name: "gateway", namespace, labels, ownerReferences: ownedBy(cluster) };
  const rules = deployment?.roleRules ?? [];
  const of = { ...metadata(base), namespace };
  return {
    objects: [
      serviceAccount(metadata({ ...base, annotations: deployment?.serviceAccountAnnotations })),
      ...(rules.length === 0
        ? []
        : [role(of, rules), roleBinding(of, { role: "gateway", serviceAccount: "gateway" })]),
    ],
    findings: [],
  };
}

/** The ServiceAccount that the user wants the pods to run as; an empty name is none. */
export function userAccount(deployment: DeploymentSpec | undefined): string | undefined {
  return deployment?.serviceAccountName || undefined;
}

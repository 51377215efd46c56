import { metadata, ownedBy, role, roleBinding, serviceAccount } from "@gatewright/kubernetes";
import type { Resource } from "../../../resource.ts";
import type { DeploymentSpec } from "../../kinds/deployment-spec.ts";
import { userAccount } from "../identity.ts";
import { memberSelector, owned } from "../label.ts";
import type { Piece } from "../piece.ts";

/** Name of a tool's own ServiceAccount, Role and RoleBinding, where it has them. */
export function toolAccount(tool: string): string {
  return `language-tool-${tool}`;
}

/** The ServiceAccount that the pods of a tool run as; without one they have no token. */
export function accountOfTool(tool: Resource, deployment: DeploymentSpec): string | undefined {
  return userAccount(deployment) ?? (hasIdentity(deployment) ? toolAccount(tool.metadata.name) : undefined);
}

/** A ServiceAccount for a tool that asks for rights or for a workload identity; most tools need neither. */
export function toolIdentity(tool: Resource, deployment: DeploymentSpec): Piece {
  if (userAccount(deployment) !== undefined || !hasIdentity(deployment)) return { objects: [], findings: [] };
  const { name: of, namespace = "" } = tool.metadata;
  const name = toolAccount(of);
  const labels = owned(memberSelector("LanguageTool", of, namespace));
  const base = { name, namespace, labels, ownerReferences: ownedBy(tool) };
  const rules = deployment.roleRules ?? [];
  const rights = { ...metadata(base), namespace };
  return {
    objects: [
      serviceAccount(metadata({ ...base, annotations: deployment.serviceAccountAnnotations })),
      ...(rules.length === 0
        ? []
        : [role(rights, rules), roleBinding(rights, { role: name, serviceAccount: name })]),
    ],
    findings: [],
  };
}

function hasIdentity({ roleRules = [], serviceAccountAnnotations = {} }: DeploymentSpec): boolean {
  return roleRules.length > 0 || Object.keys(serviceAccountAnnotations).length > 0;
}

import { metadata, ownedBy, role, roleBinding, serviceAccount } from "@gatewright/kubernetes";
import type { Agent } from "../../read/agent.ts";
import { userAccount } from "../identity.ts";
import { memberSelector, owned } from "../label.ts";
import type { Piece } from "../piece.ts";

/** Name of an agent's ServiceAccount, Role and RoleBinding (langop.md §2.4). */
export function agentAccount(agent: string): string {
  return `language-agent-${agent}`;
}

/** What every agent may read of its namespace (langop.md §2.4). */
const readingRules = [
  { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
];

/** How an agent asks for a change of itself. */
const selfConfigureRules = [
  { apiGroups: ["langop.io"], resources: ["languageagentselfconfigs"], verbs: ["create", "get", "list"] },
];

/**
 * Who an agent is at the API server: a ServiceAccount with a Role of its own, unless the user names one. The Role can
 * hold no right that the operator lacks: the API server refuses it then.
 */
export function agentIdentity({ name: agent, namespace, resource, spec, settings }: Agent): Piece {
  const { deployment } = settings;
  if (userAccount(deployment) !== undefined) return { objects: [], findings: [] };
  const name = agentAccount(agent);
  const labels = owned(memberSelector("LanguageAgent", agent, namespace));
  const base = { name, namespace, labels, ownerReferences: ownedBy(resource) };
  const of = { ...metadata(base), namespace };
  const rules = [
    ...readingRules,
    ...(spec.selfConfigure?.enabled === true ? selfConfigureRules : []),
    ...(deployment.roleRules ?? []),
  ];
  return {
    objects: [
      serviceAccount(metadata({ ...base, annotations: deployment.serviceAccountAnnotations })),
      role(of, rules),
      roleBinding(of, { role: name, serviceAccount: name }),
    ],
    findings: [],
  };
}

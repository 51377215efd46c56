import { languageAgent, languagePersona, languageTool } from "@gatewright/dialects";
import type { KubernetesObject } from "@gatewright/reconcile";
import { secretOf } from "./langop-team.ts";

type Spec = { readonly [field: string]: unknown };

export const agentOf = (namespace: string, name: string, spec: Spec): KubernetesObject =>
  memberOf(languageAgent.kind, namespace, name, spec);

export const toolOf = (namespace: string, name: string, spec: Spec): KubernetesObject =>
  memberOf(languageTool.kind, namespace, name, spec);

export const personaOf = (namespace: string, name: string, spec: Spec): KubernetesObject =>
  memberOf(languagePersona.kind, namespace, name, spec);

function memberOf(kind: string, namespace: string, name: string, spec: Spec): KubernetesObject {
  return { apiVersion: "langop.io/v1alpha1", kind, metadata: { name, namespace }, spec };
}

const image = "agent:test";

/** What `helper` of `teamAgents` is: everything that an agent which runs on may have. */
const helperSpec = {
  image,
  models: [{ name: "gpt" }],
  tools: [{ name: "search" }, { name: "shell" }],
  persona: "analyst",
  instructions: "Answer what is asked.",
  workspace: { size: "1Gi", initialFiles: { "notes/README.md": "empty" } },
  credentials: [
    { name: "TOKEN", valueFrom: { name: "agent-credentials" } },
    { name: "IN_CLEAR", value: "known" },
  ],
  networkPolicies: { egress: [{ to: [{ cidr: "192.0.2.0/24" }], ports: [{ port: 443 }] }] },
  deployment: { roleRules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] },
} as const;

/**
 * The agent `helper` with a volume, credentials, rights, a persona and two tools, one with pods of its own and one in the
 * agent's. For a namespace with `teamModels`; published where the cluster has a domain.
 */
export function teamAgents(namespace: string): readonly KubernetesObject[] {
  return [
    secretOf(namespace, "agent-credentials", { TOKEN: "token-one" }),
    personaOf(namespace, "analyst", { tone: "dry", expertise: "numbers" }),
    toolOf(namespace, "search", { image: "search:test" }),
    toolOf(namespace, "shell", { image: "shell:test", deploymentMode: "sidecar", port: 9001 }),
    agentOf(namespace, "helper", helperSpec),
  ];
}

/** An agent that runs once, and one that runs on a schedule which is never due. */
export function taskAgents(namespace: string): readonly KubernetesObject[] {
  const task = { image, models: [{ name: "gpt" }], workspace: { enabled: false } };
  return [
    agentOf(namespace, "once", { ...task, execution: { mode: "task" } }),
    agentOf(namespace, "yearly", { ...task, execution: { mode: "task", schedule: "0 0 1 1 *" } }),
  ];
}

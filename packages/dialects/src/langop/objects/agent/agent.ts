import { compareFindings } from "@gatewright/plan";
import type { DesiredObjects, ObjectReference } from "../../../desired-objects.ts";
import { memberNameProblem, nothingDesired } from "../member-name.ts";
import { managed, referenceTo, switchedOff, together } from "../piece.ts";
import { agentConfig, agentConfigHash, agentConfigText } from "./config.ts";
import { agentExposure } from "./exposure.ts";
import { agentAccount, agentIdentity } from "./identity.ts";
import type { AgentObjectsInput } from "./input.ts";
import { agentPolicy } from "./network.ts";
import { agentSecrets, runtimeSecretName } from "./secret.ts";
import { agentService } from "./service.ts";
import { sidecarFindings } from "./sidecar.ts";
import { agentWorkspace } from "./storage.ts";
import { type AgentForm, agentWorkload, formOf } from "./workload.ts";

/** What should stand for an agent. */
export interface AgentObjects extends DesiredObjects {
  /** Address outside of the Kubernetes cluster; absent when it is not published. */
  readonly url?: string;
}

/** The objects of a LanguageAgent (langop.md §2.4, §2.5). */
export function agentObjects(input: AgentObjectsInput): AgentObjects {
  const { agent, installation } = input;
  const unusable = memberNameProblem(agent.resource, "agent");
  if (unusable !== undefined) return nothingDesired([unusable]);
  if (agent.settings.image === undefined) return nothingDesired([]);
  const form = formOf(agent);
  const text = agentConfigText(agent);
  const configHash = agentConfigHash(text);
  const workspace = agentWorkspace(agent, installation);
  const exposure = agentExposure(input);
  const network = installation.networkIsolation
    ? agentPolicy(input, exposure.signIn === undefined ? undefined : exposure.signIn.port)
    : { objects: [], findings: [], dnsNames: [], unresolved: [] };
  const all = together([
    agentIdentity(agent),
    agentConfig(agent, text),
    workspace,
    network,
    agentWorkload(input, {
      workspace,
      configHash,
      ...(exposure.signIn === undefined ? {} : { signIn: exposure.signIn.container }),
    }),
    ...(form === "Deployment" ? [agentService(agent, exposure.signIn !== undefined)] : []),
    exposure,
    { objects: [], findings: sidecarFindings(agent) },
  ]);
  return {
    objects: all.objects,
    secrets: agentSecrets(agent),
    absent: switchedOff(optionalObjects(input, form), all),
    findings: [...all.findings].sort(compareFindings),
    dnsNames: network.dnsNames,
    unresolved: network.unresolved,
    managedResources: managed([...all.objects.map(referenceTo), ...all.held], statusOrder),
    configHash,
    ...(exposure.url === undefined ? {} : { url: exposure.url }),
  };
}

const statusOrder: readonly string[] = [
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ConfigMap",
  "PersistentVolumeClaim",
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "Deployment",
  "CronJob",
  "Job",
  "Service",
  "PodDisruptionBudget",
  "HorizontalPodAutoscaler",
  "Ingress",
  "HTTPRoute",
];

/** Everything that an agent may have or not. A claim is not among them: nobody's work is deleted by a switch. */
function optionalObjects(
  { agent, installation }: AgentObjectsInput,
  form: AgentForm,
): readonly ObjectReference[] {
  const { name, namespace } = agent;
  const of = { namespace, name };
  const rbac = "rbac.authorization.k8s.io/v1";
  const account = { namespace, name: agentAccount(name) };
  return [
    ...(form === "Deployment" ? [] : [{ apiVersion: "apps/v1", kind: "Deployment", ...of }]),
    ...(form === "CronJob" ? [] : [{ apiVersion: "batch/v1", kind: "CronJob", ...of }]),
    { apiVersion: "v1", kind: "Service", ...of },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", ...of },
    { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", ...of },
    { apiVersion: "networking.k8s.io/v1", kind: "Ingress", ...of },
    ...(installation.apis.gatewayApi
      ? [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", ...of }]
      : []),
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...of },
    ...(installation.apis.cilium ? [{ apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", ...of }] : []),
    { apiVersion: rbac, kind: "RoleBinding", ...account },
    { apiVersion: rbac, kind: "Role", ...account },
    ...(agent.settings.deployment.serviceAccountName === account.name
      ? []
      : [{ apiVersion: "v1", kind: "ServiceAccount", ...account }]),
    { apiVersion: "v1", kind: "ConfigMap", namespace, name: `${name}-seed` },
    ...(agentSecrets(agent).some((secret) => secret.name === runtimeSecretName(name))
      ? []
      : [{ apiVersion: "v1", kind: "Secret", namespace, name: runtimeSecretName(name) }]),
  ];
}

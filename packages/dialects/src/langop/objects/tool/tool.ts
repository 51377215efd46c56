import {
  deployment as deploymentOf,
  horizontalPodAutoscaler,
  metadata,
  networkPolicy,
  ownedBy,
  podDisruptionBudget,
  service,
} from "@gatewright/kubernetes";
import { compareFindings, type Finding } from "@gatewright/plan";
import type { DesiredObjects, ObjectReference } from "../../../desired-objects.ts";
import type { Installation } from "../../../installation.ts";
import type { Resource } from "../../../resource.ts";
import type { DeploymentSpec } from "../../kinds/deployment-spec.ts";
import type { LanguageToolSpec } from "../../kinds/language-tool.ts";
import { egressRulesOf, networkRulesOf } from "../../kinds/network-rule.ts";
import { toolResources } from "../agent/workload.ts";
import { memberSelector, owned } from "../label.ts";
import { memberNameProblem, nothingDesired } from "../member-name.ts";
import { memberPod, temporaryMount } from "../member-pod.ts";
import {
  type NetworkPiece,
  namePolicies,
  nameService,
  networkPiece,
  operatorPeers,
  readRules,
  rulePaths,
} from "../network.ts";
import type { NetworkView } from "../peer.ts";
import { managed, type Piece, referenceTo, switchedOff, together } from "../piece.ts";
import { replicasOf } from "../scale.ts";
import { accountOfTool, toolAccount, toolIdentity } from "./identity.ts";

/** What the objects of a tool are made of. */
export interface ToolObjectsInput extends Pick<NetworkView, "addresses" | "serviceSelectors"> {
  readonly tool: Resource;
  readonly spec: LanguageToolSpec;
  readonly installation: Installation;
}

/**
 * The objects of a LanguageTool (langop.md §2.6): pods of its own behind a Service that the agents of its namespace may
 * call. A sidecar has none: it runs in the pods of its agents.
 */
export function toolObjects(input: ToolObjectsInput): DesiredObjects {
  const { tool, spec, installation } = input;
  const unusable = memberNameProblem(tool, "tool");
  if (unusable !== undefined) return nothingDesired([unusable]);
  const alone = spec.deploymentMode === "service";
  const network =
    alone && installation.networkIsolation
      ? toolNetwork(input)
      : { objects: [], findings: [], dnsNames: [], unresolved: [] };
  const all = together([
    ...(alone ? [toolIdentity(tool, settingsOf(spec))] : []),
    network,
    ...(alone ? [workload(input), toolService(input)] : []),
  ]);
  return {
    objects: all.objects,
    secrets: [],
    absent: switchedOff(optionalObjects(input), all),
    findings: [...all.findings].sort(compareFindings),
    dnsNames: network.dnsNames,
    unresolved: network.unresolved,
    managedResources: managed(all.objects.map(referenceTo), statusOrder),
  };
}

const statusOrder: readonly string[] = [
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "Deployment",
  "Service",
  "PodDisruptionBudget",
  "HorizontalPodAutoscaler",
];

/** The user's settings; the number of pods may stand where the first generation had it. */
function settingsOf({ deployment = {}, replicas }: LanguageToolSpec): DeploymentSpec {
  return replicas === undefined || deployment.replicas !== undefined
    ? deployment
    : { ...deployment, replicas };
}

function metadataOf(tool: Resource, annotations?: DeploymentSpec["serviceAnnotations"]) {
  const { name, namespace = "" } = tool.metadata;
  const labels = owned(memberSelector("LanguageTool", name, namespace));
  return metadata({ name, namespace, labels, annotations, ownerReferences: ownedBy(tool) });
}

function workload({ tool, spec }: ToolObjectsInput): Piece {
  const { name, namespace = "" } = tool.metadata;
  const findings: Finding[] = [];
  const settings = settingsOf(spec);
  const { autoscaling } = settings;
  const selector = memberSelector("LanguageTool", name, namespace);
  const replicas = replicasOf(settings);
  const account = accountOfTool(tool, settings);
  const template = memberPod(
    {
      owner: tool,
      selector: owned(selector),
      deployment: settings,
      serviceAccount: account,
      token: account !== undefined,
      container: {
        name: "tool",
        image: spec.image,
        ports: [{ name: "http", containerPort: spec.port, protocol: "TCP" }],
        variables: [],
        resources: toolResources,
      },
      mounts: [temporaryMount],
    },
    findings,
  );
  return {
    objects: [
      deploymentOf(metadataOf(tool), { replicas, selector, template }),
      ...((autoscaling?.minReplicas ?? replicas ?? 1) > 1
        ? [podDisruptionBudget(metadataOf(tool), selector)]
        : []),
      ...(autoscaling === undefined
        ? []
        : [horizontalPodAutoscaler(metadataOf(tool), { deployment: name, ...autoscaling })]),
    ],
    findings,
  };
}

function toolService({ tool, spec }: ToolObjectsInput): Piece {
  const { name, namespace = "" } = tool.metadata;
  const { serviceAnnotations, serviceType } = spec.deployment ?? {};
  return {
    objects: [
      service(metadataOf(tool, serviceAnnotations), {
        selector: memberSelector("LanguageTool", name, namespace),
        ports: [{ name: "http", port: spec.port, targetPort: spec.port }],
        type: serviceType,
      }),
    ],
    findings: [],
  };
}

/** Agents of the namespace may call the tool, and the operator asks it what it offers; the tool may resolve names, and connect where its rules say. */
function toolNetwork(input: ToolObjectsInput): NetworkPiece {
  const { tool, spec, installation } = input;
  const { name, namespace = "" } = tool.metadata;
  const view: NetworkView = { ...input, namespace, cilium: installation.apis.cilium };
  const { ingress, egress } = networkRulesOf(spec.networkPolicies);
  const into = readRules(tool, ingress, "from", rulePaths(spec.networkPolicies, "ingress"), view);
  const out = readRules(tool, egress, "to", rulePaths(spec.networkPolicies, "egress"), view);
  const old = (spec.egress ?? []).map((_, index) => `spec.egress[${index}]`);
  const early = readRules(tool, egressRulesOf(spec.egress), "to", old, view);
  const selector = memberSelector("LanguageTool", name, namespace);
  const of = metadataOf(tool);
  const policy = networkPolicy(of, {
    selector,
    ingress: [
      {
        peers: [
          { podSelector: { matchLabels: { "langop.io/kind": "LanguageAgent" } } },
          ...(spec.type === "mcp" ? operatorPeers(installation) : []),
        ],
        ports: [{ protocol: "TCP", port: spec.port }],
      },
      ...into.rules,
    ],
    egress: [nameService, ...out.rules, ...early.rules],
  });
  const hosts = [...out.hosts, ...early.hosts];
  return networkPiece([policy, ...namePolicies(of, selector, hosts)], [into, out, early]);
}

function optionalObjects({ tool, installation }: ToolObjectsInput): readonly ObjectReference[] {
  const { name, namespace = "" } = tool.metadata;
  const of = { namespace, name };
  const rbac = "rbac.authorization.k8s.io/v1";
  const account = { namespace, name: toolAccount(name) };
  return [
    { apiVersion: "apps/v1", kind: "Deployment", ...of },
    { apiVersion: "v1", kind: "Service", ...of },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", ...of },
    { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", ...of },
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...of },
    ...(installation.apis.cilium ? [{ apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", ...of }] : []),
    { apiVersion: rbac, kind: "RoleBinding", ...account },
    { apiVersion: rbac, kind: "Role", ...account },
    { apiVersion: "v1", kind: "ServiceAccount", ...account },
  ];
}

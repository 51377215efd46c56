import { configMap, metadata, ownedBy } from "@gatewright/kubernetes";
import type { Delivered, Secret } from "@gatewright/litellm";
import { compareFindings } from "@gatewright/plan";
import { blockers } from "../../blocker.ts";
import type { DesiredObjects, ObjectReference } from "../../desired-objects.ts";
import type { Gateway } from "../../dialect.ts";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { readEntries } from "../read/entry.ts";
import { authReferences, clusterAuth } from "./auth.ts";
import { clusterCapacity } from "./capacity.ts";
import { type ConfigData, configHash, sharedConfig } from "./config.ts";
import { credentialEntries, filledSecrets, undeliverable } from "./credential.ts";
import { gatewayExposure, gatewayService, modelServices } from "./exposure.ts";
import { agentAccess, gatewayIdentity, userAccount } from "./identity.ts";
import { gatewaySelector, owned } from "./label.ts";
import { clusterNamespace } from "./namespace.ts";
import { agentNetwork } from "./network.ts";
import { managed, type Piece, referenceTo, switchedOff, together } from "./piece.ts";
import { gatewayScale } from "./scale.ts";
import { agentKeyVariable, credentialVariables } from "./variable.ts";
import { configMount, credentialsMount, secretMounts } from "./volume.ts";
import { gatewayWorkload, type WorkloadInput } from "./workload.ts";

/** What the objects of every gateway of the dialect are made of. */
export interface GatewayObjectsInput {
  readonly gateway: Gateway;
  /** `documentOf(gateway.plan)`. */
  readonly document: Delivered;
  /** Hash of the data of the Secrets that the document refers to; only the engine litellm needs it, to roll its pods. */
  readonly secretsHash?: string;
  /** Ready pods of the gateway, as a hint for shares of limits. */
  readonly readyReplicas: number;
  /** IPv4 and IPv6 addresses of a name; none: it does not resolve; `undefined`: nobody has looked yet. */
  readonly addresses: (dnsName: string) => readonly string[] | undefined;
  /** `spec.selector` of a Service; `undefined` when it is not known or has none. */
  readonly serviceSelectors?: (
    namespace: string,
    name: string,
  ) => { readonly [key: string]: string } | undefined;
  /** False when a Service of that name is there and not ours. */
  readonly serviceNameFree: (name: string) => boolean;
  readonly installation: Installation;
}

/** What the objects of a LanguageCluster are made of. */
export interface ClusterInput extends GatewayObjectsInput {
  readonly cluster: Resource;
  /** All LanguageModels of the namespace, in any order. */
  readonly models: readonly Resource[];
  /** Names of all LanguageAgents of the namespace, in any order: where people may be sent back to from sign-in. */
  readonly agents?: readonly string[];
  /** Hash of the Secrets that Dex reads at its start: a new one replaces its pod. Absent when it is not known. */
  readonly authSecretsHash?: string;
  /** Whether the operator made the namespace (then it goes with the cluster) or found it. */
  readonly namespace: "created" | "adopted";
  readonly agentKeys: "required" | "open";
  /** Value of `hmac-secret`, for the hash only; absent when it is not known. */
  readonly hmacSecret?: Secret;
}

/** The objects of a LanguageCluster (langop.md §3), in the order of its steps. */
export function clusterObjects(input: ClusterInput): DesiredObjects {
  const { cluster, gateway, document, installation } = input;
  const namespace = cluster.metadata.name;
  const engine = gateway.plan.engine;
  const { spec } = readSpec(languageCluster, cluster);
  const base = together([
    { objects: [clusterNamespace(cluster, input.namespace)], findings: [] },
    agentAccess(cluster),
  ]);
  // What cannot be read may mean anything: it changes nothing that stands (a typo never deletes).
  if (spec === undefined)
    return {
      ...nothing,
      objects: base.objects,
      managedResources: managed(base.objects.map(referenceTo), statusOrder),
    };

  const network = installation.networkIsolation
    ? agentNetwork(cluster, spec, { ...input, namespace, cilium: installation.apis.cilium })
    : { objects: [], findings: [], dnsNames: [], unresolved: [] };
  const deployment = spec.gateway?.deployment;
  const config = sharedConfig(gateway.plan.origin, input.models, document, input.readyReplicas);
  const refused = blockers(gateway, [...document.findings, ...config.findings]).length > 0;
  const hash = configHash(config.data, { hmacSecret: input.hmacSecret, secretsHash: input.secretsHash });
  const configured = configPiece(input, config, refused);
  const auth = clusterAuth(cluster, spec, installation, input.agents ?? [], input.authSecretsHash);
  const delivery = deliveryOf(input);
  const workload = refused
    ? {
        objects: [],
        findings: [],
        held: [{ apiVersion: "apps/v1", kind: "Deployment", namespace, name: "gateway" }],
      }
    : gatewayWorkload({
        owner: cluster,
        namespace,
        name: "gateway",
        container: "gateway",
        selector: gatewaySelector(namespace),
        engine,
        installation,
        overrides: deployment,
        serviceAccount: userAccount(deployment) ?? "gateway",
        ...delivery,
        variables: [...delivery.variables, ...auth.variables],
        configHash: hash,
      });
  const all = together([
    base,
    network,
    configured,
    { objects: [], findings: undeliverable(gateway.plan) },
    gatewayIdentity(cluster, deployment),
    workload,
    gatewayService(cluster, spec),
    modelServices(
      cluster,
      input.models,
      input.serviceNameFree,
      new Map([["gateway", "the gateway's own"], ...auth.services]),
    ),
    gatewayScale(cluster, deployment),
    gatewayExposure(cluster, spec, installation),
    auth,
    clusterCapacity(cluster, spec),
  ]);
  return {
    objects: all.objects,
    secrets: [...filledSecrets(gateway.plan, "gateway-credentials", input.agentKeys), ...auth.secrets],
    absent: switchedOff(optionalObjects(namespace, userAccount(deployment), installation), all),
    findings: [...all.findings].sort(compareFindings),
    dnsNames: network.dnsNames,
    unresolved: network.unresolved,
    managedResources: managed([...all.objects.map(referenceTo), ...all.held], statusOrder),
    ...(refused ? {} : { configHash: hash }),
  };
}

const nothing: DesiredObjects = {
  objects: [],
  secrets: [],
  absent: [],
  findings: [],
  dnsNames: [],
  unresolved: [],
  managedResources: [],
};

/**
 * Order of `status.managedResources` (langop.md §3.1), then what that operator did not have. Model Services are too
 * many, and what belongs to sign-in was never among them.
 */
const statusOrder: readonly string[] = [
  "Namespace",
  "Role agents",
  "RoleBinding agents",
  "NetworkPolicy",
  "ConfigMap",
  "Deployment gateway",
  "Service gateway",
  "ServiceAccount",
  "Role gateway",
  "RoleBinding gateway",
  "Ingress gateway",
  "HorizontalPodAutoscaler",
  "ResourceQuota",
  "CiliumNetworkPolicy",
  "PodDisruptionBudget",
  "HTTPRoute",
];

/** A gateway that must not be served keeps the configuration it has. */
function configPiece({ cluster }: ClusterInput, { data, findings }: ConfigData, refused: boolean): Piece {
  const namespace = cluster.metadata.name;
  const name = "gateway-config";
  if (refused)
    return { objects: [], findings, held: [{ apiVersion: "v1", kind: "ConfigMap", namespace, name }] };
  const labels = owned(gatewaySelector(namespace));
  const of = metadata({ name, namespace, labels, ownerReferences: ownedBy(cluster) });
  return { objects: [configMap(of, data)], findings };
}

/** How configuration and secrets reach the container. */
function deliveryOf(input: ClusterInput): Pick<WorkloadInput, "mounts" | "variables"> {
  const { gateway, models, agentKeys } = input;
  const config = configMount("gateway-config");
  if (gateway.plan.engine === "native") {
    return { mounts: [config, credentialsMount("gateway-credentials")], variables: [] };
  }
  return {
    mounts: [config, ...secretMounts(readEntries(models).entries)],
    variables: [
      ...(agentKeys === "required" ? [agentKeyVariable] : []),
      ...credentialVariables(credentialEntries(gateway.plan, { agentKeys: "open" })),
    ],
  };
}

/** Everything that a LanguageCluster may have or not. APIs that are not served have no objects to remove. */
function optionalObjects(
  namespace: string,
  usersAccount: string | undefined,
  { apis }: Installation,
): readonly ObjectReference[] {
  const gateway = { namespace, name: "gateway" };
  const rbac = "rbac.authorization.k8s.io/v1";
  return [
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace, name: `${namespace}-agents` },
    ...(apis.cilium
      ? [{ apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", namespace, name: `${namespace}-agents` }]
      : []),
    { apiVersion: rbac, kind: "RoleBinding", ...gateway },
    { apiVersion: rbac, kind: "Role", ...gateway },
    ...(usersAccount === "gateway" ? [] : [{ apiVersion: "v1", kind: "ServiceAccount", ...gateway }]),
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", ...gateway },
    { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", ...gateway },
    { apiVersion: "networking.k8s.io/v1", kind: "Ingress", ...gateway },
    ...(apis.gatewayApi
      ? [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", ...gateway }]
      : []),
    ...authReferences(namespace),
    { apiVersion: "v1", kind: "ResourceQuota", namespace, name: "langop-quota" },
  ];
}

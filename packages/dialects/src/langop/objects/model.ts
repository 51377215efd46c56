import { configMap, isLabelValue, isServiceName, metadata, ownedBy, service } from "@gatewright/kubernetes";
import { compareFindings, type Finding, originText } from "@gatewright/plan";
import { blockers } from "../../blocker.ts";
import type { DesiredObjects, ObjectReference } from "../../desired-objects.ts";
import type { Installation } from "../../installation.ts";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageModel } from "../kinds/language-model.ts";
import { readEntries } from "../read/entry.ts";
import type { GatewayObjectsInput } from "./cluster.ts";
import { type ConfigData, configHash, standaloneConfig } from "./config.ts";
import { credentialEntries, filledSecrets, undeliverable } from "./credential.ts";
import { modelPorts, noModelService } from "./exposure.ts";
import { modelSelector, owned } from "./label.ts";
import { modelNetwork } from "./model-network.ts";
import { managed, type Piece, referenceTo, switchedOff, together } from "./piece.ts";
import { credentialVariables } from "./variable.ts";
import { configMount, credentialsMount, secretMounts } from "./volume.ts";
import { gatewayWorkload, type WorkloadInput } from "./workload.ts";

/** What the objects of a LanguageModel outside of any LanguageCluster are made of. */
export interface StandaloneInput extends GatewayObjectsInput {
  readonly model: Resource;
  /** Others of its namespace, for those it falls back to: the engine litellm needs their Secrets as files. */
  readonly neighbours?: readonly Resource[];
}

/** The objects of a gateway that serves one LanguageModel (langop.md §4.3; decisions: namespaces without a LanguageCluster). */
export function standaloneObjects(input: StandaloneInput): DesiredObjects {
  const { model, gateway, document, installation } = input;
  const { name, namespace = "" } = model.metadata;
  const { spec } = readSpec(languageModel, model);
  if (!isLabelValue(name)) return { ...nothing, findings: [unusableName(model)] };
  // What cannot be read may mean anything: it changes nothing that stands (a typo never deletes).
  if (spec === undefined) return nothing;
  const network = installation.networkIsolation
    ? modelNetwork(input, spec, { ...input, namespace, cilium: installation.apis.cilium })
    : { objects: [], findings: [], dnsNames: [], unresolved: [] };
  const config = standaloneConfig(spec, gateway.plan.origin, document, input.readyReplicas);
  const refused = blockers(gateway, [...document.findings, ...config.findings]).length > 0;
  const hash = configHash(config.data, { secretsHash: input.secretsHash });
  const workload = gatewayWorkload({
    owner: model,
    namespace,
    name,
    container: "proxy",
    selector: modelSelector(name),
    engine: gateway.plan.engine,
    installation,
    ...deliveryOf(input),
    configHash: hash,
  });
  const served = together([configPiece(model, config), workload]);
  const held = served.objects.map(referenceTo);
  const all = together([
    network,
    refused ? { objects: [], findings: served.findings, held } : served,
    modelService(input),
    { objects: [], findings: undeliverable(gateway.plan) },
  ]);
  return {
    objects: all.objects,
    secrets: filledSecrets(gateway.plan, `${name}-credentials`, "open"),
    absent: switchedOff(policies(model, installation.apis), all),
    findings: [...all.findings].sort(compareFindings),
    dnsNames: network.dnsNames,
    unresolved: network.unresolved,
    managedResources: managed(
      [...all.objects.map(referenceTo), ...all.held],
      ["ConfigMap", "Deployment", "Service", "NetworkPolicy", "CiliumNetworkPolicy"],
    ),
    ...(refused ? {} : { configHash: hash }),
  };
}

/**
 * Everything `standaloneObjects` and its controller may have written for a model: what must go when a cluster takes
 * over. The Service is among them; the cluster writes one of the same name.
 */
export function standaloneReferences(
  model: Resource,
  apis?: Pick<Installation["apis"], "cilium">,
): readonly ObjectReference[] {
  const { name, namespace = "" } = model.metadata;
  return [
    { apiVersion: "apps/v1", kind: "Deployment", namespace, name },
    { apiVersion: "v1", kind: "Service", namespace, name },
    ...policies(model, apis),
    { apiVersion: "v1", kind: "ConfigMap", namespace, name: `${name}-model` },
    { apiVersion: "v1", kind: "Secret", namespace, name: `${name}-credentials` },
  ];
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

function unusableName(model: Resource): Finding {
  const origin = originOf(model);
  return {
    code: "NameTooLong",
    effect: "blocked",
    origin,
    text: `${originText(origin)} cannot have a gateway of its own, because its name is longer than the 63 characters of a label. Create a LanguageCluster named ${origin.namespace ?? ""}, or give the model a shorter name.`,
  };
}

function configPiece(model: Resource, { data, findings }: ConfigData): Piece {
  const { name, namespace } = model.metadata;
  const of = metadata({
    name: `${name}-model`,
    namespace,
    labels: owned(modelSelector(name)),
    ownerReferences: ownedBy(model),
  });
  return { objects: [configMap(of, data)], findings };
}

function modelService({ model, serviceNameFree }: StandaloneInput): Piece {
  const { name, namespace = "" } = model.metadata;
  const why = !isServiceName(name)
    ? "Services are named with at most 63 lower-case letters, digits and -, beginning with a letter"
    : serviceNameFree(name)
      ? undefined
      : `another Service ${name} is there already`;
  if (why !== undefined) {
    const instead = `its pods only, on port 4000; give it another name, or create a LanguageCluster named ${namespace}`;
    return { objects: [], findings: [noModelService(model, why, instead)] };
  }
  const selector = modelSelector(name);
  const of = metadata({ name, namespace, labels: owned(selector), ownerReferences: ownedBy(model) });
  return { objects: [service(of, { selector, ports: modelPorts })], findings: [] };
}

/** How configuration and secrets reach the container. */
function deliveryOf(input: StandaloneInput): Pick<WorkloadInput, "mounts" | "variables"> {
  const { model, neighbours = [], gateway } = input;
  const { name } = model.metadata;
  const { plan } = gateway;
  const config = configMount(`${name}-model`);
  if (plan.engine === "native") {
    return { mounts: [config, credentialsMount(`${name}-credentials`)], variables: [] };
  }
  const served = new Set([name, ...plan.model.map(({ resource }) => resource)]);
  const others = neighbours.filter(({ metadata: of }) => of.name !== name && served.has(of.name));
  return {
    mounts: [config, ...secretMounts(readEntries([model, ...others]).entries)],
    variables: credentialVariables(credentialEntries(plan, { agentKeys: "open" })),
  };
}

function policies(
  { metadata: { name, namespace = "" } }: Resource,
  apis: Pick<Installation["apis"], "cilium"> | undefined,
): readonly ObjectReference[] {
  return [
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace, name },
    ...(apis?.cilium === true
      ? [{ apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", namespace, name }]
      : []),
  ];
}

import { documentOf } from "@gatewright/litellm";
import { isJsonObject } from "@gatewright/plan";
import type { DesiredObjects } from "../../desired-objects.ts";
import type { Gateway, World } from "../../dialect.ts";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgent } from "../kinds/language-agent.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { languageModel } from "../kinds/language-model.ts";
import { clusterObjects, type GatewayObjectsInput } from "./cluster.ts";
import { standaloneObjects } from "./model.ts";
import { replicasOf } from "./scale.ts";

/** The objects of a gateway as manifests alone tell them: `Dialect.objects`. */
export function objects(world: World, gateway: Gateway, installation: Installation): DesiredObjects {
  const { origin, namespace, identity } = gateway.plan;
  const owner = world.resources.find(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === origin.apiVersion &&
      kind === origin.kind &&
      metadata.name === origin.name &&
      metadata.namespace === origin.namespace,
  );
  if (owner === undefined)
    throw new Error(`${origin.kind} ${origin.name} is not in the world it was read from`);
  const { spec } = owner.kind === languageCluster.kind ? readSpec(languageCluster, owner) : {};
  const facts: GatewayObjectsInput = {
    gateway,
    document: documentOf(gateway.plan),
    readyReplicas: replicasOf(spec?.gateway?.deployment) ?? 1,
    addresses: () => undefined,
    serviceSelectors: (of, name) => textMap(found(world, "v1", "Service", name, of)?.spec?.["selector"]),
    serviceNameFree: (name) => found(world, "v1", "Service", name, namespace) === undefined,
    installation,
  };
  const models = world.resources.filter(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === origin.apiVersion && kind === languageModel.kind && metadata.namespace === namespace,
  );
  if (owner.kind !== languageCluster.kind) {
    return standaloneObjects({ ...facts, model: owner, neighbours: models });
  }
  return clusterObjects({
    ...facts,
    cluster: owner,
    models,
    agents: world.resources
      .filter(
        ({ apiVersion, kind, metadata }) =>
          apiVersion === origin.apiVersion && kind === languageAgent.kind && metadata.namespace === namespace,
      )
      .map(({ metadata }) => metadata.name),
    namespace: found(world, "v1", "Namespace", namespace) === undefined ? "created" : "adopted",
    agentKeys: identity.agentKeys === undefined ? "open" : "required",
  });
}

function found(
  world: World,
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
): Resource | undefined {
  return world.resources.find(
    (resource) =>
      resource.apiVersion === apiVersion &&
      resource.kind === kind &&
      resource.metadata.name === name &&
      resource.metadata.namespace === namespace,
  );
}

function textMap(value: unknown): { readonly [key: string]: string } | undefined {
  if (!isJsonObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === "string" ? [[key, text] as const] : [])),
  );
}

import {
  assemble,
  type Concern,
  check,
  compareFindings,
  compareText,
  type Finding,
  type GatewayHeader,
  isJsonObject,
  originText,
  type Part,
} from "@gatewright/plan";
import type * as z from "zod";
import { readAnnotations } from "../../annotations.ts";
import type { Gateway, Reading, ReadOptions, World } from "../../dialect.ts";
import type { Kind } from "../../kind.ts";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { liteLlmCredential } from "../kinds/credential.ts";
import { type InstanceSpec, liteLlmInstance } from "../kinds/instance.ts";
import { liteLlmModel } from "../kinds/model.ts";
import { readBudget } from "./budget.ts";
import { readCache } from "./cache.ts";
import { readCredentials } from "./credential.ts";
import { clearVariables } from "./environment.ts";
import { readExposure } from "./exposure.ts";
import { readGuards } from "./guard.ts";
import { readIdentity } from "./identity.ts";
import { fieldFinding, type Instance, type Member, type Reader } from "./instance.ts";
import { readKey } from "./key.ts";
import { readLimits } from "./limit.ts";
import { readModels } from "./model.ts";
import { readNetwork } from "./network.ts";
import { readOverlays } from "./overlay.ts";
import { readRoute } from "./route.ts";
import { claimsOf } from "./secret.ts";
import { readTelemetry } from "./telemetry.ts";
import { readTenant } from "./tenant.ts";
import { readWorkload } from "./workload.ts";

/** A concern without an entry does not compile. The dialect has no tools. */
const readers: Record<Concern, Reader> = {
  model: readModels,
  credential: readCredentials,
  limit: readLimits,
  guard: readGuards,
  tool: () => [],
  overlay: readOverlays,
  route: readRoute,
  budget: readBudget,
  key: readKey,
  tenant: readTenant,
  cache: readCache,
  network: readNetwork,
  exposure: readExposure,
  workload: readWorkload,
  identity: readIdentity,
  telemetry: readTelemetry,
};

/** Kinds that live in the management API beside models; nothing applies them yet. */
const notServed: ReadonlySet<string> = new Set([
  "LiteLLMOrganization",
  "LiteLLMTeam",
  "LiteLLMUser",
  "LiteLLMCustomer",
  "LiteLLMVirtualKey",
  "LiteLLMBudget",
]);

/**
 * One gateway for each LiteLLMInstance, with the models and credentials that name it (palena.md §2.3).
 * An instance whose spec is invalid gives no gateway, only findings, so that what it served before can stay.
 */
export function read(world: World, options: ReadOptions): Reading {
  const resources = world.resources
    .filter(({ apiVersion }) => apiVersion === `${liteLlmInstance.group}/${liteLlmInstance.version}`)
    .sort(byNamespaceAndName);
  const instances = resources.filter(({ kind }) => kind === liteLlmInstance.kind);
  const known = new Set(instances.map((instance) => memberKey(instance, instance.metadata.name)));
  const findings: Finding[] = [];
  const members = new Map<string, Resource[]>();
  for (const resource of resources) {
    if (resource.kind === liteLlmInstance.kind) continue;
    const name = instanceNameOf(resource);
    const key = name === undefined ? undefined : memberKey(resource, name);
    if (key !== undefined && known.has(key)) members.set(key, [...(members.get(key) ?? []), resource]);
    else findings.push(...strayFindings(resource, name));
  }
  const gateways: Gateway[] = [];
  for (const resource of instances) {
    if (options.only?.(resource) === false) continue;
    const own = members.get(memberKey(resource, resource.metadata.name)) ?? [];
    const reading = readSpec(liteLlmInstance, resource);
    if (reading.spec === undefined) findings.push(...reading.findings);
    else gateways.push(gatewayOf(world, options, { resource, spec: reading.spec }, own, reading.findings));
  }
  return { gateways, findings: findings.sort(compareFindings) };
}

function gatewayOf(
  world: World,
  options: ReadOptions,
  { resource, spec }: Member<InstanceSpec>,
  own: readonly Resource[],
  specFindings: readonly Finding[],
): Gateway {
  const { name, namespace = "" } = resource.metadata;
  const origin = originOf(resource);
  const annotations = readAnnotations(resource, options.engine);
  const { allowUnsupported = [] } = annotations;
  const models = membersOf(own, liteLlmModel);
  const credentials = membersOf(own, liteLlmCredential);
  const instance: Instance = {
    resource,
    spec,
    origin,
    namespace,
    name,
    models: models.members,
    credentials: credentials.members,
    guardrails: own.filter(({ kind }) => kind === "LiteLLMGuardrail"),
    allowUnsupported,
    secretKeys: (secret) => world.secretKeys(namespace, secret),
    configMap: (configMap) => world.configMap(namespace, configMap),
    claims: claimsOf(namespace, spec, credentials.members, models.members),
  };
  const found = Object.values(readers).flatMap((reader) => [...reader(instance)]);
  const header: GatewayHeader = {
    dialect: "palena",
    namespace,
    name,
    origin,
    engine: annotations.engine,
    layout: { indent: 2, keys: "contract", emptyModelList: true },
    ...(allowUnsupported.length === 0 ? {} : { allowUnsupported }),
  };
  const { plan, findings: conflicts } = assemble(header, found.filter(isPart));
  const environment = clearVariables(instance);
  return {
    plan,
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    findings: [
      ...specFindings,
      ...annotations.findings,
      ...models.findings,
      ...credentials.findings,
      ...own.filter(({ kind }) => notServed.has(kind)).map(notServedFinding),
      ...found.filter(isFinding),
      ...conflicts,
      ...check(plan),
    ].sort(compareFindings),
  };
}

function isPart(item: Part | Finding): item is Part {
  return "concern" in item;
}

function isFinding(item: Part | Finding): item is Finding {
  return !isPart(item);
}

/** Resources of one kind that can be read, and what is wrong with the others. */
function membersOf<Schema extends z.ZodType>(resources: readonly Resource[], kind: Kind<Schema>) {
  const members: Member<z.output<Schema>>[] = [];
  const findings: Finding[] = [];
  for (const resource of resources) {
    if (resource.kind !== kind.kind) continue;
    const reading = readSpec(kind, resource);
    findings.push(...reading.findings);
    if (reading.spec !== undefined) members.push({ resource, spec: reading.spec });
  }
  return { members, findings };
}

/** About a resource that belongs to no gateway. */
function strayFindings(resource: Resource, instance: string | undefined): readonly Finding[] {
  if (resource.kind !== liteLlmModel.kind && resource.kind !== liteLlmCredential.kind) {
    return [notServedFinding(resource)];
  }
  if (instance === undefined) {
    return resource.kind === liteLlmModel.kind
      ? readSpec(liteLlmModel, resource).findings
      : readSpec(liteLlmCredential, resource).findings;
  }
  const text = `names the LiteLLMInstance ${instance}, which does not exist in the namespace ${resource.metadata.namespace ?? ""}, so no gateway serves it. References never leave their namespace.`;
  return [fieldFinding(resource, "spec.instanceRef", "InstanceNotFound", "blocked", text)];
}

function notServedFinding(resource: Resource): Finding {
  const origin = originOf(resource);
  const text = `${originText(origin)} has no effect: ${resource.kind} is not served by this version.`;
  return { code: "KindNotServed", effect: "dropped", origin, text };
}

function instanceNameOf({ spec }: Resource): string | undefined {
  const reference = spec?.["instanceRef"];
  const name = isJsonObject(reference) ? reference["name"] : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

function memberKey({ metadata }: Resource, instance: string): string {
  return `${metadata.namespace ?? ""}/${instance}`;
}

function byNamespaceAndName(a: Resource, b: Resource): number {
  return (
    compareText(a.metadata.namespace ?? "", b.metadata.namespace ?? "") ||
    compareText(a.metadata.name, b.metadata.name) ||
    compareText(a.kind, b.kind)
  );
}

import { isJsonObject, type JsonObject } from "@gatewright/plan";
import { agentResources, toolResources } from "../objects/agent/workload.ts";
import { resourcesOf } from "../objects/member-pod.ts";
import {
  addQuantities,
  multiplyQuantity,
  parseQuantity,
  type Quantity,
  quantityText,
  zeroQuantity,
} from "./quantity.ts";

/** What has limits in a namespace. */
export interface CapacityInput {
  /** `spec` of the LanguageAgents. */
  readonly agents: readonly unknown[];
  /** LanguageTools by name: those that are sidecars count with each agent that uses them. */
  readonly tools: readonly { readonly name: string; readonly spec: unknown }[];
  /** LanguageAgentRuntimes by name: what an agent does not say may come from its runtime. */
  readonly runtimes: readonly { readonly name: string; readonly spec: unknown }[];
  readonly models: number;
  readonly personas: number;
  /** Pod spec and number of pods of the gateway; absent when it has none. */
  readonly gateway?: { readonly podSpec: unknown; readonly replicas: number };
}

type Resources = "cpu" | "memory";

/**
 * `status.capacity` (langop.md §1.1): the counts, and the CPU and memory limits of all pods the members ask for, the
 * gateway's included. What cannot be read counts as nothing: a sum must not keep a status from being written.
 */
export function capacityOf(input: CapacityInput): JsonObject {
  const { agents, tools, models, personas, gateway } = input;
  const runtimes = new Map(input.runtimes.map(({ name, spec }) => [name, spec]));
  const sidecars = new Map(
    tools.flatMap(({ name, spec }) => (isSidecar(spec) ? [[name, spec] as const] : [])),
  );
  const members = [
    ...agents.map((spec) => agentLimits(overRuntime(spec, runtimes), sidecars)),
    ...tools.flatMap(({ spec }) => (isSidecar(spec) ? [] : [podLimits(spec, toolResources.limits)])),
  ];
  const sum = (resource: Resources): string =>
    quantityText(
      [gatewayLimit(gateway, resource), ...members.map((limits) => limits(resource))].reduce(
        addQuantities,
        zeroQuantity,
      ),
    );
  return {
    agentCount: agents.length,
    modelCount: models,
    toolCount: tools.length,
    personaCount: personas,
    totalCPULimits: sum("cpu"),
    totalMemoryLimits: sum("memory"),
  };
}

/** An agent's spec with the pods' settings of its runtime below its own (read/agent-runtime.ts). */
function overRuntime(spec: unknown, runtimes: ReadonlyMap<unknown, unknown>): unknown {
  const preset = member(runtimes.get(member(spec, "runtime")), "deployment");
  const own = member(spec, "deployment");
  if (!isJsonObject(spec) || !isJsonObject(preset)) return spec;
  return { ...spec, deployment: { ...preset, ...(isJsonObject(own) ? own : {}) } };
}

/** An agent's own limits and those of its sidecar tools, for all of its pods. */
function agentLimits(
  spec: unknown,
  sidecars: ReadonlyMap<string, unknown>,
): (resource: Resources) => Quantity {
  const suspended = member(member(spec, "execution"), "suspend") === true;
  const task = member(member(spec, "execution"), "mode") === "task";
  const pods = suspended ? 0 : task ? 1 : podsOf(member(member(spec, "deployment"), "replicas"));
  const used = listOf(member(spec, "tools")).flatMap((tool) => {
    const sidecar = sidecars.get(String(member(tool, "name")));
    return sidecar === undefined || member(tool, "enabled") === false ? [] : [sidecar];
  });
  return (resource) => {
    const one = used
      .map((tool) => containerLimit(tool, toolResources.limits, resource))
      .reduce(addQuantities, containerLimit(spec, agentResources.limits, resource));
    return multiplyQuantity(one, pods);
  };
}

function podLimits(spec: unknown, otherwise: object): (resource: Resources) => Quantity {
  const deployment = member(spec, "deployment");
  // First-generation tools have their number of pods beside the deployment block.
  const pods = podsOf(member(deployment, "replicas") ?? member(spec, "replicas"));
  return (resource) => multiplyQuantity(containerLimit(spec, otherwise, resource), pods);
}

/** The limit of the container of a member: what the user sets, in whole, or what it has otherwise. */
function containerLimit(spec: unknown, otherwise: object, resource: Resources): Quantity {
  const own = member(spec, "deployment") as { readonly resources?: { readonly [name: string]: unknown } };
  return limitOf(
    { resources: resourcesOf(isJsonObject(own) ? own : undefined, { limits: otherwise }) },
    resource,
  );
}

function isSidecar(spec: unknown): boolean {
  return member(spec, "deploymentMode") === "sidecar";
}

/** Init containers run before the others, so only the largest of them can count; native sidecars go on running. */
function gatewayLimit(gateway: CapacityInput["gateway"], resource: Resources): Quantity {
  if (gateway === undefined) return zeroQuantity;
  const initial = listOf(member(gateway.podSpec, "initContainers"));
  const running = [
    ...listOf(member(gateway.podSpec, "containers")),
    ...initial.filter((container) => member(container, "restartPolicy") === "Always"),
  ].reduce<Quantity>((sum, container) => addQuantities(sum, limitOf(container, resource)), zeroQuantity);
  const starting = initial.map((container) => limitOf(container, resource));
  const largest = starting.reduce((most, limit) => (limit.nanos > most.nanos ? limit : most), running);
  return multiplyQuantity(largest, podsOf(gateway.replicas));
}

function limitOf(container: unknown, resource: Resources): Quantity {
  const limit = parseQuantity(member(member(member(container, "resources"), "limits"), resource));
  return limit === undefined || limit.nanos < 0n ? zeroQuantity : limit;
}

function podsOf(replicas: unknown): number {
  return typeof replicas === "number" && Number.isSafeInteger(replicas) && replicas >= 0 ? replicas : 1;
}

function member(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

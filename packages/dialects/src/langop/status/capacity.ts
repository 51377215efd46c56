import { isJsonObject, type JsonObject } from "@gatewright/plan";
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
  /** `spec` of the LanguageTools. */
  readonly tools: readonly unknown[];
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
export function capacityOf({ agents, tools, models, personas, gateway }: CapacityInput): JsonObject {
  const members = [...agents, ...tools].map((spec) => deploymentLimits(spec));
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

function deploymentLimits(spec: unknown): (resource: Resources) => Quantity {
  const deployment = member(spec, "deployment");
  // First-generation tools have their number of pods beside the deployment block.
  const replicas = podsOf(member(deployment, "replicas") ?? member(spec, "replicas"));
  return (resource) => multiplyQuantity(limitOf(deployment, resource), replicas);
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

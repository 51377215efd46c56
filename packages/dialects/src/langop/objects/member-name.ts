import { isServiceName } from "@gatewright/kubernetes";
import { type Finding, originText } from "@gatewright/plan";
import type { DesiredObjects } from "../../desired-objects.ts";
import { originOf, type Resource } from "../../resource.ts";

/** Why an agent or a tool of this name cannot be deployed: its name is that of a Service, and the gateway's is taken. */
export function memberNameProblem(resource: Resource, noun: "agent" | "tool"): Finding | undefined {
  const { name } = resource.metadata;
  const why = !isServiceName(name)
    ? "Services are named with at most 63 lower-case letters, digits and -, beginning with a letter"
    : name === "gateway"
      ? "the Deployment and Service gateway are the gateway's own"
      : undefined;
  if (why === undefined) return undefined;
  const origin = originOf(resource);
  return {
    code: "NameUnusable",
    effect: "blocked",
    origin,
    text: `${originText(origin)} cannot be deployed, because ${why}. Give the ${noun} another name.`,
  };
}

/** What stands for a member that cannot be deployed. */
export function nothingDesired(findings: readonly Finding[]): DesiredObjects {
  return {
    objects: [],
    secrets: [],
    absent: [],
    findings,
    dnsNames: [],
    unresolved: [],
    managedResources: [],
  };
}

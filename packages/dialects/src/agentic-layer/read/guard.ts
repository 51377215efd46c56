import { type Finding, originText } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import type { AiGatewaySpec } from "../kinds/ai-gateway.ts";

/**
 * A gateway that names guards is not served until guards can be read: without them it would let through what its
 * owner wants stopped.
 */
export function readGuards(resource: Resource, spec: AiGatewaySpec): readonly Finding[] {
  const guards = spec.guardrails ?? [];
  if (guards.length === 0) return [];
  const names = guards.map(
    ({ name = "", namespace = resource.metadata.namespace }) => `${namespace}/${name}`,
  );
  const origin = originOf(resource);
  return [
    {
      code: "GuardrailsUnsupported",
      effect: "blocked",
      origin,
      text: `${originText(origin)} names guards in spec.guardrails (${names.join(", ")}), which Gatewright cannot run yet; serving it without them would not be safe, so it is not served. Remove spec.guardrails to serve it unguarded.`,
    },
  ];
}

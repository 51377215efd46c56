import type { GatewayPlan, Guard, JsonObject } from "@gatewright/plan";
import type { Piece } from "./piece.ts";
import { present } from "./piece.ts";

/** Parameters in the order in which agentic-layer.md §3.10 prints them; others follow, sorted. */
const parameterOrder: readonly string[] = [
  "output_parse_pii",
  "presidio_analyzer_api_base",
  "presidio_anonymizer_api_base",
  "presidio_language",
  "presidio_score_thresholds",
  "pii_entities_config",
];

/** `guardrails[]` (litellm.md §2.5, agentic-layer.md §5). */
export function renderGuards(plan: GatewayPlan): Piece {
  return { guardrails: plan.guard.map(entryOf) };
}

/** Parameters never replace the integration or its mode: a parameter must not be able to switch a guard off. */
function entryOf(guard: Guard): JsonObject {
  const parameters = guard.parameters ?? {};
  const fixed = present({ guardrail: guard.integration, mode: guard.modes, default_on: guard.defaultOn });
  const known = parameterOrder.filter((key) => key in parameters);
  const others = Object.keys(parameters).filter((key) => !parameterOrder.includes(key));
  return {
    guardrail_name: guard.name,
    litellm_params: {
      ...fixed,
      ...present(Object.fromEntries([...known, ...others].map((key) => [key, parameters[key]]))),
      ...fixed,
    },
  };
}

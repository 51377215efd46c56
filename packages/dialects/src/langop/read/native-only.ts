import type { Finding } from "@gatewright/plan";
import { fieldFinding, type ModelEntry } from "./entry.ts";

/**
 * Fields that LiteLLM has no place for, or has only for the whole process (decisions: two generations of
 * LanguageModel). With that engine they are lost, which has to be said.
 */
export function lostWithLitellm(entry: ModelEntry): readonly Finding[] {
  const { spec } = entry;
  const set: readonly (readonly [path: string, isSet: boolean])[] = [
    ["spec.caching", spec.caching !== undefined],
    ["spec.loadBalancing.strategy", spec.loadBalancing !== undefined],
    ["spec.loadBalancing.healthCheck", spec.loadBalancing?.healthCheck !== undefined],
    ["spec.observability", spec.observability !== undefined],
    ["spec.regions", spec.regions !== undefined],
  ];
  return set
    .filter(([, isSet]) => isSet)
    .map(([path]) =>
      fieldFinding(
        entry.resource,
        path,
        "EngineLacksSetting",
        "dropped",
        "is a setting of one model alone, which the engine litellm only has for a whole gateway; it has no effect. The engine native has it.",
      ),
    );
}

import { type Finding, isJsonObject, type Json } from "@gatewright/plan";
import { fieldFinding, type ModelEntry } from "./entry.ts";

/** Fields that LiteLLM has no place for, or has only for the whole process (decisions: two generations of LanguageModel). */
const nativeFields: readonly (readonly string[])[] = [
  ["caching"],
  ["fallbacks", "*", "conditions"],
  ["loadBalancing", "healthCheck"],
  ["loadBalancing", "strategy"],
  ["observability"],
  ["regions"],
  ["retryPolicy", "backoffMultiplier"],
  ["retryPolicy", "initialBackoff"],
  ["retryPolicy", "maxBackoff"],
];

/** What a model loses with LiteLLM as the engine, as far as its author wrote it: defaults are no loss. */
export function lostWithLitellm(entry: ModelEntry): readonly Finding[] {
  return nativeFields
    .flatMap((field) => writtenPaths(entry.resource.spec ?? {}, field, "spec"))
    .map((path) =>
      fieldFinding(
        entry.resource,
        path,
        "EngineLacksSetting",
        "dropped",
        "has no effect: the engine litellm has no such setting, or only for a whole gateway.",
      ),
    );
}

function writtenPaths(value: Json | undefined, field: readonly string[], path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const [step, ...rest] = field;
  if (step === undefined) return [path];
  if (step === "*") {
    return Array.isArray(value)
      ? value.flatMap((item: Json, index) => writtenPaths(item, rest, `${path}[${index}]`))
      : [];
  }
  return isJsonObject(value) ? writtenPaths(value[step], rest, `${path}.${step}`) : [];
}

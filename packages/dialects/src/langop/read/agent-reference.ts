import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgent } from "../kinds/language-agent.ts";
import { modelReferences } from "./agent-model.ts";

/** Everything an agent refers to, as `<kind>/<name>`, whether it is there or not. */
export function agentReferences(agent: Resource): ReadonlySet<string> {
  const { spec } = readSpec(languageAgent, agent);
  if (spec === undefined) return new Set();
  return new Set([
    ...modelReferences(spec).map(({ reference }) => `LanguageModel/${reference.name}`),
    ...(spec.tools ?? []).flatMap(({ name, url }) => (url === undefined ? [`LanguageTool/${name}`] : [])),
    ...(spec.persona ? [`LanguagePersona/${spec.persona}`] : []),
    ...(spec.runtime ? [`LanguageAgentRuntime/${spec.runtime}`] : []),
  ]);
}

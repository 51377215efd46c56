import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import type { LanguageAgentSpec } from "../kinds/language-agent.ts";
import { languageModel } from "../kinds/language-model.ts";
import type { Lack } from "./agent.ts";
import { fieldFinding } from "./entry.ts";

type ModelReference = NonNullable<LanguageAgentSpec["models"]>[number];

/** A model as its agent sees it (langop.md §2.2, §2.3). */
export interface AgentModel {
  /** Name of the LanguageModel. */
  readonly name: string;
  readonly role: ModelReference["role"];
  readonly priority?: number;
  /** Provider, as the LanguageModel names it; LiteLLM's prefix where it uses that. */
  readonly provider: string;
  /** The name to ask the gateway for: what LLM_MODEL lists. */
  readonly model: string;
}

/** Every model an agent refers to, of all generations' fields, each once (decisions: `modelRef` and `models[]`). */
export function modelReferences(
  spec: LanguageAgentSpec,
): readonly { readonly reference: ModelReference; readonly path: string }[] {
  const { models = [], modelRefs = [], modelRef } = spec;
  const one = typeof modelRef === "string" ? modelRef : modelRef?.name;
  const all: { readonly reference: ModelReference; readonly path: string }[] = [
    ...models.map((reference, index) => ({ reference, path: `spec.models[${index}]` })),
    ...modelRefs.map((reference, index) => ({ reference, path: `spec.modelRefs[${index}]` })),
    ...(one ? [{ reference: { name: one, role: "primary" as const }, path: "spec.modelRef" }] : []),
  ];
  const seen = new Set<string>();
  return all.filter(({ reference: { name, model = "" } }) => {
    const identity = `${name}/${model}`;
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

/** The models of an agent that are there; what is missing or unclear is reported. */
export function readAgentModels(
  agent: Resource,
  spec: LanguageAgentSpec,
  models: readonly Resource[],
  lack: Lack,
  findings: Finding[],
): readonly AgentModel[] {
  return modelReferences(spec).flatMap(({ reference, path }) => {
    const { name, role, priority, model: chosen } = reference;
    const found = models.find(({ metadata }) => metadata.name === name);
    const { spec: of } = found === undefined ? {} : readSpec(languageModel, found);
    if (of === undefined) {
      const why = found === undefined ? "does not exist" : "has fields that cannot be read";
      lack("LanguageModel", name, `${path}.name`, `names LanguageModel ${name}, which ${why}.`);
      return [];
    }
    const catalogue = of.modelName === "*";
    if (catalogue && chosen === undefined) {
      const text = `names LanguageModel ${name}, which stands for a whole catalogue: say which of its models in \`model\`.`;
      findings.push(fieldFinding(agent, path, "CatalogueModelMissing", "dropped", text));
      return [];
    }
    if (!catalogue && chosen !== undefined) {
      const text = `has no effect: LanguageModel ${name} is the one model ${of.modelName}.`;
      findings.push(fieldFinding(agent, `${path}.model`, "CatalogueModelIgnored", "dropped", text));
    }
    return [
      {
        name,
        role,
        ...(priority === undefined ? {} : { priority }),
        provider: of.provider ?? of.litellmProvider ?? "",
        model: catalogue ? `${name}/${chosen}` : of.modelName,
      },
    ];
  });
}

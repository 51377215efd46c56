import type { Fallback, Finding, ModelRoute } from "@gatewright/plan";
import { fieldFinding, isCatalogue, type ModelEntry, publicName } from "./entry.ts";

/** Where the models of a gateway fall back to. */
export interface Fallbacks {
  /** One chain for each public name. */
  readonly chains: readonly Fallback[];
  /** Chains whose members are for some kinds of failure only, by resource name. */
  readonly models: { readonly [resource: string]: ModelRoute };
  readonly findings: readonly Finding[];
}

/**
 * Fallback chains (langop.md §4.2; decisions: fallbacks to `modelRef`): the name of a LanguageModel of the namespace
 * becomes the name clients call it by. What cannot be reached is reported, and the chain goes on without it.
 */
export function readFallbacks(
  served: readonly ModelEntry[],
  declared: ReadonlySet<string>,
  aliases: ReadonlySet<string>,
): Fallbacks {
  const byResource = new Map(served.map((entry) => [entry.name, entry]));
  const names = new Set([...served.map(publicName), ...aliases]);
  const chains = new Map<string, string[]>();
  const models: Record<string, ModelRoute> = {};
  const findings: Finding[] = [];
  for (const entry of served) {
    const conditional: { model: string; conditions?: readonly string[] }[] = [];
    for (const [index, { modelRef, conditions }] of (entry.spec.fallbacks ?? []).entries()) {
      const ignored = (code: string, text: string): void => {
        const path = `spec.fallbacks[${index}].modelRef`;
        findings.push(fieldFinding(entry.resource, path, code, "dropped", text));
      };
      const target = byResource.get(modelRef);
      // Old manifests name the model itself, as that is what LiteLLM looked for.
      const name = target === undefined ? modelRef : publicName(target);
      if (target === undefined && !names.has(modelRef)) {
        const why = declared.has(modelRef)
          ? "which is left out of the gateway itself"
          : "which is no LanguageModel of this namespace";
        ignored("FallbackNotFound", `names ${modelRef}, ${why}; the chain goes on without it.`);
      } else if (isCatalogue(entry) || name.includes("*")) {
        ignored(
          "FallbackNotPossible",
          "is not used: a whole catalogue cannot fall back, nor be fallen back to.",
        );
      } else if (name === publicName(entry)) {
        ignored("FallbackToItself", `names ${modelRef}, which serves the same model name "${name}".`);
      } else {
        const chain = chains.get(publicName(entry)) ?? [];
        if (!chain.includes(name)) chain.push(name);
        chains.set(publicName(entry), chain);
        conditional.push({ model: name, ...(conditions === undefined ? {} : { conditions }) });
      }
    }
    if (conditional.some(({ conditions }) => conditions !== undefined)) {
      models[entry.name] = { fallbacks: conditional };
    }
  }
  return {
    chains: [...chains].map(([model, fallbacks]) => ({ when: "error", model, fallbacks })),
    models,
    findings,
  };
}

import type { Finding, JsonObject, Origin } from "@gatewright/plan";
import {
  type Contribution,
  fieldFinding,
  isCatalogue,
  isOpenaiCompatible,
  type ModelEntry,
  publicName,
} from "./entry.ts";
import { readFallbacks } from "./fallback.ts";

/**
 * Compatibility switches that LiteLLM has only for the whole process (langop.md §3.3). One OpenAI-compatible model is
 * enough to set them.
 */
const compatibilitySwitches: JsonObject = {
  use_chat_completions_url_for_anthropic_messages: true,
  disable_strict_validation: true,
  allowed_fails: 3,
  enable_json_schema_validation: false,
  health_check_interval: 0,
};

/**
 * What the models of a gateway say about routing together. `served` are the models the gateway has, in the order of
 * their files; `declared` also those that are left out, so that a fallback to one of them can be explained.
 */
export function readRoute(
  origin: Origin,
  served: readonly ModelEntry[],
  declared: ReadonlySet<string>,
): Contribution {
  if (served.length === 0) return { parts: [], findings: [] };
  const aliases = readAliases(served);
  const fallbacks = readFallbacks(served, declared, new Set(Object.keys(aliases.value)));
  const value = {
    dropParameters: true,
    ...(served.some(isOpenaiCompatible) ? { switches: compatibilitySwitches } : {}),
    ...(Object.keys(aliases.value).length === 0 ? {} : { aliases: aliases.value }),
    ...(fallbacks.chains.length === 0 ? {} : { fallbacks: fallbacks.chains }),
    ...(Object.keys(fallbacks.models).length === 0 ? {} : { models: fallbacks.models }),
  };
  return {
    parts: [{ concern: "route", origin, value }],
    findings: [...aliases.findings, ...fallbacks.findings, ...shadowedResources(served)],
  };
}

function readAliases(served: readonly ModelEntry[]): {
  readonly value: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
} {
  const names = new Set(served.map(publicName));
  const owners = new Map<string, ModelEntry>();
  const findings: Finding[] = [];
  for (const entry of served) {
    for (const [index, alias] of (entry.spec.aliases ?? []).entries()) {
      const ignored = (why: string): void => {
        findings.push(
          fieldFinding(
            entry.resource,
            `spec.aliases[${index}]`,
            "AliasIgnored",
            "dropped",
            `("${alias}") is not used: ${why}.`,
          ),
        );
      };
      const owner = owners.get(alias);
      if (isCatalogue(entry)) ignored("a whole catalogue has no single model that could have another name");
      else if (names.has(alias)) ignored("a model of this gateway has that name");
      else if (owner === undefined) owners.set(alias, entry);
      else if (publicName(owner) !== publicName(entry)) {
        ignored(`LanguageModel ${owner.name} has claimed it first`);
      }
    }
  }
  return {
    value: Object.fromEntries([...owners].map(([alias, owner]) => [alias, publicName(owner)])),
    findings,
  };
}

/** A client that names the resource gets another model when that one is published under the same name. */
function shadowedResources(served: readonly ModelEntry[]): readonly Finding[] {
  const publishers = new Map(served.map((entry) => [publicName(entry), entry]));
  return served.flatMap((entry) => {
    const other = publishers.get(entry.name);
    if (other === undefined || publicName(entry) === entry.name) return [];
    return [
      fieldFinding(
        entry.resource,
        "metadata.name",
        "ResourceNameTaken",
        "approximated",
        `is also the modelName of LanguageModel ${other.name}: clients that ask for "${entry.name}" get that one, and this model only as "${publicName(entry)}".`,
      ),
    ];
  });
}

import type { ResourceType } from "@gatewright/reconcile";

/*
 * What the watches need to know of the dialect. Written out once more, and held to the dialect by a test: an import from
 * there would load all schemas before the first request is made, and they take longer to load than the server to answer.
 */

/** The label of everything that the operator writes. */
export const dialectLabel = "gatewright.dev/dialect";

/** Types of all kinds of the dialect. */
export const langopTypes = {
  LanguageCluster: langopType("LanguageCluster", "languageclusters", "Cluster"),
  LanguageModel: langopType("LanguageModel", "languagemodels"),
  LanguageAgent: langopType("LanguageAgent", "languageagents"),
  LanguageTool: langopType("LanguageTool", "languagetools"),
  LanguagePersona: langopType("LanguagePersona", "languagepersonas"),
  LanguageAgentRuntime: langopType("LanguageAgentRuntime", "languageagentruntimes", "Cluster"),
  LanguageAgentSelfConfig: langopType("LanguageAgentSelfConfig", "languageagentselfconfigs"),
} as const satisfies { readonly [kind: string]: ResourceType };

function langopType(kind: string, plural: string, scope: ResourceType["scope"] = "Namespaced"): ResourceType {
  return { group: "langop.io", version: "v1alpha1", kind, plural, scope };
}

import type { DesiredObjects, ObjectReference } from "../../desired-objects.ts";
import type { Resource } from "../../resource.ts";
import type { GatewayObjectsInput } from "./cluster.ts";

/** What the objects of a LanguageModel outside of any LanguageCluster are made of. */
export interface StandaloneInput extends GatewayObjectsInput {
  readonly model: Resource;
}

/** The objects of a gateway that serves one LanguageModel (langop.md §4.3; decisions: namespaces without a LanguageCluster). */
export function standaloneObjects(_input: StandaloneInput): DesiredObjects {
  return { objects: [], absent: [], findings: [], dnsNames: [], unresolved: [], managedResources: [] };
}

/** Everything `standaloneObjects` and its controller may have written for a model: what must go when a cluster takes over. */
export function standaloneReferences(_model: Resource): readonly ObjectReference[] {
  return [];
}

import type { JsonObject, Origin } from "@gatewright/plan";

/** A Kubernetes object as a manifest or the API server gives it; only what readers need is typed. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
  };
  readonly spec?: JsonObject;
  /** ConfigMaps: text. Secrets never come with values here; see `World.secretKeys`. */
  readonly data?: { readonly [key: string]: string };
}

/** The origin of a resource, or of one field of it. */
export function originOf(resource: Resource, path?: string): Origin {
  return {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    ...(resource.metadata.namespace === undefined ? {} : { namespace: resource.metadata.namespace }),
    name: resource.metadata.name,
    ...(path === undefined ? {} : { path }),
  };
}

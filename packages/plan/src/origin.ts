import { compareText } from "./json.ts";

/** The resource, and the field in it, that a part of the plan or a finding comes from. */
export interface Origin {
  /** As in the manifest, for example `langop.io/v1alpha1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped resources. */
  readonly namespace?: string;
  readonly name: string;
  /** The field, for example `spec.aiModels[2].provider`; absent when the whole resource is meant. */
  readonly path?: string;
}

/** `LanguageModel team-a/claude spec.timeout`: how an origin is written in messages. */
export function originText(origin: Origin): string {
  const name = origin.namespace === undefined ? origin.name : `${origin.namespace}/${origin.name}`;
  return origin.path === undefined ? `${origin.kind} ${name}` : `${origin.kind} ${name} ${origin.path}`;
}

/** Orders by kind, namespace, name and path. The order of a plan's entities never depends on how they were read. */
export function compareOrigins(a: Origin, b: Origin): number {
  return (
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace ?? "", b.namespace ?? "") ||
    compareText(a.name, b.name) ||
    compareText(a.path ?? "", b.path ?? "")
  );
}

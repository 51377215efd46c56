import type { KubernetesObject } from "@gatewright/kubernetes";
import type { Finding } from "@gatewright/plan";
import type { ManagedResource, ObjectReference } from "../../desired-objects.ts";
import { groupOf } from "../../scope.ts";

/** What one concern contributes to the objects of a gateway. */
export interface Piece {
  readonly objects: readonly KubernetesObject[];
  readonly findings: readonly Finding[];
  /** Objects about which nothing can be said now: they stay as they are. */
  readonly held?: readonly ObjectReference[];
}

/** Contributions of several concerns as one, in their order. */
export function together(pieces: readonly Piece[]): Required<Piece> {
  return {
    objects: pieces.flatMap(({ objects }) => objects),
    findings: pieces.flatMap(({ findings }) => findings),
    held: pieces.flatMap(({ held = [] }) => held),
  };
}

/** The place of an object. */
export function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  const { namespace, name } = metadata;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** Of everything there could be, what is neither wanted nor held: it is switched off. */
export function switchedOff(
  possible: readonly ObjectReference[],
  { objects, held = [] }: Pick<Piece, "objects" | "held">,
): readonly ObjectReference[] {
  const kept = new Set([...objects.map(referenceTo), ...held].map(textOf));
  return possible.filter((reference) => !kept.has(textOf(reference)));
}

/** Entries of `status.managedResources` in the order of `kinds`; kinds that are not among them are left out. */
export function managed(
  references: readonly ObjectReference[],
  kinds: readonly string[],
): readonly ManagedResource[] {
  return kinds.flatMap((entry) => {
    const [kind, name] = entry.split(" ");
    return references
      .filter((reference) => reference.kind === kind && (name === undefined || reference.name === name))
      .map(({ apiVersion, kind: found, name: called, namespace }) => ({
        ...(groupOf(apiVersion) === "" ? {} : { group: groupOf(apiVersion) }),
        kind: found,
        name: called,
        ...(namespace === undefined ? {} : { namespace }),
      }));
  });
}

function textOf({ apiVersion, kind, namespace = "", name }: ObjectReference): string {
  return `${groupOf(apiVersion)} ${kind} ${namespace} ${name}`;
}

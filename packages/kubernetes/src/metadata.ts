import type { Labels, Metadata, OwnerReference } from "./object.ts";

/** A resource that can own objects. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid?: string };
}

/**
 * The reference to the one controller of an object. None for an owner without uid: manifests that were never applied
 * have none, and the API server would take such an object for an orphan and delete it.
 */
export function ownedBy(owner: Owner): readonly OwnerReference[] {
  const { uid, name } = owner.metadata;
  if (uid === undefined) return [];
  const { apiVersion, kind } = owner;
  return [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

/** Metadata in the one order of members; what is empty is left out. */
export function metadata(of: {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: { readonly [key: string]: string } | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
}): Metadata {
  const { name, namespace, labels = {}, annotations = {}, ownerReferences = [] } = of;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
  };
}

import { type KubernetesObject, keyText, type OwnerReference, objectKey } from "./object.ts";

/** An object of this name is there and belongs to somebody else. Nothing was written. */
export class ForeignObjectError extends Error {
  readonly code = "ForeignObject";
  readonly owner: OwnerReference;

  constructor(object: KubernetesObject, owner: OwnerReference) {
    super(
      `${object.kind} ${keyText(objectKey(object))} belongs to ${owner.kind} ${owner.name} (uid ${owner.uid}) and is left as it is: rename or delete one of the two`,
    );
    this.name = "ForeignObjectError";
    this.owner = owner;
  }
}

/** The owner that steers the object; there is at most one. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

import { type KubernetesObject, keyText, type OwnerReference, objectKey } from "./object.ts";

/** An object of this name is there and belongs to somebody else. Nothing was written. */
export class ForeignObjectError extends Error {
  readonly code = "ForeignObject";
  /** Absent when a user made it. */
  readonly owner?: OwnerReference;

  constructor(object: KubernetesObject, owner: OwnerReference | undefined) {
    const whose =
      owner === undefined
        ? "was there before and was not made by an operator"
        : `belongs to ${owner.kind} ${owner.name} (uid ${owner.uid})`;
    super(
      `${object.kind} ${keyText(objectKey(object))} ${whose}, and is left as it is: rename or delete one of the two`,
    );
    this.name = "ForeignObjectError";
    if (owner !== undefined) this.owner = owner;
  }
}

/** The owner that steers the object; there is at most one. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

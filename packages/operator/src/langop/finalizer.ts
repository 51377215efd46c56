import {
  ApiError,
  type Client,
  type KubernetesObject,
  objectKey,
  type ResourceType,
} from "@gatewright/reconcile";

/** On every object of a kind with a controller (langop.md §1). */
const finalizer = "langop.io/finalizer";

export function hasFinalizer({ metadata }: KubernetesObject): boolean {
  return metadata.finalizers?.includes(finalizer) === true;
}

/** Adds the finalizer. */
export async function addFinalizer(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
): Promise<void> {
  await setFinalizers(client, type, object, [...(object.metadata.finalizers ?? []), finalizer]);
}

/** Removes the finalizer. */
export async function removeFinalizer(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
): Promise<void> {
  if (!hasFinalizer(object)) return;
  const rest = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  await setFinalizers(client, type, object, rest);
}

/**
 * The version is part of the patch, so that a finalizer somebody else added meanwhile is not lost. An object that
 * changed or is gone meanwhile is fine: that very change wakes its controller again.
 */
async function setFinalizers(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
  finalizers: readonly string[],
): Promise<void> {
  const { resourceVersion } = object.metadata;
  try {
    await client.mergePatch(type, objectKey(object), { metadata: { resourceVersion, finalizers } });
  } catch (error) {
    if (!ApiError.is(error, "Conflict") && !ApiError.is(error, "NotFound")) throw error;
  }
}

import {
  ApiError,
  type Client,
  done,
  type KubernetesObject,
  type Outcome,
  objectKey,
  type ResourceType,
  wait,
} from "@gatewright/reconcile";

/** On every object of a kind with a controller (langop.md §1). */
const finalizer = "langop.io/finalizer";

export function hasFinalizer({ metadata }: KubernetesObject): boolean {
  return metadata.finalizers?.includes(finalizer) === true;
}

/** Adds the finalizer, as a pass of its own: the change wakes the key again, with the object as it then is. */
export async function addFinalizer(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
): Promise<Outcome> {
  return setFinalizers(client, type, object, [...(object.metadata.finalizers ?? []), finalizer]);
}

/** Removes the finalizer, as the last thing of a pass. */
export async function removeFinalizer(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
): Promise<Outcome> {
  if (!hasFinalizer(object)) return done;
  const rest = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  return setFinalizers(client, type, object, rest);
}

/**
 * The version is part of the patch, so that a finalizer somebody else added meanwhile is not lost. An object that
 * changed meanwhile wakes its controller again; it is looked at all the same, since not every refusal of this kind is
 * followed by a change.
 */
async function setFinalizers(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
  finalizers: readonly string[],
): Promise<Outcome> {
  const { resourceVersion } = object.metadata;
  try {
    await client.mergePatch(type, objectKey(object), { metadata: { resourceVersion, finalizers } });
    return done;
  } catch (error) {
    if (ApiError.is(error, "NotFound")) return done;
    if (ApiError.is(error, "Conflict")) return wait("ChangedMeanwhile", 1);
    throw error;
  }
}

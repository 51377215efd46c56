import { ApiError } from "./api-error.ts";
import type { Client } from "./client.ts";
import { type KubernetesObject, objectKey } from "./object.ts";

/**
 * Creates an object whose content must be made up only once, like a random key; when there is one, that one counts.
 * Safe to repeat, and for several processes at the same time: all get the same object.
 */
export async function createOnce(
  client: Client,
  object: KubernetesObject,
  options: { readonly manager: string },
): Promise<{ readonly object: KubernetesObject; readonly created: boolean }> {
  try {
    return { object: await client.create(object, options), created: true };
  } catch (error) {
    if (!ApiError.is(error, "AlreadyExists")) throw error;
    const standing = await client.get(client.typeOf(object), objectKey(object));
    // Deleted since: the next pass creates it.
    if (standing === undefined) throw error;
    return { object: standing, created: false };
  }
}

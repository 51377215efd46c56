import { dialectLabel, type ObjectReference } from "@gatewright/dialects";
import { ApiError, type Client, resourceTypes, typeOf } from "@gatewright/reconcile";
import { completelyWatched } from "./langop-stores.ts";

/** What may stand in places where the watches show nothing. */
export interface UnwatchedObjects {
  /** False when nothing that has an owner stands there. Asks the API server once for each kind and namespace. */
  mayStand(place: ObjectReference): Promise<boolean>;
  /** Lets go of what is known of a namespace. */
  forget(namespace: string): void;
}

/**
 * Most kinds are watched by our label, which objects of the replaced operator lack. Whether one of those has to go is
 * looked up for a namespace at once: one by one, ten models would cost fifty requests at every start.
 */
export function createUnwatchedObjects(client: Client): UnwatchedObjects {
  const namespaces = new Map<string, Map<string, Promise<ReadonlySet<string>>>>();

  async function owned(place: ObjectReference, namespace: string): Promise<ReadonlySet<string>> {
    const type = typeOf(place, Object.values(resourceTypes));
    const labelSelector = `!${dialectLabel}`;
    try {
      const objects = await client.list(type, { namespace, labelSelector, metadataOnly: true });
      return new Set(
        objects.flatMap(({ metadata: { name, ownerReferences = [] } }) =>
          ownerReferences.length > 0 ? [name] : [],
        ),
      );
    } catch (error) {
      // A kind that is not served has no objects.
      if (ApiError.is(error, "NotFound")) return new Set();
      throw error;
    }
  }

  return {
    async mayStand(place) {
      const { kind, namespace, name } = place;
      if (completelyWatched.has(kind)) return false;
      if (namespace === undefined) return true;
      const kinds = namespaces.get(namespace) ?? new Map<string, Promise<ReadonlySet<string>>>();
      namespaces.set(namespace, kinds);
      const known = kinds.get(kind) ?? owned(place, namespace);
      kinds.set(kind, known);
      try {
        return (await known).has(name);
      } catch (error) {
        kinds.delete(kind);
        throw error;
      }
    },
    forget: (namespace) => void namespaces.delete(namespace),
  };
}

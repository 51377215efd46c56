import type { ObjectReference } from "@gatewright/dialects";
import {
  ApiError,
  type Client,
  type KubernetesObject,
  resourceTypes,
  type Store,
  typeOf,
} from "@gatewright/reconcile";
import { completelyWatched } from "./langop-stores.ts";
import { dialectLabel, langopTypes } from "./langop-types.ts";

/** What may stand in places where the watches show nothing. */
export interface UnwatchedObjects {
  /**
   * False when nothing that has one of our resources for an owner stands there. Asks the API server once for each kind
   * and namespace, or once for a kind when there are many namespaces to ask about.
   */
  mayStand(place: ObjectReference): Promise<boolean>;
  /** Lets go of what is known of a namespace. */
  forget(namespace: string): void;
}

/** `namespace/name` of objects of one kind. */
type Places = ReadonlySet<string>;

/** From so many namespaces on, a start asks for those of the whole cluster, which may be much more than ours. */
const manyNamespaces = 20;

/**
 * Most kinds are watched by our label, which objects of the replaced operator lack. Whether one of those has to go is
 * looked up for a namespace at once: one by one, ten models would cost fifty requests at every start. Of 200 namespaces
 * it is looked up for all of them together: each on its own would cost 1,600.
 */
export function createUnwatchedObjects(options: {
  readonly client: Client;
  /** LanguageClusters, whose names are those of their namespaces. */
  readonly clusters: Pick<Store, "keys">;
  /** Whether all namespaces may be read. */
  readonly everywhere: boolean;
}): UnwatchedObjects {
  const { client, clusters, everywhere } = options;
  const namespaces = new Map<string, Map<string, Promise<Places>>>();

  async function owned(place: ObjectReference, within: { readonly namespace?: string }): Promise<Places> {
    const type = typeOf(place, Object.values(resourceTypes));
    const labelSelector = `!${dialectLabel}`;
    try {
      const objects = await client.list(type, {
        ...within,
        labelSelector,
        metadataOnly: true,
        only: isOwned,
      });
      return new Set(objects.map(({ metadata: { namespace, name } }) => `${namespace ?? ""}/${name}`));
    } catch (error) {
      // A kind that is not served has no objects.
      if (ApiError.is(error, "NotFound")) return new Set();
      throw error;
    }
  }

  const knownOf = (namespace: string): Map<string, Promise<Places>> => {
    const kinds = namespaces.get(namespace) ?? new Map<string, Promise<Places>>();
    namespaces.set(namespace, kinds);
    return kinds;
  };

  function lookUp(place: ObjectReference, namespace: string): Promise<Places> {
    const { kind } = place;
    const others = everywhere ? [...clusters.keys()].filter((name) => !namespaces.get(name)?.has(kind)) : [];
    const together = others.length >= manyNamespaces;
    const places = owned(place, together ? {} : { namespace });
    // Only for those that are there by now: what comes later is looked up when it comes.
    for (const name of together ? new Set([namespace, ...others]) : [namespace]) {
      knownOf(name).set(kind, places);
    }
    return places;
  }

  return {
    async mayStand(place) {
      const { kind, namespace, name } = place;
      if (completelyWatched.has(kind)) return false;
      if (namespace === undefined) return true;
      const places = namespaces.get(namespace)?.get(kind) ?? lookUp(place, namespace);
      try {
        return (await places).has(`${namespace}/${name}`);
      } catch (error) {
        namespaces.get(namespace)?.delete(kind);
        throw error;
      }
    },
    forget: (namespace) => void namespaces.delete(namespace),
  };
}

function isOwned({ metadata: { ownerReferences = [] } }: KubernetesObject): boolean {
  return ownerReferences.some(({ apiVersion }) =>
    apiVersion.startsWith(`${langopTypes.LanguageCluster.group}/`),
  );
}

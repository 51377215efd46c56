import { isDeepStrictEqual } from "node:util";
import type { Resource } from "@gatewright/dialects";
import type { KubernetesObject } from "@gatewright/reconcile";

/** An object of the API server as the readers of the dialect take it. */
export function resourceOf({ apiVersion, kind, metadata, spec }: KubernetesObject): Resource {
  const { name, namespace, uid, generation, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(generation === undefined ? {} : { generation }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    // What the API server stores is JSON.
    ...(spec === undefined ? {} : { spec: spec as NonNullable<Resource["spec"]> }),
  };
}

/**
 * Whether two states of an object differ in nothing that `resourceOf` or a deletion shows, like those before and after
 * a change of status.
 */
export function declaresTheSame({ metadata: one }: KubernetesObject, { metadata: other }: KubernetesObject) {
  return (
    one.uid === other.uid &&
    one.generation === other.generation &&
    one.deletionTimestamp === other.deletionTimestamp &&
    isDeepStrictEqual([one.labels, one.annotations], [other.labels, other.annotations])
  );
}

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

import { sortedByKey } from "./config-map.ts";
import type { KubernetesObject, Metadata } from "./object.ts";

/** A Secret of type Opaque. `data` holds values in clear; the object holds them in base64. */
export function secret(metadata: Metadata, data: { readonly [key: string]: string }): KubernetesObject {
  const encoded = Object.entries(data).map(
    ([key, value]) => [key, Buffer.from(value, "utf8").toString("base64")] as const,
  );
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata,
    type: "Opaque",
    data: sortedByKey(Object.fromEntries(encoded)),
  };
}

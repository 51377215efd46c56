import type { KubernetesObject, Metadata } from "./object.ts";

/** Most bytes that the values of a ConfigMap or a Secret may have together; the API server refuses more. */
export const mostDataBytes = 1024 * 1024;

/** A ConfigMap, its keys sorted. */
export function configMap(metadata: Metadata, data: { readonly [key: string]: string }): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: sortedByKey(data) };
}

/** UTF-8 bytes of all values, as the API server counts them. */
export function dataBytes(data: { readonly [key: string]: string }): number {
  return Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, "utf8"), 0);
}

/** A map with its keys in the order of their UTF-16 code units. */
export function sortedByKey<T>(map: { readonly [key: string]: T }): { readonly [key: string]: T } {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

import type { World } from "./dialect.ts";

/** The data of a ConfigMap, empty if it has none; absent when there is no such ConfigMap. */
export function configMapData(
  world: World,
  namespace: string,
  name: string,
): { readonly [key: string]: string } | undefined {
  const found = world.resources.find(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === "v1" &&
      kind === "ConfigMap" &&
      metadata.namespace === namespace &&
      metadata.name === name,
  );
  return found === undefined ? undefined : (found.data ?? {});
}

import type { World } from "./dialect.ts";
import type { Manifest } from "./manifest.ts";

/**
 * The world that a set of manifests describes.
 *
 * A folder need not hold every Secret (values often come from the environment or are kept elsewhere), so one that is
 * not there is `unknown`, unless `secrets` says that all there are have been given.
 */
export function worldOf(
  manifests: readonly Manifest[],
  options: { readonly secrets?: "partial" | "complete" } = {},
): World {
  const keys = new Map<string, readonly string[]>();
  for (const { resource, secret } of manifests) {
    if (secret === undefined) continue;
    const { namespace = "", name } = resource.metadata;
    keys.set(`${namespace}/${name}`, Object.keys(secret.values).sort());
  }
  const configMaps = new Map<string, { readonly [key: string]: string }>();
  for (const { resource } of manifests) {
    const { namespace = "", name } = resource.metadata;
    if (resource.apiVersion === "v1" && resource.kind === "ConfigMap")
      configMaps.set(`${namespace}/${name}`, resource.data ?? {});
  }
  const otherwise = options.secrets === "complete" ? "absent" : "unknown";
  return {
    resources: manifests.filter((manifest) => manifest.secret === undefined).map(({ resource }) => resource),
    secretKeys: (namespace, name) => keys.get(`${namespace}/${name}`) ?? otherwise,
    configMap: (namespace, name) => configMaps.get(`${namespace}/${name}`),
  };
}

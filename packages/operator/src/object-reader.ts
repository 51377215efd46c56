import type { Client, KubernetesObject, ReflectorHandle, ResourceType } from "@gatewright/reconcile";

/** What is remembered of objects that are watched by their metadata only, each for as long as its version stands. */
export interface ObjectReader<T> {
  /** Its resourceVersion in the watch; absent when there is no such object. */
  version(namespace: string, name: string): string | undefined;
  /** What is remembered; `stale` when the object has to be loaded (again) first. */
  known(namespace: string, name: string): T | "absent" | "stale";
  load(namespace: string, name: string): Promise<void>;
}

/**
 * Reads objects by name when their watched metadata says that they changed. `keep` is what is remembered: of Secrets
 * the names of their keys, never a value.
 */
export function objectReader<T extends object>(options: {
  readonly client: Client;
  readonly type: ResourceType;
  readonly watched: ReflectorHandle<KubernetesObject>;
  readonly keep: (object: KubernetesObject) => T;
}): ObjectReader<T> {
  const { client, type, watched, keep } = options;
  const remembered = new Map<string, { readonly version: string; readonly value: T }>();
  const loading = new Map<string, { readonly version: string; readonly loaded: Promise<void> }>();
  const version = (namespace: string, name: string): string | undefined =>
    watched.store.get(`${namespace}/${name}`)?.metadata.resourceVersion;
  watched.onChange((key, _, current) => {
    if (current === undefined) remembered.delete(key);
  });
  async function loadAs(
    key: string,
    current: string,
    place: { readonly namespace: string; readonly name: string },
  ): Promise<void> {
    const object = await client.get(type, place);
    // Remembered under the version of the watch, which may lag behind: a later event then loads once more.
    if (object !== undefined) remembered.set(key, { version: current, value: keep(object) });
  }

  return {
    version,
    known(namespace, name) {
      const current = version(namespace, name);
      if (current === undefined) return "absent";
      const found = remembered.get(`${namespace}/${name}`);
      return found?.version === current ? found.value : "stale";
    },
    async load(namespace, name) {
      const key = `${namespace}/${name}`;
      const current = version(namespace, name);
      if (current === undefined) return;
      const same = loading.get(key);
      if (same?.version === current) return same.loaded;
      const own = { version: current, loaded: loadAs(key, current, { namespace, name }) };
      loading.set(key, own);
      try {
        await own.loaded;
      } finally {
        if (loading.get(key) === own) loading.delete(key);
      }
    },
  };
}

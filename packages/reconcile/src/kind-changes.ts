import type { KubernetesObject } from "./object.ts";
import { createReflector, type Reflector, type ReflectorContext } from "./reflector.ts";
import type { KindChanges } from "./reflector-feed.ts";
import { type ResourceType, resourceTypes } from "./resource-type.ts";

/** Tells of kinds that come and go: one metadata-only watch on their definitions, shared by all that ask. */
export interface KindWatch {
  of(type: ResourceType): KindChanges;
  /** Runs the watch if anybody asked. */
  run(signal: AbortSignal): Promise<void>;
}

export function createKindWatch(context: Omit<ReflectorContext, "kinds">): KindWatch {
  let reflector: Reflector<true> | undefined;
  const listeners = new Map<string, Set<(gone: boolean) => void>>();

  const watched = (): Reflector<true> => {
    if (reflector !== undefined) return reflector;
    // Who may not watch definitions may never; asking seldom is enough, and the absent kinds are polled meanwhile.
    const { timing } = context;
    const seldom = { ...timing, longestPauseMilliseconds: timing.pollMilliseconds };
    reflector = createReflector<true>(
      {
        type: resourceTypes.CustomResourceDefinition,
        metadataOnly: true,
        keep: (_: KubernetesObject): true => true,
      },
      { ...context, timing: seldom, kinds: { of: unfollowed } },
    );
    reflector.onChange((name, _, value) => {
      for (const listener of listeners.get(name) ?? []) listener(value === undefined);
    });
    return reflector;
  };

  return {
    of(type) {
      const definitions = watched();
      const name = `${type.plural}.${type.group}`;
      return {
        get watching() {
          return definitions.store.synced;
        },
        follow(changed) {
          const followers = listeners.get(name) ?? new Set();
          listeners.set(name, followers);
          followers.add(changed);
          return () => {
            followers.delete(changed);
          };
        },
      };
    },
    async run(signal) {
      await reflector?.run(signal);
    },
  };
}

/** The watch on definitions itself is not optional. */
function unfollowed(): KindChanges {
  return { watching: false, follow: () => () => {} };
}

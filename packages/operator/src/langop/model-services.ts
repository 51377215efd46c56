import { type DesiredObjects, modelServiceLabel } from "@gatewright/dialects";
import { type Client, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";
import type { LangopStores } from "./langop-stores.ts";
import type { WriteFailure } from "./object-writer.ts";

/**
 * Keeps the Services that answer to the names of models in step (decisions: namespaces without a LanguageCluster): a
 * name that somebody else has is left to them, and Services of models that are gone go too.
 */
export interface ModelServices {
  /** Looks again at the names that were taken, as far as there still are models of these names. */
  refresh(namespace: string, models: readonly string[]): Promise<void>;
  /** Whether names are taken by what no watch shows: they have to be looked at again. */
  anyTaken(namespace: string): boolean;
  readonly isFree: (namespace: string) => (name: string) => boolean;
  /** The desired objects, with Services of models that are gone in `absent`. */
  withStale(namespace: string, desired: DesiredObjects): DesiredObjects;
  /** Remembers the names that turned out to be taken; what is left are failures of another kind. */
  learn(
    namespace: string,
    desired: Pick<DesiredObjects, "objects">,
    failures: readonly WriteFailure[],
  ): readonly WriteFailure[];
  forget(namespace: string): void;
}

export function createModelServices(
  client: Client,
  stores: LangopStores,
  isForeign: (error: unknown) => boolean,
): ModelServices {
  const taken = new Map<string, ReadonlySet<string>>();
  const services = stores.written.get("Service");
  const ours = (namespace: string): readonly KubernetesObject[] =>
    (services?.store.by("namespace", namespace) ?? []).filter(
      ({ metadata }) => metadata.labels?.[modelServiceLabel] !== undefined,
    );
  return {
    async refresh(namespace, models) {
      for (const name of taken.get(namespace) ?? []) {
        const wanted = models.includes(name);
        if (wanted && (await client.get(resourceTypes.Service, { namespace, name })) !== undefined) continue;
        taken.set(namespace, new Set([...(taken.get(namespace) ?? [])].filter((other) => other !== name)));
      }
    },
    anyTaken: (namespace) => (taken.get(namespace)?.size ?? 0) > 0,
    isFree: (namespace) => (name) => taken.get(namespace)?.has(name) !== true,
    withStale(namespace, desired) {
      const wanted = new Set(
        desired.objects.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name),
      );
      const stale = ours(namespace)
        .map(({ metadata }) => metadata.name)
        .filter((name) => !wanted.has(name));
      if (stale.length === 0) return desired;
      const absent = stale.map((name) => ({ apiVersion: "v1", kind: "Service", namespace, name }));
      return { ...desired, absent: [...desired.absent, ...absent] };
    },
    learn(namespace, { objects }, failures) {
      // Without the others, like the gateway's, the cluster does not do.
      const others = new Set(
        objects
          .filter(
            ({ kind, metadata }) => kind === "Service" && metadata.labels?.[modelServiceLabel] === undefined,
          )
          .map(({ metadata }) => metadata.name),
      );
      const found = failures.filter(
        ({ object, error }) => object.kind === "Service" && !others.has(object.name) && isForeign(error),
      );
      if (found.length > 0) {
        const names = found.map(({ object }) => object.name);
        taken.set(namespace, new Set([...(taken.get(namespace) ?? []), ...names]));
      }
      return failures.filter((failure) => !found.includes(failure));
    },
    forget: (namespace) => void taken.delete(namespace),
  };
}

import type { DesiredObjects, ObjectReference } from "@gatewright/dialects";
import { type Applier, type KubernetesObject, keyText, resourceTypes, typeOf } from "@gatewright/reconcile";
import type { LangopContext } from "./context.ts";
import { asApplied } from "./langop-stores.ts";

/** What could not be written. Nothing of it keeps the other objects from being written. */
export interface WriteFailure {
  readonly object: ObjectReference;
  readonly error: unknown;
}

/** What writing the objects of one gateway came to. */
export interface Written {
  readonly failures: readonly WriteFailure[];
  /** True when something was created, changed or deleted. */
  readonly changed: boolean;
}

/** Writes what should stand and removes what should not, in order, each on its own. */
export async function writeObjects(
  desired: Pick<DesiredObjects, "objects" | "absent">,
  applier: Applier,
  { stores, unwatched }: Pick<LangopContext, "stores" | "unwatched">,
  owner: string | undefined,
): Promise<Written> {
  const failures: WriteFailure[] = [];
  let changed = false;
  const watched = ({ kind, namespace, name }: ObjectReference): KubernetesObject | undefined =>
    stores.written.get(kind)?.store.get(keyText(namespace === undefined ? { name } : { namespace, name }));
  for (const object of desired.objects) {
    const place = referenceTo(object);
    try {
      const { result } = await applier.apply(object, asApplied(watched(place)));
      changed ||= result !== "unchanged";
    } catch (error) {
      failures.push({ object: place, error });
    }
  }
  for (const place of desired.absent) {
    const { namespace, name } = place;
    try {
      const type = typeOf(place, Object.values(resourceTypes));
      const key = namespace === undefined ? { name } : { namespace, name };
      const result = await applier.remove(type, key, watched(place), {
        ...(owner === undefined ? {} : { owner }),
        mayStand: () => unwatched.mayStand(place),
      });
      changed ||= result === "deleted";
    } catch (error) {
      failures.push({ object: place, error });
    }
  }
  return { failures, changed };
}

function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  const { namespace, name } = metadata;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

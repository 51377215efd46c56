import { ApiError } from "./api-error.ts";
import { canonicalHash } from "./canonical.ts";
import type { Client } from "./client.ts";
import { controllerOf, ForeignObjectError } from "./foreign-object-error.ts";
import { appliedEntry, handOverFields } from "./managed-fields.ts";
import { type KubernetesObject, keyText, type ObjectKey, objectKey } from "./object.ts";
import { apiVersionOf, type ResourceType } from "./resource-type.ts";

export interface ApplierOptions {
  /** The field manager: one a controller. */
  readonly manager: string;
  /** Managers whose Update entries of an object become ours before we apply it the first time: the replaced operator's. */
  readonly adopt: readonly string[];
  /** Whether an object that no owner tells is ours. Default: it bears the label `gatewright.dev/dialect`. */
  readonly ours?: (object: KubernetesObject) => boolean;
}

export interface ApplyResult {
  readonly result: "unchanged" | "created" | "configured";
  readonly resourceVersion?: string;
  readonly uid?: string;
}

/** What one controller writes with. Made for one process; its memory is only there to save requests. */
export interface Applier {
  /**
   * Writes the object unless it stands as it is wanted: then, with the object in the cache, no request is made.
   * `watched` is the cached object or its metadata, with managedFields; undefined when the cache has none.
   * Only what `desired` says is ours: what others add stays, what we said before and say no more goes.
   * Safe to repeat after any failure.
   * @throws ForeignObjectError when another's object is in the place: it has another owner, or, if ours is to have one,
   * no owner and nothing that says it is ours or the replaced operator's.
   * @throws ApiError; `Invalid` with the server's causes when a field cannot be changed any more. The object is then not
   * deleted and made again, with one exception: a (Cluster)RoleBinding whose roleRef has changed, which carries no state
   * and which nobody could correct otherwise.
   */
  apply(desired: KubernetesObject, watched: KubernetesObject | undefined): Promise<ApplyResult>;
  /**
   * Deletes the object if it is there and ours: steered by `owner` (a uid), or borne by `ours` and steered by nobody
   * else. Anything else is left alone and counts as absent, and so does what is being deleted already.
   */
  remove(
    type: ResourceType,
    key: ObjectKey,
    watched: KubernetesObject | undefined,
    options?: {
      readonly owner?: string;
      /**
       * Asked before an object is looked for that neither the cache nor this process knows. False saves the request; it
       * must be true when the object may stand without the label that the cache goes by.
       */
      readonly mayStand?: () => Promise<boolean>;
    },
  ): Promise<"absent" | "deleted">;
  /** Lets go of what is remembered of the object, after its owner is gone. */
  forget(type: ResourceType, key: ObjectKey): void;
}

/** What we know of an object from our own last write, which the cache may not show yet. */
type Memory =
  | {
      readonly kind: "applied";
      readonly intent: string;
      /** Hash of our managedFields entry after the write. */
      readonly fields: string;
      readonly uid: string;
      /** What the cache showed when we wrote: as long as it shows just that, it has not seen the write. */
      readonly before: string | undefined;
    }
  | { readonly kind: "absent" }
  | { readonly kind: "deleted"; readonly uid: string };

export function createApplier(client: Client, options: ApplierOptions): Applier {
  const { manager, adopt, ours = bearsLabel } = options;
  const memories = new Map<string, Memory>();

  function remember(place: string, memory: Memory): void {
    memories.delete(place);
    memories.set(place, memory);
    if (memories.size > MOST_MEMORIES) {
      for (const oldest of memories.keys()) {
        memories.delete(oldest);
        break;
      }
    }
  }

  function stands(place: string, intent: string, watched: KubernetesObject): boolean {
    const memory = memories.get(place);
    if (memory?.kind !== "applied" || memory.intent !== intent || memory.uid !== watched.metadata.uid) {
      return false;
    }
    return (
      memory.before === watched.metadata.resourceVersion || memory.fields === fieldsHash(watched, manager)
    );
  }

  async function writeOnto(
    type: ResourceType,
    desired: KubernetesObject,
    standing: KubernetesObject | undefined,
  ): Promise<KubernetesObject> {
    if (standing === undefined) return client.apply(desired, { manager });
    await handOver(type, desired, standing);
    try {
      return await client.apply(desired, { manager });
    } catch (error) {
      if (!isChangedRoleRef(desired, error) || !mayDelete(standing, controllerOf(desired)?.uid)) throw error;
      await client.delete(type, objectKey(desired), deletionOf(standing));
      return client.apply(desired, { manager });
    }
  }

  async function handOver(
    type: ResourceType,
    desired: KubernetesObject,
    standing: KubernetesObject,
  ): Promise<void> {
    const { managedFields = [], resourceVersion } = standing.metadata;
    const entries = handOverFields(managedFields, { manager, adopt, release: releasedBy(desired) });
    if (entries === undefined) return;
    await client.jsonPatch(
      type,
      objectKey(desired),
      [
        { op: "replace", path: "/metadata/managedFields", value: entries },
        // Makes the server refuse the patch, as Conflict, when the entries are not those that were read.
        { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
      ],
      { manager },
    );
  }

  function mayTake(object: KubernetesObject): boolean {
    const { managedFields = [] } = object.metadata;
    const writers = managedFields.filter(({ subresource }) => subresource === undefined);
    // One that lost its owner by restoring a backup still says who wrote it.
    return ours(object) || writers.some(({ manager: name = "" }) => adopt.includes(name) || name === manager);
  }

  function mayDelete(object: KubernetesObject, owner: string | undefined): boolean {
    const controller = controllerOf(object);
    if (controller !== undefined) return controller.uid === owner || (owner === undefined && ours(object));
    return ours(object) || object.metadata.ownerReferences?.some(({ uid }) => uid === owner) === true;
  }

  return {
    async apply(desired, watched) {
      const type = client.typeOf(desired);
      const key = objectKey(desired);
      const place = placeOf(type, key);
      const intent = canonicalHash(desired);
      if (watched !== undefined && stands(place, intent, watched)) return result("unchanged", watched);
      // The cache holds only objects with our label: one that is to be adopted, or a foreign one, is not in it.
      let standing = watched ?? (await client.get(type, key, { metadataOnly: true }));
      if (standing !== undefined && stands(place, intent, standing)) return result("unchanged", standing);
      for (let tries = 1; ; tries++) {
        refuseForeign(desired, standing, mayTake);
        try {
          const written = await writeOnto(type, desired, standing);
          const { uid, resourceVersion } = written.metadata;
          remember(place, {
            kind: "applied",
            intent,
            fields: fieldsHash(written, manager),
            uid: uid ?? "",
            before: watched?.metadata.resourceVersion,
          });
          if (standing?.metadata.uid !== uid) return result("created", written);
          const same = standing?.metadata.resourceVersion === resourceVersion;
          return result(same ? "unchanged" : "configured", written);
        } catch (error) {
          if (!ApiError.is(error, "Conflict", "NotFound") || tries === MOST_TRIES) throw error;
          // The cache was behind: the entries we were to move are not those of the object as it is now.
          const current = await client.get(type, key, { metadataOnly: true });
          if (current?.metadata.resourceVersion === standing?.metadata.resourceVersion) throw error;
          standing = current;
        }
      }
    },
    async remove(type, key, watched, { owner, mayStand } = {}) {
      const place = placeOf(type, key);
      const memory = memories.get(place);
      if (watched === undefined && memory?.kind === "absent") return "absent";
      // What this process wrote may stand although the cache does not show it yet.
      if (watched === undefined && memory === undefined && (await mayStand?.()) === false) {
        remember(place, { kind: "absent" });
        return "absent";
      }
      const standing = watched ?? (await client.get(type, key, { metadataOnly: true }));
      if (standing === undefined || !mayDelete(standing, owner)) {
        // What becomes ours later carries our label, and the cache shows it then.
        remember(place, { kind: "absent" });
        return "absent";
      }
      const { uid, deletionTimestamp } = standing.metadata;
      if (deletionTimestamp !== undefined) return "absent";
      if (memory?.kind === "deleted" && memory.uid === uid) return "absent";
      await client.delete(type, key, deletionOf(standing));
      remember(place, { kind: "deleted", uid: uid ?? "" });
      return "deleted";
    },
    forget(type, key) {
      memories.delete(placeOf(type, key));
    },
  };
}

/**
 * An object that is to have an owner is not taken from another one, nor from a user who happened to give it this name:
 * only if it is ours, or was written by the operator that is replaced.
 */
function refuseForeign(
  desired: KubernetesObject,
  standing: KubernetesObject | undefined,
  mayTake: (object: KubernetesObject) => boolean,
): void {
  if (standing === undefined) return;
  const [owner, wanted] = [controllerOf(standing), controllerOf(desired)];
  if (owner === undefined ? wanted !== undefined && !mayTake(standing) : owner.uid !== wanted?.uid) {
    throw new ForeignObjectError(desired, owner);
  }
}

/** With the uid, so that an object that was made anew in the meantime stays. */
function deletionOf({ metadata: { uid } }: KubernetesObject): { readonly uid?: string } {
  return uid === undefined ? {} : { uid };
}

/** Fields that somebody else steers when we say nothing of them; leaving them out must not reset them. */
function releasedBy(desired: KubernetesObject): readonly (readonly string[])[] {
  return SCALED.has(desired.kind) && !saysReplicas(desired) ? [["f:spec", "f:replicas"]] : [];
}

function saysReplicas({ spec }: KubernetesObject): boolean {
  return typeof spec === "object" && spec !== null && "replicas" in spec && spec.replicas !== undefined;
}

function isChangedRoleRef({ kind }: KubernetesObject, error: unknown): boolean {
  return (
    (kind === "RoleBinding" || kind === "ClusterRoleBinding") &&
    ApiError.is(error, "Invalid") &&
    error.causes.some(({ field }) => field === "roleRef")
  );
}

function fieldsHash(object: KubernetesObject, manager: string): string {
  return canonicalHash(appliedEntry(object.metadata.managedFields ?? [], manager)?.fieldsV1 ?? {});
}

function result(word: ApplyResult["result"], { metadata }: KubernetesObject): ApplyResult {
  const { uid, resourceVersion } = metadata;
  return {
    result: word,
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

function bearsLabel({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.["gatewright.dev/dialect"] !== undefined;
}

function placeOf(type: ResourceType, key: ObjectKey): string {
  return `${apiVersionOf(type)} ${type.plural} ${keyText(key)}`;
}

const SCALED: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "ReplicaSet"]);

/** A memory that is lost costs one request. This many take about 20 MB. */
const MOST_MEMORIES = 50_000;

const MOST_TRIES = 4;

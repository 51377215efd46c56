import { conditionEvents, eventsOf, type StatusIntent } from "@gatewright/dialects";
import type { Finding, JsonObject } from "@gatewright/plan";
import {
  type Client,
  type Condition,
  type KubernetesObject,
  nextConditions,
  objectKey,
  type Recorder,
  type ResourceType,
  statusPatch,
} from "@gatewright/reconcile";

/** Writes the status of the objects of one kind, and tells Events what is new. */
export interface StatusWriter {
  /** The status as it stands: as the watch shows it, or as it was written last, where the watch does not show that yet. */
  standing(object: KubernetesObject): JsonObject;
  write(object: KubernetesObject, intent: StatusIntent, findings: readonly Finding[]): Promise<void>;
  forget(key: string): void;
}

export interface StatusWriterOptions {
  readonly client: Client;
  readonly type: ResourceType;
  readonly events: Recorder;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createStatusWriter({ client, type, events, now }: StatusWriterOptions): StatusWriter {
  const told = new Map<string, readonly Finding[]>();
  /** What was written onto which version: a pass that comes before the watch shows it must not write it again. */
  const written = new Map<string, { readonly onto: string | undefined; readonly status: PreviousStatus }>();

  function standing(object: KubernetesObject): PreviousStatus {
    const { namespace = "", name } = objectKey(object);
    const last = written.get(`${namespace}/${name}`);
    return last?.onto === versionOf(object) ? last.status : ((object["status"] ?? {}) as PreviousStatus);
  }

  return {
    standing: (object) => standing(object) as JsonObject,
    async write(object, intent, findings) {
      const key = objectKey(object);
      const name = `${key.namespace ?? ""}/${key.name}`;
      const previous = standing(object);
      const conditions = nextConditions(previous.conditions, intent.conditions, {
        generation: object.metadata.generation,
        now: now(),
      });
      const next = { phase: intent.phase, ...intent.fields, conditions };
      const patch = statusPatch(previous, next);
      if (patch !== undefined) {
        const { status } = await client.mergePatch(type, key, patch, { subresource: "status" });
        written.set(name, { onto: versionOf(object), status: (status ?? {}) as PreviousStatus });
      }
      const before = told.get(name) ?? (degraded(previous) ? findings : []);
      told.set(name, findings);
      for (const event of [
        ...conditionEvents(conditions, previous.conditions ?? []),
        ...eventsOf(findings, before),
      ]) {
        events.event(object, event);
      }
    },
    forget(key) {
      const name = key.includes("/") ? key : `/${key}`;
      told.delete(name);
      written.delete(name);
    },
  };
}

function versionOf({ metadata }: KubernetesObject): string {
  return `${metadata.uid} ${metadata.resourceVersion}`;
}

interface PreviousStatus {
  readonly conditions?: readonly Condition[];
}

/** After a restart nobody remembers what was told; a status that already speaks of findings says it was. */
function degraded({ conditions = [] }: PreviousStatus): boolean {
  return conditions.some(({ type, status }) => type === "Degraded" && status === "True");
}

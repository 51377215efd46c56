import { randomBytes } from "node:crypto";
import { ApiError } from "./api-error.ts";
import type { Client } from "./client.ts";
import type { Clock } from "./clock.ts";
import { microTime } from "./lease-record.ts";
import { errorText, type Logger } from "./logger.ts";
import type { KubernetesObject } from "./object.ts";
import { resourceTypes } from "./resource-type.ts";

/** What happened to an object, for the people who look at it with `kubectl describe`. */
export interface EventIntent {
  readonly type: "Normal" | "Warning";
  /** Why, in one CamelCase word; at most 128 characters. */
  readonly reason: string;
  /** What was done or failed, in one CamelCase word; at most 128 characters. */
  readonly action: string;
  /** A sentence without secrets; cut at 1,024 bytes. */
  readonly note: string;
}

/** Writes Events (events.k8s.io/v1) in the background: nothing it meets can fail or delay a pass. */
export interface Recorder {
  event(object: Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">, intent: EventIntent): void;
  /** Resolves when everything said so far is written or given up. */
  settled(): Promise<void>;
  /** Writes nothing any more. */
  stop(): void;
}

export interface RecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** reportingController: qualified, like `gatewright.dev/langop`. */
  readonly controller: string;
  /** reportingInstance: which process. */
  readonly instance: string;
}

/** The same said again within this counts as one series. */
const SERIES_MILLISECONDS = 360_000;
/** A series is written again at most this often. */
const SERIES_WRITE_MILLISECONDS = 60_000;
/** New events about one object: so many at once, then one per refill. The limits of Kubernetes' own recorder. */
const BURST = 25;
const REFILL_MILLISECONDS = 300_000;
/** Events that wait to be written; what comes on top is dropped. */
const MOST_WAITING = 500;
/** Series and objects remembered. */
const MOST_REMEMBERED = 2000;
/** An object without a namespace has its events here. */
const CLUSTER_NAMESPACE = "default";

interface Series {
  readonly place: { readonly namespace: string; readonly name: string };
  readonly event: KubernetesObject;
  count: number;
  /** Epoch milliseconds. */
  lastSeen: number;
  /** Monotonic milliseconds. */
  seenAt: number;
  writtenAt: number;
  /** Takes the write back that is still to come, when one is. */
  pending: (() => void) | undefined;
}

interface Allowance {
  tokens: number;
  at: number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { client, clock, logger } = options;
  const known = new Map<string, Series>();
  const allowances = new Map<string, Allowance>();
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let stopped = false;

  /** One after the other: events are never worth a burst of requests. */
  const write = (what: () => Promise<unknown>): void => {
    if (stopped || waiting >= MOST_WAITING) return;
    waiting += 1;
    last = last.then(async () => {
      try {
        if (!stopped) await what();
      } catch (error) {
        logger.debug({ error: errorText(error) }, "an event was not written");
      } finally {
        waiting -= 1;
      }
    });
  };

  const writeSeries = (series: Series): void => {
    series.pending = undefined;
    series.writtenAt = clock.monotonic();
    write(async () => {
      const body = { series: { count: series.count, lastObservedTime: microTime(series.lastSeen) } };
      try {
        await client.mergePatch(resourceTypes.Event, series.place, body);
      } catch (error) {
        // The server forgets events after an hour.
        if (!ApiError.is(error, "NotFound")) throw error;
        await client.create({ ...series.event, ...body });
      }
    });
  };

  const repeat = (series: Series): void => {
    series.count += 1;
    series.lastSeen = clock.now();
    series.seenAt = clock.monotonic();
    if (series.pending !== undefined) return;
    const due = series.count === 2 ? 0 : series.writtenAt + SERIES_WRITE_MILLISECONDS - clock.monotonic();
    if (due <= 0) writeSeries(series);
    else series.pending = clock.after(due, () => writeSeries(series));
  };

  const allowed = (object: string): boolean => {
    const now = clock.monotonic();
    const { tokens, at } = allowances.get(object) ?? { tokens: BURST, at: now };
    const filled = Math.min(BURST, tokens + (now - at) / REFILL_MILLISECONDS);
    remember(allowances, object, { tokens: filled >= 1 ? filled - 1 : filled, at: now });
    return filled >= 1;
  };

  return {
    event(object, { type, reason, action, note }) {
      if (stopped) return;
      const { name, namespace = CLUSTER_NAMESPACE, uid = "" } = object.metadata;
      const subject = `${object.kind}/${namespace}/${name}/${uid}`;
      const text = cut(note);
      const identity = JSON.stringify([subject, type, reason, action, text]);
      const before = known.get(identity);
      if (before !== undefined && clock.monotonic() - before.seenAt < SERIES_MILLISECONDS) {
        return repeat(before);
      }
      if (!allowed(subject)) return;
      const place = { namespace, name: `${name.slice(0, 230)}.${randomBytes(8).toString("hex")}` };
      const now = clock.now();
      const event: KubernetesObject = {
        apiVersion: "events.k8s.io/v1",
        kind: "Event",
        metadata: place,
        eventTime: microTime(now),
        reportingController: options.controller,
        reportingInstance: options.instance.slice(0, 128),
        type,
        reason,
        action,
        note: text,
        regarding: regardingOf(object),
      };
      const at = clock.monotonic();
      const forgotten = remember(known, identity, {
        place,
        event,
        count: 1,
        lastSeen: now,
        seenAt: at,
        writtenAt: at,
        pending: undefined,
      });
      forgotten?.pending?.();
      write(async () => client.create(event));
    },
    settled: async () => last,
    stop() {
      stopped = true;
      for (const { pending } of known.values()) pending?.();
    },
  };
}

function regardingOf({
  apiVersion,
  kind,
  metadata,
}: Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">) {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}

/** Keeps a map from growing without end: what has stood longest goes, and is the answer. */
function remember<V>(map: Map<string, V>, key: string, value: V): V | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST_REMEMBERED) return undefined;
  const [oldest] = map;
  if (oldest === undefined) return undefined;
  map.delete(oldest[0]);
  return oldest[1];
}

/** At most 1,024 bytes of whole characters: the API server refuses longer notes. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= 1024) return note;
  return `${bytes.subarray(0, 1020).toString().replace(/�+$/, "")}…`;
}

import { ApiError, errorOf, errorOfStatus } from "./api-error.ts";
import { breathe, type Clock, pause } from "./clock.ts";
import { errorText, type Logger } from "./logger.ts";
import type { KubernetesObject } from "./object.ts";
import type { KeptObject, ObjectPages } from "./reflector-list.ts";
import type { ReflectorTiming } from "./reflector-timing.ts";
import type { ApiRequest, Transport } from "./transport.ts";

/** Tells when the definition of a kind changes. */
export interface KindChanges {
  /** False where that cannot be told: then absent kinds have to be polled. */
  readonly watching: boolean;
  /** Calls `changed` whenever the kind's definition came, changed or went (`gone`). */
  follow(changed: (gone: boolean) => void): () => void;
}

/** What one list and watch feeds: all of a store, or the part of one namespace. */
export interface FeedTarget {
  /** Makes the part hold exactly these objects. */
  replace(objects: ReadonlyMap<string, KeptObject>): Promise<void>;
  put(object: KubernetesObject): void;
  remove(object: KubernetesObject): void;
  /** The part has been read completely for the first time, or its kind was found to be absent. */
  read(): void;
}

export interface FeedOptions {
  /** For log lines: kind and namespace. */
  readonly subject: { readonly kind: string; readonly namespace?: string };
  readonly transport: Transport;
  readonly pages: ObjectPages;
  readonly watchRequest: (version: string, timeoutSeconds: number) => ApiRequest;
  readonly target: FeedTarget;
  /** For a kind that may be absent. */
  readonly optional?: { readonly changes: KindChanges; readonly served: () => Promise<boolean> };
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly timing: ReflectorTiming;
}

export interface Feed {
  /** Reads and watches until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** False while the kind is known to be absent. */
  readonly attached: boolean;
  /** When the server last answered something, by the monotonic clock. */
  readonly contact: number;
}

/** How often an absent kind is looked for after its definition changed: serving it begins a little later. */
const LOOKS_AFTER_CHANGE = 9;
/** So many times in a row the kind of a filled store must be missing: a server that starts up may deny what it has. */
const MISSES_BEFORE_DETACHING = 3;
const MISS_PAUSE_MILLISECONDS = 1000;
/** Events handled in a row before others have their turn. */
const EVENTS_IN_A_ROW = 200;

export function createFeed(options: FeedOptions): Feed {
  const { target, timing, clock, logger, subject, optional } = options;
  let attached = false;
  let contact = clock.monotonic();
  /** From where to watch on; undefined when everything has to be read. */
  let version: string | undefined;
  let failures = 0;
  let misses = 0;
  /** What was last logged of the trouble that lasts; undefined when there is none. */
  let trouble: string | undefined;
  let looks = 0;
  let watching: AbortController | undefined;
  let wake: (() => void) | undefined;

  const definitionChanged = (gone: boolean): void => {
    looks = gone ? 0 : LOOKS_AFTER_CHANGE;
    if (!attached) failures = 0;
    if (gone && attached) {
      version = undefined;
      watching?.abort();
    }
    wake?.();
  };

  const rest = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    const awake = new AbortController();
    const stop = (): void => awake.abort();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    if (!attached) wake = stop;
    await pause(clock, milliseconds, awake.signal);
    wake = undefined;
    signal.removeEventListener("abort", stop);
  };

  const grown = (): number => {
    const bound = Math.min(timing.longestPauseMilliseconds, timing.firstPauseMilliseconds * 2 ** failures);
    failures = Math.min(failures + 1, 30);
    return bound * (0.5 + 0.5 * options.random());
  };

  const answered = (): void => {
    contact = clock.monotonic();
  };

  const works = (): void => {
    misses = 0;
    if (trouble === undefined) return;
    trouble = undefined;
    logger.info(subject, "reads and watches again");
  };

  const list = async (signal: AbortSignal): Promise<void> => {
    const { objects, version: read } = await options.pages.read(signal, answered);
    await target.replace(objects);
    attached = true;
    version = read;
    works();
    target.read();
  };

  /** Watches from `version` until the watch ends, however it ends. Throws what keeps it from going on. */
  const watchOn = async (from: string, signal: AbortSignal): Promise<void> => {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    let disarm = clock.after(Math.min(timing.openMilliseconds, timing.stallMilliseconds), stop);
    watching = abort;
    const opened = clock.monotonic();
    try {
      const seconds = Math.round((timing.watchMilliseconds * (1 + options.random())) / 1000);
      const request = options.watchRequest(from, seconds);
      const response = await options.transport.watch(request, abort.signal);
      answered();
      if (response.status !== 200) throw errorOf(request, { ...response, body: response.body });
      works();
      disarm();
      disarm = clock.after(timing.stallMilliseconds, stop);
      let inARow = 0;
      for await (const event of response.events) {
        disarm();
        if (abort.signal.aborted) return;
        answered();
        take(request, event);
        inARow += 1;
        if (inARow % EVENTS_IN_A_ROW === 0) await breathe();
        disarm = clock.after(timing.stallMilliseconds, stop);
      }
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      disarm();
      abort.abort();
      signal.removeEventListener("abort", stop);
      watching = undefined;
      if (clock.monotonic() - opened >= timing.healthyMilliseconds) failures = 0;
    }
  };

  const take = (request: ApiRequest, event: unknown): void => {
    if (!isWatchEvent(event)) throw new Error(`a line of the watch of ${request.path} is no watch event`);
    const { type, object } = event;
    if (type === "ERROR") throw errorOfStatus(request, object);
    if (type === "ADDED" || type === "MODIFIED") target.put(object);
    else if (type === "DELETED") target.remove(object);
    const seen = object.metadata.resourceVersion;
    if (seen !== undefined && version !== undefined) version = seen;
  };

  /** The kind is not there. */
  const missing = async (signal: AbortSignal): Promise<void> => {
    misses += 1;
    version = undefined;
    if (attached && misses < MISSES_BEFORE_DETACHING) return rest(MISS_PAUSE_MILLISECONDS, signal);
    if (attached) logger.info(subject, "the kind is gone");
    attached = false;
    trouble = undefined;
    await target.replace(new Map());
    target.read();
    if (looks > 0) {
      looks -= 1;
      return rest(grown(), signal);
    }
    const { pollMilliseconds } = timing;
    const spread = pollMilliseconds * (0.75 + 0.5 * options.random());
    await rest(optional?.changes.watching === true ? Number.MAX_SAFE_INTEGER : spread, signal);
  };

  const failed = async (error: unknown, signal: AbortSignal): Promise<void> => {
    // An answer, whatever it says, proves the way to the server; only without credentials a restart may help.
    if (error instanceof ApiError && error.status > 0 && error.code !== "Unauthorized") answered();
    if (optional !== undefined && ApiError.is(error, "NotFound")) return missing(signal);
    // Who may not read a kind is not told whether there is one; discovery is open to all.
    if (optional !== undefined && !attached && ApiError.is(error, "Forbidden")) {
      const served = await optional.served().catch(() => true);
      if (!served) return missing(signal);
    }
    if (startsAgain(error)) version = undefined;
    const least = (error instanceof ApiError ? (error.retryAfterSeconds ?? 0) : 0) * 1000;
    const milliseconds = Math.max(least, grown());
    const text = errorText(error);
    const expected = ApiError.is(error, "Gone") || (ApiError.is(error, "Unreachable") && failures === 1);
    if (text !== trouble && !expected) {
      trouble = text;
      logger.warn({ ...subject, error: text, pauseMilliseconds: Math.round(milliseconds) }, "cannot watch");
    }
    await rest(milliseconds, signal);
  };

  return {
    get attached() {
      return attached;
    },
    get contact() {
      return contact;
    },
    async run(signal) {
      const unfollow = optional?.changes.follow(definitionChanged);
      while (!signal.aborted) {
        try {
          const from = version;
          if (from === undefined) await list(signal);
          else {
            await watchOn(from, signal);
            if (!signal.aborted && version !== undefined) await rest(grown(), signal);
          }
        } catch (error) {
          if (!signal.aborted) await failed(error, signal);
        }
      }
      unfollow?.();
    },
  };
}

/**
 * Whether only reading everything again can help: the version is too old (410), or the server does not accept it, as
 * when its data was replaced by an older state (any other 4xx, or a version "too large").
 */
function startsAgain(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.causes.some(({ message }) => message.includes("Too large resource version"))) return true;
  const { status, code } = error;
  return status >= 400 && status < 500 && !["Unauthorized", "Forbidden", "TooManyRequests"].includes(code);
}

interface WatchEvent {
  readonly type: string;
  readonly object: KubernetesObject;
}

function isWatchEvent(event: unknown): event is WatchEvent {
  if (typeof event !== "object" || event === null) return false;
  const { type, object } = event as Partial<WatchEvent>;
  if (typeof type !== "string" || typeof object !== "object" || object === null) return false;
  return type === "ERROR" || typeof object.metadata === "object";
}

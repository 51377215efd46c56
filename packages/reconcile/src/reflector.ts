import { type Client, METADATA, METADATA_LIST } from "./client.ts";
import { breathe, type Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { type KubernetesObject, keyText } from "./object.ts";
import { createFeed, type Feed, type FeedTarget, type KindChanges } from "./reflector-feed.ts";
import { type KeptObject, objectPages } from "./reflector-list.ts";
import type { ReflectorTiming } from "./reflector-timing.ts";
import { apiVersionOf, pathOf, type ResourceType } from "./resource-type.ts";
import { type ChangeListener, ReflectedStore, type Store, type StoreOptions } from "./store.ts";
import type { ApiRequest } from "./transport.ts";

/** What is mirrored. */
export interface ReflectorOptions<T = KubernetesObject> extends StoreOptions<T> {
  readonly type: ResourceType;
  /** Only these, with a list and a watch each; all when unset. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  /** Only metadata travels: no spec, status or data. */
  readonly metadataOnly?: boolean;
  /**
   * The first reading takes what the API server has in its memory (its watch cache), as the controllers in Go do: it may be
   * as old as a watch may lag, but neither waits for etcd nor comes page by page, each of which waits again. All of it
   * is one answer: for kinds of which there are not many more than this program works on.
   */
  readonly atHandFirst?: boolean;
  /**
   * The kind may be absent: that counts as an empty store. It is attached when its definition appears and detached (the
   * store emptied) when that goes.
   */
  readonly optional?: boolean;
}

/** A store that follows the API server. */
export interface ReflectorHandle<T = KubernetesObject> {
  readonly type: ResourceType;
  readonly store: Store<T>;
  /** Calls back after every change of the store, the first reading included; the answer ends that. */
  onChange(listener: ChangeListener<T>): () => void;
  /** Resolves when the store is synced. */
  readonly ready: Promise<void>;
  /** False while an optional kind is absent. */
  readonly attached: boolean;
  /** Calls back when the kind has come or gone, its objects included; the answer ends that. */
  onAttached(listener: (attached: boolean) => void): () => void;
  /** Milliseconds since the server last said anything on any of its lists and watches (the quietest one counts). */
  contactAge(): number;
}

/** A reflector that can be run. */
export interface Reflector<T = KubernetesObject> extends ReflectorHandle<T> {
  /** Lists and watches until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ReflectorContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly timing: ReflectorTiming;
  /** Tells of changes of kinds; needed by optional reflectors. */
  readonly kinds: { of(type: ResourceType): KindChanges };
}

/** Changes applied in a row before others have their turn. */
const CHANGES_IN_A_ROW = 200;

export function createReflector<T = KubernetesObject>(
  options: ReflectorOptions<T>,
  context: ReflectorContext,
): Reflector<T> {
  const { clock } = context;
  const store = new ReflectedStore<T>(options.indexes);
  let resolveReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    resolveReady = resolve;
  });
  const places = options.namespaces === undefined ? [undefined] : [...new Set(options.namespaces)];
  const unread = new Set(places);
  const feeds = places.map((namespace) =>
    feedOf(
      options,
      context,
      namespace,
      targetOf(options, store, namespace, () => read(namespace)),
    ),
  );

  const attachments = new Set<(attached: boolean) => void>();
  let told = false;
  const isAttached = (): boolean => feeds.some((feed) => feed.attached);
  const read = (namespace: string | undefined): void => {
    if (told !== isAttached()) {
      told = !told;
      for (const listener of attachments) listener(told);
    }
    unread.delete(namespace);
    if (unread.size > 0 || store.synced) return;
    store.synced = true;
    resolveReady();
  };

  return {
    type: options.type,
    store,
    ready,
    onChange: (listener) => store.onChange(listener),
    get attached() {
      return isAttached();
    },
    onAttached(listener) {
      attachments.add(listener);
      return () => void attachments.delete(listener);
    },
    contactAge() {
      // A feed that sleeps because its kind is absent has nobody to hear from.
      const contacts = feeds.filter((feed) => feed.attached || !store.synced).map((feed) => feed.contact);
      return contacts.length === 0 ? 0 : clock.monotonic() - Math.min(...contacts);
    },
    async run(signal) {
      await Promise.all(feeds.map((feed) => feed.run(signal)));
    },
  };
}

/** One list and watch: of a namespace, or of everything. */
function feedOf<T>(
  options: ReflectorOptions<T>,
  context: ReflectorContext,
  namespace: string | undefined,
  target: FeedTarget,
): Feed {
  const { type } = options;
  const { client, clock, timing } = context;
  const path = pathOf(type, namespace === undefined ? {} : { namespace });
  const selector = options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector };
  const request = (query: { readonly [name: string]: string }, accept: string): ApiRequest => ({
    method: "GET",
    path,
    query: { ...selector, ...query },
    ...(options.metadataOnly === true ? { accept } : {}),
  });
  return createFeed({
    subject: { kind: type.kind, ...(namespace === undefined ? {} : { namespace }) },
    transport: client.transport,
    pages: objectPages({
      transport: client.transport,
      request: (query) => request(query, METADATA_LIST),
      take: (object) => ({ key: keyText(object.metadata), kept: keptOf(options, object) }),
      atHandFirst: options.atHandFirst === true,
      clock,
      pageMilliseconds: timing.openMilliseconds,
    }),
    watchRequest: (resourceVersion, timeoutSeconds) =>
      request(
        {
          watch: "true",
          allowWatchBookmarks: "true",
          resourceVersion,
          timeoutSeconds: String(timeoutSeconds),
        },
        METADATA,
      ),
    target,
    ...(options.optional === true
      ? { optional: { changes: context.kinds.of(type), served: async () => client.served(type) } }
      : {}),
    clock,
    random: context.random,
    logger: context.logger,
    timing,
  });
}

/** The part of the store that one feed owns. */
function targetOf<T>(
  options: ReflectorOptions<T>,
  store: ReflectedStore<T>,
  namespace: string | undefined,
  read: () => void,
): FeedTarget {
  const owned = (key: string): boolean => namespace === undefined || key.startsWith(`${namespace}/`);
  return {
    async replace(objects) {
      let inARow = 0;
      const breathing = async (): Promise<void> => {
        inARow += 1;
        if (inARow % CHANGES_IN_A_ROW === 0) await breathe();
      };
      for (const key of [...store.keys()]) {
        if (!owned(key) || objects.has(key)) continue;
        store.remove(key);
        await breathing();
      }
      for (const [key, { version, value }] of objects) {
        if (store.version(key) === version) continue;
        store.put(key, version, value as T);
        await breathing();
      }
    },
    put(object) {
      const { version, value } = keptOf(options, object);
      store.put(keyText(object.metadata), version, value as T);
    },
    remove(object) {
      store.remove(keyText(object.metadata));
    },
    read,
  };
}

/** Items of lists say no kind, and metadata-only objects another one. */
function keptOf<T>({ type, keep }: ReflectorOptions<T>, object: KubernetesObject): KeptObject {
  const named: KubernetesObject = { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
  return {
    version: object.metadata.resourceVersion ?? "",
    value: keep === undefined ? named : keep(named),
  };
}

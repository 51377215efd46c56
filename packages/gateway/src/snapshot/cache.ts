import type { Settings } from "@gatewright/litellm";
import { type Operation, operations } from "@gatewright/providers";
import type { Backend, CacheStores } from "../cache/cache-stores.ts";
import type { RedisAnswers } from "../cache/redis-store.ts";

/** How the answers of one group are kept (litellm.md §4.6). */
export interface GroupCache extends Backend {
  /** How long an answer is kept, when its request does not say. */
  readonly ttlMilliseconds: number;
  readonly namespace: string | undefined;
  /** False in mode `default_off`: only for requests that say `use-cache`. */
  readonly onByDefault: boolean;
  /** Those whose answers are kept. */
  readonly operations: ReadonlySet<Operation>;
  /** Client headers that are part of the key, because they may go upstream and change the answer; sorted. */
  readonly headers: readonly string[];
}

/** What is known of a group when its cache is looked for. */
export interface CachedDeployment {
  readonly id: string;
  readonly provider: { readonly clientHeaders: readonly string[] };
}

/** The caches of one document. */
export interface Caches {
  /** The cache of a group; undefined when its answers are not kept. `name` is the group's. */
  of(name: string, deployments: readonly CachedDeployment[]): GroupCache | undefined;
  /** What is not as the document says, without secrets. */
  readonly warnings: readonly string[];
  /** Names of the stores in memory that are in use, for `CacheStores.keepOnly`. */
  readonly stores: ReadonlySet<string>;
}

/** What preparing caches needs beside the settings. */
export interface CacheContext {
  readonly stores: CacheStores;
  /** The connection that `cache_params` (or what stands in for it) names; undefined when it names none. */
  readonly redis: RedisAnswers | undefined;
}

/** Memory for all answers of a gateway that no model has a size of its own for; LiteLLM has no such setting. */
const SHARED_MEGABYTES = 64;

/** LiteLLM's for memory. */
const MEMORY_TTL_SECONDS = 600;

/** LiteLLM keeps answers in Redis for ever; a Redis that also counts limits is not to fill up with them. */
const REDIS_TTL_SECONDS = 86_400;

const LONGEST_TTL_SECONDS = 1e9;

/** Client headers that go upstream and are different each time. */
const traceHeaders: readonly string[] = ["traceparent", "tracestate"];

/** LiteLLM's words for what can be cached, ours beside them. */
const callTypes: { readonly [O in Operation]?: readonly string[] } = {
  chat: ["completion", "acompletion"],
  completion: ["text_completion", "atext_completion"],
  embedding: ["embedding", "aembedding"],
};

/**
 * The caches a document asks for: `litellm_settings.cache` and `cache_params` for all groups, and
 * `gatewright.models.<resource>.cache` for the groups whose deployments belong to that resource, which goes before the
 * former in both directions. A model without a size shares the memory of the gateway (64 MB).
 */
export function cachesOf(settings: Settings, context: CacheContext): Caches {
  // A set: wildcards are asked for at run time, again and again.
  const warnings = new Set<string>();
  const used = new Set<string>();
  const backends = new Backends(settings, context, warnings, used);
  const litellm = settings.litellm_settings;
  const parameters = litellm?.cache_params ?? {};
  const types = parameters.supported_call_types;
  const isSupported = (operation: Operation): boolean => {
    const own = callTypes[operation];
    return own !== undefined && (types === undefined || own.some((type) => types.includes(type)));
  };
  const shared = {
    namespace: parameters.namespace === "" ? undefined : parameters.namespace,
    onByDefault: parameters.mode !== "default_off",
    operations: new Set(operations.filter(isSupported)),
  };
  const global = litellm?.cache === true ? backends.global(parameters.type ?? "local") : undefined;
  const resources = Object.entries(settings.gatewright?.models ?? {});
  // Now, not when a wildcard's first name is asked for: what is not in use at a reload is forgotten.
  for (const [resource, { cache }] of resources)
    if (cache !== undefined) backends.model({ resource, ...cache });
  const chosenOf = (name: string, deployments: readonly CachedDeployment[]): Chosen | undefined => {
    const own = ownSettings(resources, name, deployments);
    return own === undefined ? global : backends.model(own);
  };
  return {
    get warnings() {
      return [...warnings];
    },
    stores: used,
    of(name, deployments) {
      const chosen = chosenOf(name, deployments);
      if (chosen === undefined) return undefined;
      const headers = new Set(deployments.flatMap(({ provider }) => provider.clientHeaders));
      for (const header of traceHeaders) headers.delete(header);
      return {
        ...chosen.backend,
        ...shared,
        ttlMilliseconds: Math.min(chosen.ttlSeconds, LONGEST_TTL_SECONDS) * 1000,
        headers: [...headers].sort(),
      };
    },
  };
}

type Resource = NonNullable<NonNullable<Settings["gatewright"]>["models"]>[string];
type Own = { readonly resource: string; readonly mixed?: boolean } & NonNullable<Resource["cache"]>;

interface Chosen {
  readonly backend: Backend;
  readonly ttlSeconds: number;
}

/**
 * The settings of the resources a group's deployments belong to; undefined when none has any. Where several resources
 * share a public name, answers are kept only if each of them allows it, in the first one's store, for the shortest time.
 */
function ownSettings(
  resources: readonly (readonly [string, Resource])[],
  name: string,
  deployments: readonly CachedDeployment[],
): Own | undefined {
  const owners = resources.filter(
    ([resource, { deployments: ids, model_name: model }]) =>
      resource === name ||
      (ids === undefined ? model === name : deployments.some(({ id }) => ids.includes(id))),
  );
  const own = owners.flatMap(([resource, { cache }]) =>
    cache === undefined ? [] : [{ resource, ...cache }],
  );
  const [first] = own;
  if (first === undefined) return undefined;
  const enabled = own.filter((one) => one.enabled === true);
  if (enabled.length === 0) return first;
  if (enabled.length < owners.length) return { ...first, ...enabled[0], mixed: true };
  const times = enabled.flatMap(({ ttl_seconds: ttl }) => (ttl === undefined ? [] : [ttl]));
  return times.length === 0 ? first : { ...first, ttl_seconds: Math.min(...times) };
}

/** Finds the store for what a document names. */
class Backends {
  readonly #settings: Settings;
  readonly #context: CacheContext;
  readonly #warnings: Set<string>;
  readonly #used: Set<string>;

  constructor(settings: Settings, context: CacheContext, warnings: Set<string>, used: Set<string>) {
    this.#settings = settings;
    this.#context = context;
    this.#warnings = warnings;
    this.#used = used;
  }

  global(type: string): Chosen | undefined {
    if (type === "local") return this.#memory("", SHARED_MEGABYTES, undefined);
    if (type === "redis") return this.#redis("litellm_settings.cache_params", undefined);
    this.#warnings.add(`litellm_settings.cache_params.type ${type} is not supported: answers are not cached`);
    return undefined;
  }

  model(own: Own): Chosen | undefined {
    const { resource, enabled, mixed, ttl_seconds: ttl, max_size_megabytes: size, backend = "memory" } = own;
    const place = `gatewright.models.${resource}.cache`;
    if (mixed === true)
      this.#warnings.add(`${place} has no effect: another model of the same public name has no cache`);
    if (enabled !== true || mixed === true) return undefined;
    if (backend === "redis") return this.#redis(place, ttl);
    if (backend !== "memory") {
      this.#warnings.add(`${place}.backend ${backend} is not supported: answers are not cached`);
      return undefined;
    }
    if (size === undefined) return this.#memory("", SHARED_MEGABYTES, ttl);
    if (size > 0) return this.#memory(`model ${resource}`, size, ttl);
    this.#warnings.add(`${place}.max_size_megabytes is ${size}: answers are not cached`);
    return undefined;
  }

  /** The whole gateway's store is the one without a name. */
  #memory(name: string, megabytes: number, ttl: number | undefined): Chosen {
    this.#used.add(name);
    return {
      backend: this.#context.stores.local(name, Math.round(megabytes * 2 ** 20)),
      ttlSeconds: ttl ?? this.#ttl("default_in_memory_ttl") ?? MEMORY_TTL_SECONDS,
    };
  }

  #redis(place: string, ttl: number | undefined): Chosen {
    const { stores, redis } = this.#context;
    if (redis === undefined) {
      this.#warnings.add(
        `${place} names no Redis that can be found: each replica caches answers in its memory`,
      );
      return this.#memory("", SHARED_MEGABYTES, ttl);
    }
    return {
      backend: stores.redis(redis),
      ttlSeconds: ttl ?? this.#ttl("default_in_redis_ttl") ?? REDIS_TTL_SECONDS,
    };
  }

  /** `cache_kwargs.ttl` is where an older langop wrote it (langop.md §4.2). */
  #ttl(fallback: "default_in_memory_ttl" | "default_in_redis_ttl"): number | undefined {
    const { cache_params: parameters, cache_kwargs: older } = this.#settings.litellm_settings ?? {};
    const written = older?.["ttl"];
    return parameters?.ttl ?? (typeof written === "number" ? written : undefined) ?? parameters?.[fallback];
  }
}

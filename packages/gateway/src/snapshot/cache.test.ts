import { settle } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { CacheStores } from "../cache/cache-stores.ts";
import type { RedisAnswers } from "../cache/redis-store.ts";
import { type Caches, cachesOf } from "./cache.ts";

const services = { now: () => 1, after: () => ({ cancel() {} }) };
const redis: RedisAnswers = { send: (_command, _args, done) => done("connection", undefined) };
const deployments = [{ id: "d1", provider: { clientHeaders: ["traceparent", "openai-beta", "tracestate"] } }];

type Values = { readonly [name: string]: unknown };

function caches(
  document: Values,
  connection: RedisAnswers | undefined = redis,
  stores = new CacheStores(services),
): Caches {
  const { settings } = settle(JSON.parse(JSON.stringify(document)), () => undefined);
  return cachesOf(settings, { stores, redis: connection });
}

function global(parameters: Values, more: Values = {}): Values {
  return { litellm_settings: { cache: true, cache_params: parameters, ...more } };
}

/** The megabytes of memory behind a group, or "redis". */
function placeOf(all: Caches, name = "gpt"): number | "redis" | undefined {
  const cache = all.of(name, deployments);
  if (cache === undefined) return undefined;
  return "held" in cache.store ? cache.store.recordingBytes / 2 ** 20 : "redis";
}

describe("cachesOf", () => {
  const places: readonly {
    name: string;
    document: Values;
    place: number | "redis" | undefined;
    ttl?: number;
    warning?: RegExp;
  }[] = [
    { name: "nothing", document: {}, place: undefined },
    {
      name: "cache: false",
      document: { litellm_settings: { cache: false, cache_params: { type: "redis" } } },
      place: undefined,
    },
    {
      name: "cache without parameters",
      document: { litellm_settings: { cache: true } },
      place: 64,
      ttl: 600,
    },
    {
      name: "ttl",
      document: global({ type: "local", ttl: 30, default_in_memory_ttl: 40 }),
      place: 64,
      ttl: 30,
    },
    {
      name: "default_in_memory_ttl",
      document: global({ default_in_memory_ttl: 40, default_in_redis_ttl: 50 }),
      place: 64,
      ttl: 40,
    },
    { name: "redis", document: global({ type: "redis" }), place: "redis", ttl: 86_400 },
    {
      name: "default_in_redis_ttl",
      document: global({ type: "redis", default_in_memory_ttl: 40, default_in_redis_ttl: 50 }),
      place: "redis",
      ttl: 50,
    },
    { name: "langop's old ttl", document: global({}, { cache_kwargs: { ttl: 7 } }), place: 64, ttl: 7 },
    {
      name: "a type we lack",
      document: global({ type: "s3" }),
      place: undefined,
      warning: /cache_params\.type s3/,
    },
  ];
  it.each(places)("$name", ({ document, place, ttl, warning }) => {
    const all = caches(document);
    expect(placeOf(all)).toBe(place);
    expect(all.of("gpt", deployments)?.ttlMilliseconds).toBe(ttl === undefined ? undefined : ttl * 1000);
    expect(all.warnings.join()).toMatch(warning ?? /^$/);
  });

  it("uses memory, and says so, where no Redis is named", () => {
    const { settings } = settle(global({ type: "redis" }) as never, () => undefined);
    const all = cachesOf(settings, {
      stores: new CacheStores(services),
      redis: undefined,
    });
    expect(placeOf(all)).toBe(64);
    expect(all.warnings.join()).toMatch(/each replica/);
  });

  const types: readonly { types: readonly string[] | undefined; want: readonly boolean[] }[] = [
    { types: undefined, want: [true, true, true] },
    { types: ["acompletion"], want: [true, false, false] },
    { types: ["completion", "text_completion"], want: [true, true, false] },
    { types: ["aembedding", "atranscription"], want: [false, false, true] },
    { types: ["atext_completion"], want: [false, true, false] },
    // LiteLLM's way to say: Redis for the router, but no cached answers.
    { types: [], want: [false, false, false] },
  ];
  it.each(types)("supported_call_types $types", ({ types: given, want }) => {
    const cache = caches(global(given === undefined ? {} : { supported_call_types: given })).of(
      "gpt",
      deployments,
    );
    expect((["chat", "completion", "embedding"] as const).map((one) => cache?.operations.has(one))).toEqual(
      want,
    );
  });

  it("knows mode, namespace, and what is part of the key", () => {
    const cache = caches(global({ mode: "default_off", namespace: "ns" })).of("gpt", deployments)!;
    expect([cache.onByDefault, cache.namespace, cache.headers]).toEqual([false, "ns", ["openai-beta"]]);
    expect(caches(global({})).of("gpt", deployments)).toMatchObject({
      onByDefault: true,
      namespace: undefined,
    });
  });

  const resource = (cache: Values, more: Values = {}): Values => ({
    gatewright: { models: { "my-model": { deployments: ["d1"], model_name: "gpt", cache, ...more } } },
  });
  const own: readonly {
    name: string;
    document: Values;
    place: number | "redis" | undefined;
    ttl?: number;
    warning?: RegExp;
  }[] = [
    { name: "on for it alone", document: resource({ enabled: true, ttl_seconds: 300 }), place: 64, ttl: 300 },
    {
      name: "off for it alone",
      document: { ...global({}), ...resource({ enabled: false }) },
      place: undefined,
    },
    {
      name: "off where nothing says on",
      document: { ...global({}), ...resource({ ttl_seconds: 3 }) },
      place: undefined,
    },
    {
      name: "its size",
      document: resource({ enabled: true, max_size_megabytes: 512 }),
      place: 512,
      ttl: 600,
    },
    {
      name: "no size at all",
      document: resource({ enabled: true, max_size_megabytes: 0 }),
      place: undefined,
      warning: /max_size_megabytes is 0/,
    },
    {
      name: "redis",
      document: resource({ enabled: true, backend: "redis", ttl_seconds: 5 }),
      place: "redis",
      ttl: 5,
    },
    {
      name: "memcached",
      document: resource({ enabled: true, backend: "memcached" }),
      place: undefined,
      warning: /my-model\.cache\.backend memcached/,
    },
    {
      name: "nothing of its own",
      document: { ...global({}), gatewright: { models: { "my-model": { deployments: ["d1"] } } } },
      place: 64,
      ttl: 600,
    },
  ];
  it.each(own)("a model: $name", ({ document, place, ttl, warning }) => {
    const all = caches(document);
    expect([placeOf(all), placeOf(all, "my-model")]).toEqual([place, place]);
    expect(all.of("gpt", deployments)?.ttlMilliseconds).toBe(ttl === undefined ? undefined : ttl * 1000);
    expect(all.warnings.join()).toMatch(warning ?? /^$/);
  });

  it("a public name of two models: cached when both allow it, for the shorter time", () => {
    const both = [...deployments, { id: "d2", provider: { clientHeaders: [] } }];
    const two = (second: Values): Values => ({
      gatewright: {
        models: {
          a: { deployments: ["d1"], cache: { enabled: true, ttl_seconds: 60 } },
          b: { deployments: ["d2"], cache: second },
        },
      },
    });
    expect(caches(two({ enabled: true, ttl_seconds: 30 })).of("gpt", both)?.ttlMilliseconds).toBe(30_000);
    const mixed = caches(two({ enabled: false }));
    expect([mixed.of("gpt", both), mixed.of("gpt", both)]).toEqual([undefined, undefined]);
    expect(mixed.warnings).toEqual([
      "gatewright.models.a.cache has no effect: another model of the same public name has no cache",
    ]);
    expect(mixed.of("gpt", deployments)?.ttlMilliseconds).toBe(60_000);
  });

  it("keeps stores over reloads, and names those in use", () => {
    const stores = new CacheStores(services);
    const document = { ...global({}), ...resource({ enabled: true, max_size_megabytes: 5 }) };
    const [first, second] = [caches(document, redis, stores), caches(document, redis, stores)];
    expect(first.of("gpt", deployments)?.store).toBe(second.of("gpt", deployments)?.store);
    expect(first.of("other", [])?.store).not.toBe(first.of("gpt", deployments)?.store);
    expect([...first.stores].sort()).toEqual(["", "model my-model"]);
  });
});

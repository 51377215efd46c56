import { type Document, Secret, settle } from "@gatewright/litellm";
import { describe, expect, test } from "vitest";
import { redisSettings } from "./redis-settings.ts";

function read(document: Document, environment: { readonly [name: string]: string } = {}) {
  const lookup = (name: string): Secret | undefined =>
    environment[name] === undefined ? undefined : new Secret(environment[name]);
  const { options, problem } = redisSettings(settle(document, lookup).settings, lookup);
  if (options === undefined) return problem;
  const { place, username, password, database, tls } = options;
  const nodes =
    place.kind === "server"
      ? `${place.host}:${place.port}`
      : place.kind === "cluster"
        ? `cluster ${place.nodes.map(({ host, port }) => `${host}:${port}`)}`
        : `${place.service} at ${place.sentinels.map(({ host, port }) => `${host}:${port}`)} by ${place.sentinelPassword?.reveal()}`;
  return `${nodes} ${username ?? "-"} ${password?.reveal() ?? "-"} ${database}${tls ? " tls" : ""}`;
}

const cache = (parameters: object): Document => ({
  litellm_settings: { cache_params: { type: "redis", ...parameters } },
});
const environment = { REDIS_HOST: "env", REDIS_PORT: "7000", REDIS_PASSWORD: "secret" };

describe("where Redis is", () => {
  test.each([
    { name: "nowhere", document: {}, want: undefined },
    {
      name: "nowhere, whatever the environment says, when nothing needs it",
      document: {},
      environment,
      want: undefined,
    },
    {
      name: "the router's, before the cache's",
      document: {
        router_settings: { redis_host: "router", redis_password: "p", redis_db: 2 },
        ...cache({ host: "c" }),
      },
      want: "router:6379 - p 2",
    },
    {
      name: "the router's address",
      document: { router_settings: { redis_url: "rediss://ann:p%40ss@r.example:6380/3" } },
      want: "r.example:6380 ann p@ss 3 tls",
    },
    {
      name: "the cache's",
      document: cache({ host: "cache", port: 6400, username: "u", password: "p", ssl: true }),
      environment: { REDIS_HOST: "env" },
      want: "cache:6400 u p 0 tls",
    },
    { name: "the cache's address", document: cache({ url: "redis://[::1]:1" }), want: "::1:1 - - 0" },
    {
      name: "a cluster",
      document: cache({
        redis_startup_nodes: [
          { host: "a", port: 1 },
          { host: "b", port: "2" },
        ],
        password: "p",
      }),
      want: "cluster a:1,b:2 - p 0",
    },
    {
      name: "sentinels",
      document: cache({
        sentinel_nodes: [
          ["a", 1],
          ["b", 2],
        ],
        service_name: "main",
        sentinel_password: "s",
      }),
      want: "main at a:1,b:2 by s - - 0",
    },
    {
      name: "the environment's, for a cache without a host",
      document: cache({}),
      environment,
      want: "env:7000 - secret 0",
    },
    {
      name: "the environment's address",
      document: cache({}),
      environment: { ...environment, REDIS_URL: "redis://url:1/4" },
      want: "url:1 - - 4",
    },
    {
      name: "not the environment's for a local cache",
      document: cache({ type: "local" }),
      environment,
      want: undefined,
    },
    {
      name: "a cache of type redis without a place is a problem",
      document: cache({}),
      want: "the cache is of type redis, but neither cache_params, REDIS_URL nor REDIS_HOST says where Redis is",
    },
    {
      name: "so is an address that is none; it is not repeated, since it may hold a password",
      document: cache({ url: "http://user:secret@host" }),
      want: "cache_params.url is not an address like redis://host:6379 or rediss://host:6379",
    },
  ])("$name", ({ document, environment: variables = {}, want }) => {
    expect(read(document as Document, variables)).toBe(want);
  });

  test("nothing printed gives a password away", () => {
    const document = cache({ host: "cache", password: "hunter2" });
    const { options } = redisSettings(settle(document, () => undefined).settings, () => undefined);
    expect(JSON.stringify(options)).not.toContain("hunter2");
  });

  test("time-out and prefix", () => {
    const { settings } = settle(
      { ...cache({ host: "a", namespace: "team" }), gatewright: { redis: { timeout_seconds: 0.5 } } },
      () => undefined,
    );
    expect(redisSettings(settings, () => undefined).options).toMatchObject({
      timeoutMilliseconds: 500,
      prefix: "gatewright:team",
    });
  });
});

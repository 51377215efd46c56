import { Secret, type SecretLookup, type Settings } from "@gatewright/litellm";

/** One server of several. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** How to reach Redis. Equal options are equal as JSON, but for the secrets, which print as redacted. */
export interface RedisOptions {
  readonly place:
    | { readonly kind: "server"; readonly host: string; readonly port: number }
    | { readonly kind: "cluster"; readonly nodes: readonly RedisNode[] }
    | {
        readonly kind: "sentinel";
        readonly sentinels: readonly RedisNode[];
        readonly service: string;
        readonly sentinelPassword: Secret | undefined;
      };
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  readonly database: number;
  readonly tls: boolean;
  /** Longest wait for an answer, milliseconds (`gatewright.redis.timeout_seconds`). */
  readonly timeoutMilliseconds: number;
  /** Prefix of all keys, which keeps gateways apart that share one Redis (`cache_params.namespace`). */
  readonly prefix: string;
}

/** Where the document says Redis is. `problem`: it says so, but not in a way that can be used. */
export interface RedisSettings {
  readonly options: RedisOptions | undefined;
  readonly problem: string | undefined;
}

const PORT = 6379;
const SENTINEL_PORT = 26379;
const TIMEOUT_SECONDS = 0.1;
const PREFIX = "gatewright";

type Account = Pick<RedisOptions, "username" | "password" | "database" | "tls">;

/**
 * Where the state is that replicas share: `router_settings.redis_*`, else `litellm_settings.cache_params` of a Redis
 * type, else, when that names no host, the environment (litellm.md §2.3, §2.6). No options: nowhere.
 */
export function redisSettings(settings: Settings, lookup: SecretLookup): RedisSettings {
  const { router_settings: router, litellm_settings: litellm, gatewright } = settings;
  const cache = litellm?.cache_params;
  const common = {
    timeoutMilliseconds: (gatewright?.redis?.timeout_seconds ?? TIMEOUT_SECONDS) * 1000,
    prefix: cache?.namespace === undefined ? PREFIX : `${PREFIX}:${cache.namespace}`,
  };
  const served = (place: RedisOptions["place"], account: Partial<Account>): RedisSettings => ({
    options: { place, ...noAccount, ...account, ...common },
    problem: undefined,
  });
  const atUrl = (url: Secret, from: string, account: Partial<Account> = {}): RedisSettings => {
    const parsed = parseUrl(url);
    if (parsed === undefined) {
      return nowhere(`${from} is not an address like redis://host:6379 or rediss://host:6379`);
    }
    return served(parsed.place, { ...parsed.account, ...account });
  };

  if (router?.redis_url !== undefined) return atUrl(router.redis_url, "router_settings.redis_url");
  if (router?.redis_host !== undefined) {
    return served(
      { kind: "server", host: router.redis_host, port: router.redis_port ?? PORT },
      { password: router.redis_password, database: router.redis_db ?? 0 },
    );
  }
  if (cache?.type !== "redis" && cache?.type !== "redis-semantic") return nowhere(undefined);

  const account = {
    username: cache.username ?? lookup("REDIS_USERNAME")?.reveal(),
    password: cache.password ?? lookup("REDIS_PASSWORD"),
    tls: cache.ssl ?? isOn(lookup("REDIS_SSL")),
  };
  if (cache.redis_startup_nodes !== undefined) {
    const nodes = nodesOf(cache.redis_startup_nodes, PORT);
    if (nodes.length === 0) return nowhere("cache_params.redis_startup_nodes holds no {host, port}");
    return served({ kind: "cluster", nodes }, account);
  }
  if (cache.sentinel_nodes !== undefined) {
    const sentinels = nodesOf(cache.sentinel_nodes, SENTINEL_PORT);
    if (sentinels.length === 0) return nowhere("cache_params.sentinel_nodes holds no [host, port]");
    const service = cache.service_name ?? "mymaster";
    return served(
      { kind: "sentinel", sentinels, service, sentinelPassword: cache.sentinel_password },
      account,
    );
  }
  if (cache.url !== undefined) return atUrl(cache.url, "cache_params.url");
  if (cache.host !== undefined) {
    return served({ kind: "server", host: cache.host, port: cache.port ?? PORT }, account);
  }
  const url = lookup("REDIS_URL");
  if (url !== undefined) return atUrl(url, "REDIS_URL");
  const host = lookup("REDIS_HOST")?.reveal();
  if (host === undefined || host === "")
    return nowhere(
      "the cache is of type redis, but neither cache_params, REDIS_URL nor REDIS_HOST says where Redis is",
    );
  const port = Number(lookup("REDIS_PORT")?.reveal() ?? PORT);
  if (!isPort(port)) return nowhere("REDIS_PORT is not a port");
  return served({ kind: "server", host, port: cache.port ?? port }, account);
}

const noAccount: Account = { username: undefined, password: undefined, database: 0, tls: false };

function nowhere(problem: string | undefined): RedisSettings {
  return { options: undefined, problem };
}

/** `rediss://user:password@host:port/database`. */
function parseUrl(
  secret: Secret,
): { readonly place: RedisOptions["place"]; readonly account: Account } | undefined {
  const url = URL.parse(secret.reveal());
  if (url === null || (url.protocol !== "redis:" && url.protocol !== "rediss:") || url.hostname === "") {
    return undefined;
  }
  const database = Number(url.pathname.slice(1));
  const password = decoded(url.password);
  return {
    place: {
      kind: "server",
      // IPv6 addresses stand in brackets in a URL, and nowhere else.
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? PORT : Number(url.port),
    },
    account: {
      username: decoded(url.username),
      password: password === undefined ? undefined : new Secret(password),
      database: Number.isInteger(database) ? database : 0,
      tls: url.protocol === "rediss:",
    },
  };
}

/** A part of an address; one that was never encoded, though it holds a `%`, is meant as it stands. */
function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** LiteLLM writes nodes as `{host, port}`, sentinels as `[host, port]`; both are read in both places. */
function nodesOf(list: readonly unknown[], defaultPort: number): RedisNode[] {
  return list.flatMap((entry) => {
    const { host, port } = Array.isArray(entry)
      ? { host: entry[0] as unknown, port: entry[1] as unknown }
      : typeof entry === "object" && entry !== null
        ? (entry as { host?: unknown; port?: unknown })
        : { host: entry, port: undefined };
    const number = Number(port ?? defaultPort);
    return typeof host === "string" && host !== "" && isPort(number) ? [{ host, port: number }] : [];
  });
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function isOn(value: Secret | undefined): boolean {
  return ["true", "1", "yes", "on"].includes(value?.reveal().toLowerCase() ?? "");
}

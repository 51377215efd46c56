import { Cluster, type RedisOptions as LibraryOptions, Redis } from "ioredis";
import type { RedisOptions } from "./redis-settings.ts";

/** Waits between attempts to connect, milliseconds. */
const FIRST_WAIT = 50;
const LONGEST_WAIT = 2_000;

/**
 * A client of the library, connecting in the background and for ever. `lost` hears of every loss and every attempt that
 * fails. Only ever loaded by `import()`, and the library with it: gateways without Redis do not pay for that.
 */
export function connectRedis(options: RedisOptions, lost: (reason: string) => void): Redis | Cluster {
  const { place } = options;
  const client =
    place.kind === "cluster"
      ? new Cluster([...place.nodes], {
          // Lets every node be reached by the name its certificate is for.
          dnsLookup: (address, callback) => callback(null, address),
          redisOptions: common(options),
          enableAutoPipelining: true,
          enableOfflineQueue: false,
          slotsRefreshTimeout: Math.max(1_000, options.timeoutMilliseconds),
          clusterRetryStrategy: backoff,
        })
      : new Redis({
          ...common(options),
          ...(place.kind === "server"
            ? { host: place.host, port: place.port }
            : {
                sentinels: [...place.sentinels],
                name: place.service,
                sentinelRetryStrategy: backoff,
                ...(place.sentinelPassword === undefined
                  ? {}
                  : { sentinelPassword: place.sentinelPassword.reveal() }),
                ...(options.tls ? { enableTLSForSentinelMode: true } : {}),
              }),
          db: options.database,
          enableAutoPipelining: true,
          enableOfflineQueue: false,
          retryStrategy: backoff,
        });
  client.on("error", (error: Error) => lost(error.message === "" ? "no connection" : error.message));
  client.on("close", () => lost("the connection was closed"));
  return client;
}

/**
 * Commands are never sent twice: one that has been counted already would be counted again. Their time-out is
 * `RedisConnection`'s.
 */
function common(options: RedisOptions) {
  return {
    connectionName: "gatewright",
    connectTimeout: Math.max(2_000, options.timeoutMilliseconds),
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password.reveal() }),
    ...(options.tls ? { tls: tlsOf(options) } : {}),
  } satisfies LibraryOptions;
}

/** With sentinels and clusters the server's own name is only known once they have told it. */
function tlsOf({ place }: RedisOptions): NonNullable<LibraryOptions["tls"]> {
  return place.kind === "server" ? { servername: place.host } : {};
}

function backoff(attempt: number): number {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 10));
  // Replicas that lost the same Redis do not all come back in the same moment.
  return wait / 2 + (Math.random() * wait) / 2;
}

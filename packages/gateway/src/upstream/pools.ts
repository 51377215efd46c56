import type { Dispatcher } from "undici";
// Not from the package's entry: that also loads fetch, WebSocket and caches, ten times as much code.
import Pool from "undici/lib/dispatcher/pool.js";

/** One connection pool per upstream origin, kept across reloads so that a new configuration costs no handshakes. */
export class Pools {
  readonly #pools = new Map<string, Pool>();

  /** The pool of an origin such as `https://api.openai.com`. */
  pool(origin: string): Dispatcher {
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = new Pool(origin, {
        // Streams hold a connection each; the operating system's limit on open files is the real bound.
        connections: null,
        pipelining: 1,
        // HTTP/2 costs more than twice the CPU of HTTP/1.1 for one stream per connection (libraries.md).
        allowH2: false,
        // Shorter than what servers and load balancers in front of them close at, so that we close first.
        keepAliveTimeout: 30_000,
        keepAliveMaxTimeout: 600_000,
        // The gateway has its own timers: it must answer, not only fail.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: { timeout: 10_000 },
      });
      this.#pools.set(origin, pool);
    }
    return pool;
  }

  /** Lets go of origins that no snapshot names any more; their open calls finish first. */
  keepOnly(origins: ReadonlySet<string>): void {
    for (const [origin, pool] of this.#pools) {
      if (origins.has(origin)) continue;
      this.#pools.delete(origin);
      void pool.close();
    }
  }

  /** Cuts every connection. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(async (pool) => pool.destroy()));
    this.#pools.clear();
  }
}

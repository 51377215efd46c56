import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";

// An import statement would read all that the module exports, WebSocket among it, for which Node loads the whole of its
// fetch: about 40 ms of start and 5 MB for nothing.
const { createServer } = process.getBuiltinModule("node:http");

/** One thing that must be so. */
export interface HealthCheck {
  readonly name: string;
  /** Undefined when it is so, else what is wrong. */
  readonly check: () => string | undefined;
}

export interface HealthOptions {
  /** `:8081`, `127.0.0.1:8081`, `[::1]:8081`; port 0 takes a free one; `0` is off. */
  readonly healthAddress: string;
  /** The same for `/metrics`. */
  readonly metricsAddress: string;
  /** `/healthz`: when one fails, only a restart helps. */
  readonly live: () => readonly HealthCheck[];
  /** `/readyz`: when one fails, the process is not (yet) of use. */
  readonly ready: () => readonly HealthCheck[];
  /** What `/metrics` answers. */
  readonly registry: { readonly contentType: string; metrics(): Promise<string> };
}

/** The listening endpoints; the ports are the real ones, undefined where the address is off. */
export interface HealthServer {
  readonly healthPort: number | undefined;
  readonly metricsPort: number | undefined;
  close(): Promise<void>;
}

type Handler = (response: ServerResponse) => void | Promise<void>;

/** Serves health and metrics. Rejects with the system's error when an address cannot be bound or understood. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const health: [string, Handler][] = [
    ["/healthz", (response) => answerChecks(response, options.live())],
    ["/readyz", (response) => answerChecks(response, options.ready())],
  ];
  const metrics: [string, Handler][] = [
    [
      "/metrics",
      async (response) => {
        const text = await options.registry.metrics();
        response.writeHead(200, { "content-type": options.registry.contentType }).end(text);
      },
    ],
  ];
  const { healthAddress, metricsAddress } = options;
  if (healthAddress === metricsAddress && !isFree(healthAddress)) {
    const both = await listen(healthAddress, new Map([...health, ...metrics]));
    return running(both, both);
  }
  const healthServer = await listen(healthAddress, new Map(health));
  try {
    return running(healthServer, await listen(metricsAddress, new Map(metrics)));
  } catch (error) {
    await closed(healthServer);
    throw error;
  }
}

function running(health: Server | undefined, metrics: Server | undefined): HealthServer {
  return {
    healthPort: portOf(health),
    metricsPort: portOf(metrics),
    async close() {
      await Promise.all([...new Set([health, metrics])].map(closed));
    },
  };
}

async function listen(address: string, handlers: ReadonlyMap<string, Handler>): Promise<Server | undefined> {
  const place = parseAddress(address);
  if (place === undefined) return undefined;
  const server = createServer((request, response) => handle(handlers, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, resolve);
  });
  return server;
}

function handle(
  handlers: ReadonlyMap<string, Handler>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const handler = handlers.get((request.url ?? "/").split("?", 1)[0] ?? "/");
  if (handler === undefined) {
    response.writeHead(404).end("not found\n");
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  Promise.resolve(handler(response)).catch((error: unknown) => {
    response.destroy(error instanceof Error ? error : undefined);
  });
}

/** The words of the Kubernetes components' own health pages. */
function answerChecks(response: ServerResponse, checks: readonly HealthCheck[]): void {
  const results = checks.map(({ name, check }) => ({ name, wrong: check() }));
  const lines = results.map(({ name, wrong }) =>
    wrong === undefined ? `[+]${name} ok` : `[-]${name} failed: ${wrong}`,
  );
  const failed = results.some(({ wrong }) => wrong !== undefined);
  response
    .writeHead(failed ? 500 : 200, { "content-type": "text/plain; charset=utf-8" })
    .end(`${[...lines, failed ? "failed" : "ok"].join("\n")}\n`);
}

/** Undefined for `0`: off. */
function parseAddress(address: string): { readonly host?: string; readonly port: number } | undefined {
  if (address === "0" || address === "") return undefined;
  const parts = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/.exec(address)?.groups;
  const port = Number(parts?.["port"]);
  if (parts === undefined || port > 65_535) {
    throw new Error(`cannot listen on "${address}": expected HOST:PORT, :PORT, or 0 for off`);
  }
  const host = parts["six"] ?? parts["host"];
  return host === undefined || host === "" ? { port } : { host, port };
}

/** Two free ports are two servers, although their addresses read the same. */
function isFree(address: string): boolean {
  return parseAddress(address)?.port === 0;
}

function portOf(server: Server | undefined): number | undefined {
  return server === undefined ? undefined : (server.address() as AddressInfo).port;
}

async function closed(server: Server | undefined): Promise<void> {
  if (server === undefined) return;
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errorBody } from "./answers.ts";
import {
  type Behaviour,
  behaviour as behaviourSchema,
  type Script,
  script as scriptSchema,
} from "./behaviour.ts";
import { play } from "./play.ts";
import { KEPT_REQUESTS, type RecordedRequest, type UpstreamStats } from "./recording.ts";
import type { Ask, FakeWire, Fields } from "./wire.ts";
import { wires } from "./wires.ts";

/** How to start a fake upstream. */
export interface FakeUpstreamOptions {
  readonly script?: Script;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Numbers in [0, 1) for rates and random times; default `Math.random`. */
  readonly random?: () => number;
}

/**
 * A server that speaks OpenAI's wire on 127.0.0.1, under any base path and in Azure's form, and behaves as its script
 * says: `POST …/chat/completions`, `…/completions`, `…/embeddings`, `GET …/models`. A request may carry the behaviour
 * it wants in a field `fake`. From another process it is led by `PUT /_script`, `GET` and `DELETE /_requests`,
 * `GET` and `DELETE /_stats`, `POST /_release`.
 */
export interface FakeUpstream extends AsyncDisposable {
  readonly port: number;
  /** Without a path. */
  readonly url: string;
  /** Set it to change the behaviour of requests to come. */
  script: Script;
  /** What came in, oldest first; cleared by `forget`. */
  readonly requests: readonly RecordedRequest[];
  readonly stats: UpstreamStats;
  forget(): void;
  /** Lets the streams that are held now come to their end; from outside `POST /_release`. */
  release(): void;
  /** Cuts what is open and stops listening. */
  close(): Promise<void>;
}

/** Starts one in this process. */
export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const upstream = new Upstream(options.script ?? {}, options.random ?? Math.random);
  const server = createServer((request, response) => void upstream.serve(request, response));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => closeServer(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get script() {
      return upstream.script;
    },
    set script(script) {
      upstream.script = script;
    },
    get requests() {
      return upstream.requests;
    },
    get stats() {
      return upstream.stats;
    },
    forget: () => upstream.forget(),
    release: () => upstream.release(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}

class Upstream {
  script: Script;
  requests: RecordedRequest[] = [];
  stats: UpstreamStats = noStats();
  readonly #random: () => number;
  #lastId = 0;
  #held = new AbortController();

  constructor(script: Script, random: () => number) {
    this.script = script;
    this.#random = random;
  }

  forget(): void {
    this.requests = [];
    const { openRequests, openStreams } = this.stats;
    this.stats = { ...noStats(), openRequests, openStreams };
  }

  release(): void {
    this.#held.abort();
    this.#held = new AbortController();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? "/", "http://fake");
    const bodyText = await textOf(request).catch(() => undefined);
    if (bodyText === undefined) return; // the client left before it had said what it wants
    const method = request.method ?? "GET";
    if (pathname.startsWith("/_")) return this.#admin(method, pathname, bodyText, response);
    if (method === "GET" && pathname.endsWith("/models")) return this.#models(request, response);
    const body = parsed(bodyText);
    const asked = askOf(pathname, isFields(body) ? body : {});
    if (method !== "POST" || asked === undefined) {
      const message = `${method} ${pathname} is unknown here`;
      return json(response, 404, errorBody({ status: 404, message, type: "invalid_request_error" }));
    }
    const { wire, ask } = asked;
    const record: RecordedRequest = {
      id: ++this.#lastId,
      method,
      path: pathname,
      query: search,
      headers: request.headers,
      bodyText,
      body,
      model: ask.model,
      key: keyOf(request),
      startedAt: Date.now(),
      frames: 0,
      state: "open",
    };
    this.#follow(record, response, ask.stream);
    const behaviour = body === undefined ? notJson : this.#behaviour(record, ask.fields);
    const { signal: release } = this.#held;
    const random = this.#random;
    await play({ wire, ask, behaviour, response, record, stats: this.stats, random, release });
  }

  #behaviour(record: RecordedRequest, fields: Fields): Behaviour {
    const { acceptedKeys, default: usual, keys, models } = this.script;
    if (acceptedKeys !== undefined && !acceptedKeys.includes(record.key)) {
      return {
        error: {
          status: 401,
          message: `Incorrect API key provided: ${record.key.slice(0, 4)}…`,
          code: "invalid_api_key",
        },
      };
    }
    const asked = behaviourSchema.safeParse(fields["fake"] ?? {});
    if (!asked.success) {
      return { error: { status: 400, message: `the field fake: ${asked.error.message}` } };
    }
    return { ...usual, ...models?.[record.model], ...keys?.[record.key], ...asked.data };
  }

  #follow(record: RecordedRequest, response: ServerResponse, stream: boolean): void {
    this.requests.push(record);
    if (this.requests.length > KEPT_REQUESTS) this.requests.shift();
    this.stats.requests++;
    this.stats.openRequests++;
    if (stream) {
      this.stats.streams++;
      this.stats.openStreams++;
    }
    response.once("close", () => {
      this.stats.openRequests--;
      if (stream) this.stats.openStreams--;
      record.endedAt = Date.now();
      if (response.writableFinished) record.state = "answered";
      else if (record.state === "open") {
        record.state = "aborted";
        this.stats.aborted++;
      }
    });
  }

  #models(request: IncomingMessage, response: ServerResponse): void {
    const { acceptedKeys, listed, models } = this.script;
    if (acceptedKeys !== undefined && !acceptedKeys.includes(keyOf(request))) {
      return json(response, 401, errorBody({ status: 401 }));
    }
    const names = listed ?? Object.keys(models ?? {});
    const data = names.map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "fake" }));
    json(response, 200, JSON.stringify({ object: "list", data }));
  }

  #admin(method: string, path: string, bodyText: string, response: ServerResponse): void {
    switch (`${method} ${path}`) {
      case "PUT /_script": {
        const wanted = scriptSchema.safeParse(parsed(bodyText));
        if (!wanted.success) return json(response, 400, JSON.stringify({ problem: wanted.error.message }));
        this.script = wanted.data;
        return json(response, 200, JSON.stringify(this.script));
      }
      case "GET /_requests":
        return json(response, 200, JSON.stringify(this.requests));
      case "GET /_stats":
        return json(response, 200, JSON.stringify(this.stats));
      case "POST /_release":
        this.release();
        return json(response, 200, "{}");
      case "DELETE /_requests":
      case "DELETE /_stats":
        this.forget();
        return json(response, 200, "{}");
      default:
        return json(response, 404, JSON.stringify({ problem: `${method} ${path} is unknown here` }));
    }
  }
}

const notJson: Behaviour = {
  error: { status: 400, message: "We could not parse the JSON body of your request." },
};

function noStats(): UpstreamStats {
  return { requests: 0, openRequests: 0, openStreams: 0, streams: 0, frames: 0, aborted: 0 };
}

function json(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function askOf(path: string, fields: Fields): { readonly wire: FakeWire; readonly ask: Ask } | undefined {
  for (const wire of wires) {
    const ask = wire.ask(path, fields);
    if (ask !== undefined) return { wire, ask };
  }
  return undefined;
}

function keyOf({ headers }: IncomingMessage): string {
  const plain = headers["api-key"] ?? headers["x-api-key"] ?? headers["x-goog-api-key"];
  if (typeof plain === "string") return plain;
  return (headers.authorization ?? "").replace(/^bearer /i, "");
}

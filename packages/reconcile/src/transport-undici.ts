import { Buffer } from "node:buffer";
import { createSecureContext } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { Dispatcher, ProxyAgent } from "undici";
// Not from the package's entry: that also loads fetch, WebSocket and caches, ten times as much code. It is also what gives
// dispatchers their method `request`.
import request from "undici/lib/api/api-request.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { ApiError } from "./api-error.ts";
import { type Access, type Credentials, messageOf } from "./connect-credentials.ts";
import type { ApiRequest, ApiResponse, Transport, WatchResponse } from "./transport.ts";

export interface UndiciTransportOptions {
  readonly credentials: Credentials;
  readonly userAgent: string;
  /** Deadline of a request, from the first byte to the last, and of opening a watch. Milliseconds. */
  readonly requestTimeoutMilliseconds: number;
}

/**
 * A transport over HTTP/1.1 connections of its own. One connection a request, so that a connection that has gone
 * half-open takes down one request or watch and not all of them, as it would over one HTTP/2 connection.
 */
export function createUndiciTransport(options: UndiciTransportOptions): Transport {
  const { credentials, requestTimeoutMilliseconds } = options;
  const { origin, pathname } = new URL(credentials.server);
  const prefix = pathname.replace(/\/+$/, "");
  let cached: { readonly access: Promise<Access>; readonly readAt: number } | undefined;
  let line: { readonly access: Access; readonly dispatcher: Dispatcher } | undefined;

  function access(): Promise<Access> {
    if (cached === undefined || performance.now() - cached.readAt > CREDENTIALS_MILLISECONDS) {
      const reading = { access: credentials.read(), readAt: performance.now() };
      reading.access.catch(() => {
        if (cached === reading) cached = undefined;
      });
      cached = reading;
    }
    return cached.access;
  }

  /** Connections are kept as long as the certificates stay the same; older ones end with what runs on them. */
  function dispatcherFor(current: Access, proxy: Proxy | undefined): Dispatcher {
    if (line?.access === current) return line.dispatcher;
    if (line !== undefined && isDeepStrictEqual(line.access.tls, current.tls)) {
      line = { ...line, access: current };
      return line.dispatcher;
    }
    line?.dispatcher.close().catch(() => {});
    line = { access: current, dispatcher: openDispatcher(origin, current, proxy) };
    return line.dispatcher;
  }

  async function send(wanted: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    for (let refused = false; ; refused = true) {
      const reading = access();
      const current = await reading.catch((error: unknown) => {
        throw new ApiError(
          `${wanted.method} ${wanted.path}: no credentials for ${credentials.server}: ${messageOf(error)}`,
          { code: "Unauthorized", cause: error },
        );
      });
      const proxy = credentials.proxy === undefined ? undefined : await proxyAt(credentials.proxy);
      const response = await request.call(dispatcherFor(current, proxy), {
        origin,
        path: `${prefix}${wanted.path}${queryText(wanted)}`,
        method: wanted.method,
        headers: headersOf(wanted, current, options.userAgent),
        ...(wanted.body === undefined ? {} : { body: JSON.stringify(wanted.body) }),
        signal,
      });
      if (response.statusCode !== 401 || refused) return response;
      // The token has run out before its time, or was replaced: what lies in its place now is tried once.
      await response.body.dump();
      if (cached?.access === reading) cached = undefined;
    }
  }

  return {
    async request(request, signal) {
      const deadline = startDeadline(requestTimeoutMilliseconds, signal);
      try {
        return await answerOf(await send(request, deadline.signal));
      } catch (error) {
        throw failureOf(request, error, credentials.server, deadline, signal);
      } finally {
        deadline.stop();
      }
    },
    async watch(request, signal): Promise<WatchResponse> {
      const deadline = startDeadline(requestTimeoutMilliseconds, signal);
      const fail = (error: unknown) => failureOf(request, error, credentials.server, deadline, signal);
      try {
        const response = await send(request, deadline.signal);
        if (response.statusCode !== 200) {
          const answer = await answerOf(response);
          deadline.stop();
          return { ...answer, events: nothing() };
        }
        deadline.clear();
        return { status: 200, events: linesOf(response.body, signal, fail, () => deadline.stop()) };
      } catch (error) {
        deadline.stop();
        throw fail(error);
      }
    },
    async close() {
      await line?.dispatcher.destroy();
    },
  };
}

interface Proxy {
  readonly uri: string;
  readonly Agent: typeof ProxyAgent;
}

/** With the whole of undici, which its agent for proxies needs and hardly anybody else. */
async function proxyAt(uri: string): Promise<Proxy> {
  return { uri, Agent: (await import("./proxy-agent.ts")).ProxyAgent };
}

function openDispatcher(origin: string, { tls }: Access, proxy: Proxy | undefined): Dispatcher {
  const settings = {
    allowH2: false,
    // Deadlines are kept by signals; a watch has none.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  };
  const connect = {
    ...tls,
    // Made once: each of some twenty connections would read the certificates anew.
    ...(origin.startsWith("https:") ? { secureContext: createSecureContext(tls) } : {}),
    timeout: 10_000,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  return proxy === undefined
    ? new Pool(origin, { ...settings, connect })
    : new proxy.Agent({ ...settings, uri: proxy.uri, requestTls: connect });
}

function headersOf(request: ApiRequest, access: Access, userAgent: string): Record<string, string> {
  return {
    ...access.headers,
    "user-agent": userAgent,
    accept: request.accept ?? "application/json",
    ...(request.body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
  };
}

function queryText({ query }: ApiRequest): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
}

async function answerOf(response: Dispatcher.ResponseData): Promise<ApiResponse> {
  const text = await response.body.text();
  const seconds = retryAfterSeconds(response.headers["retry-after"]);
  return {
    status: response.statusCode,
    body: parsed(text),
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  };
}

/** JSON as its value; anything else, like a proxy's page, as its text. */
function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Seconds, from either form of the header; undefined when it is neither. */
function retryAfterSeconds(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

interface Deadline {
  readonly signal: AbortSignal;
  readonly passed: boolean;
  /** No deadline any longer; the caller's signal still counts. */
  clear(): void;
  stop(): void;
}

function startDeadline(milliseconds: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const state = { passed: false };
  const timer = setTimeout(() => {
    state.passed = true;
    controller.abort();
  }, milliseconds);
  const onAbort = (): void => controller.abort();
  if (outer?.aborted === true) controller.abort();
  outer?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    get passed() {
      return state.passed;
    },
    clear: () => clearTimeout(timer),
    stop: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", onAbort);
    },
  };
}

function failureOf(
  request: ApiRequest,
  error: unknown,
  server: string,
  deadline: Deadline,
  signal: AbortSignal | undefined,
): unknown {
  if (error instanceof ApiError) return error;
  const what = `${request.method} ${request.path}`;
  if (deadline.passed) {
    return new ApiError(`${what}: ${server} did not answer in time`, { code: "Timeout", cause: error });
  }
  if (signal?.aborted === true) return new ApiError(`${what}: given up`, { code: "Aborted", cause: error });
  return new ApiError(`${what}: no connection to ${server}: ${messageOf(error)}`, {
    code: "Unreachable",
    cause: error,
  });
}

async function* nothing(): AsyncGenerator<never> {}

/** The JSON of each line. Throws what `fail` makes of a broken connection; ends quietly by the signal. */
async function* linesOf(
  body: AsyncIterable<Buffer>,
  signal: AbortSignal,
  fail: (error: unknown) => unknown,
  stop: () => void,
): AsyncGenerator<unknown> {
  let rest: Buffer[] = [];
  try {
    for await (const chunk of body) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        rest.push(chunk.subarray(from, at));
        const line = Buffer.concat(rest).toString();
        rest = [];
        from = at + 1;
        if (line.trim() !== "") yield JSON.parse(line);
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
    }
  } catch (error) {
    if (!signal.aborted) throw fail(error);
  } finally {
    stop();
  }
}

const NEWLINE = 0x0a;

/** How old credentials may be. Short, because reading two small files costs nothing, and a token is valid for minutes at least. */
const CREDENTIALS_MILLISECONDS = 10_000;

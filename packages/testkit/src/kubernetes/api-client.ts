import { Agent, type Dispatcher } from "undici";

export interface ApiAnswer {
  readonly status: number;
  /** Parsed when it is JSON, else text. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers; a wrong member fails the test.
  readonly body: any;
}

/** A client as thin as can be: what is sent and what comes back, nothing tried again. */
export interface ApiClient {
  /**
   * One request. A body is JSON of the given content type: default `application/json`, and for PATCH
   * `application/merge-patch+json`. Rejects only when there is no answer within a minute.
   */
  api(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  /** A watch: its events until the server or the signal ends it. Rejects when it is not granted. */
  watch(path: string, signal: AbortSignal): Promise<AsyncIterable<WatchEvent>>;
  close(): Promise<void>;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  // biome-ignore lint/suspicious/noExplicitAny: as in ApiAnswer.
  readonly object: any;
}

/** Speaks to the server at `url` as the bearer of `token`. */
export function createApiClient(url: string, certificateAuthority: string, token: string): ApiClient {
  const agent = new Agent({
    connect: { ca: certificateAuthority },
    connections: 32,
    headersTimeout: ANSWER_MILLISECONDS,
    bodyTimeout: ANSWER_MILLISECONDS,
  });
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  return {
    async api(method, path, body, contentType) {
      const type = contentType ?? (method === "PATCH" ? "application/merge-patch+json" : "application/json");
      const answer = await agent.request({
        origin: url,
        path,
        method: method as Dispatcher.HttpMethod,
        headers: body === undefined ? headers : { ...headers, "content-type": type },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      const json = String(answer.headers["content-type"] ?? "").includes("json");
      return { status: answer.statusCode, body: json ? JSON.parse(text) : text };
    },
    async watch(path, signal) {
      // A quiet watch is silent for as long as nothing changes, which is no reason to end it.
      const answer = await agent.request({
        origin: url,
        path,
        method: "GET",
        headers,
        signal,
        bodyTimeout: 0,
      });
      if (answer.statusCode !== 200) {
        throw new Error(`watch ${path}: ${answer.statusCode} ${await answer.body.text()}`);
      }
      return lines(answer.body);
    },
    close: () => agent.destroy(),
  };
}

const ANSWER_MILLISECONDS = 60_000;

async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) if (line !== "") yield JSON.parse(line) as WatchEvent;
  }
}

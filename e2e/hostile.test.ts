import { connect } from "node:net";
import type { Behaviour } from "@gatewright/testkit";
import {
  type FakeUpstream,
  freePort,
  readStream,
  startFakeUpstream,
  temporaryFolder,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { residentMegabytes } from "../bench/process-figures.ts";
import { type RunningGateway, readiness, serve } from "./bundle.ts";

const KEY = "sk-hostile";
const stack = new AsyncDisposableStack();
const upstream: FakeUpstream = stack.use(await startFakeUpstream());
const nobody = await freePort();
const folder = stack.use(await temporaryFolder());
const gateway: RunningGateway = stack.use(
  await serve(
    folder,
    `
model_list:
  - {model_name: chat, litellm_params: {model: openai/chat, api_base: "${upstream.url}/v1", api_key: upstream-key}}
  - {model_name: hasty, litellm_params: {model: openai/chat, api_base: "${upstream.url}/v1", timeout: 0.3}}
  - {model_name: down, litellm_params: {model: openai/down, api_base: "http://127.0.0.1:${nobody}/v1"}}
  - {model_name: nowhere, litellm_params: {model: openai/nowhere, api_base: "http://no-such-host.invalid/v1"}}
router_settings: {num_retries: 0, disable_cooldowns: true} # what is tested is each failure by itself
general_settings: {master_key: ${KEY}, max_request_size_mb: 1}
gatewright: {timeouts: {stream_idle_seconds: 0.3}}
`,
  ),
);
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  upstream.script = {};
  upstream.forget();
});

const authorization = `Bearer ${KEY}`;
const chatUrl = `${gateway.url}/v1/chat/completions`;
const messages = [{ role: "user", content: "hello" }];

/** Sends a chat; `fields` go over the usual ones. */
async function chat(fields: object = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(chatUrl, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", messages, ...fields }),
    ...init,
  });
}

interface Envelope {
  readonly error: { readonly message: string; readonly type: string | null; readonly code: string };
}

/** An error in LiteLLM's envelope, whose code is its status, and in which nothing of our insides shows. */
async function errorOf(response: Response): Promise<Envelope["error"]> {
  const text = await response.text();
  expect(text).not.toMatch(/\n\s+at |node:internal|\.mjs|\.ts:|upstream-key/);
  expect(response.headers.get("content-type")).toBe("application/json");
  const { error } = JSON.parse(text) as Envelope;
  expect(error.code).toBe(String(response.status));
  return error;
}

interface Refusal {
  readonly name: string;
  readonly send: () => Promise<Response>;
  readonly status: number;
  readonly says: RegExp;
  /** LiteLLM's word; undefined where there is no envelope. */
  readonly type?: string | null;
}

const post = async (
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization, ...headers }, body });

/** A body that does not tell its length. */
function pieces(size: number): ReadableStream<Uint8Array> {
  let left = size;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(Math.min(left, 65_536)).fill(0x20));
      left -= 65_536;
      if (left <= 0) controller.close();
    },
  });
}

const refusals: readonly Refusal[] = [
  {
    name: "an unknown model",
    send: () => chat({ model: "gpt-17" }),
    status: 400,
    type: "None",
    says: /Invalid model name passed in model=gpt-17/,
  },
  {
    name: "no model",
    send: () => post("/v1/chat/completions", '{"messages":[]}'),
    status: 400,
    type: "None",
    says: /Invalid model name passed in/,
  },
  {
    name: "broken JSON",
    send: () => post("/v1/chat/completions", '{"model": "chat", '),
    status: 400,
    type: "invalid_request_error",
    says: /JSON/,
  },
  {
    name: "JSON that is no object",
    send: () => post("/v1/embeddings", '["chat"]'),
    status: 400,
    type: "invalid_request_error",
    says: /JSON object/,
  },
  {
    name: "an empty body",
    send: () => post("/v1/completions", ""),
    status: 400,
    type: "invalid_request_error",
    says: /JSON/,
  },
  {
    name: "bytes that are no UTF-8 text",
    send: () => post("/v1/chat/completions", new Uint8Array([0xff, 0xfe, 0x00, 0x7b])),
    status: 400,
    type: "invalid_request_error",
    says: /JSON/,
  },
  {
    name: "no messages",
    send: () => post("/v1/chat/completions", '{"model":"chat"}'),
    status: 400,
    type: "invalid_request_error",
    says: /`messages`/,
  },
  {
    name: "an address in the body",
    send: () => chat({ api_base: "http://169.254.169.254" }),
    status: 401,
    type: "auth_error",
    says: /api_base is not allowed in request body/,
  },
  {
    name: "a key in the body",
    send: () => chat({ api_key: "sk-mine" }),
    status: 401,
    type: "auth_error",
    says: /api_key is not allowed in request body/,
  },
  {
    name: "no key",
    send: () => chat({}, { headers: {} }),
    status: 401,
    type: "auth_error",
    says: /No api key passed in/,
  },
  {
    name: "a key without Bearer",
    send: () => chat({}, { headers: { authorization: KEY } }),
    status: 401,
    type: "auth_error",
    says: /Malformed API Key/,
  },
  {
    name: "a wrong key",
    send: () => chat({}, { headers: { authorization: "Bearer sk-wrong-but-long" } }),
    status: 401,
    type: "token_not_found_in_db",
    says: /Invalid proxy server token passed/,
  },
  {
    name: "a body over the limit that tells its length",
    send: () => chat({ padding: "x".repeat(1 << 20) }),
    status: 413,
    type: "invalid_request_error",
    says: /too large/,
  },
  {
    name: "a body over the limit that does not",
    send: () =>
      chat({}, { body: pieces(3 << 20), duplex: "half" } as RequestInit & { readonly duplex: "half" }),
    status: 413,
    type: "invalid_request_error",
    says: /too large/,
  },
  {
    name: "an unknown path",
    send: () => post("/v1/no/such/route", "{}"),
    status: 404,
    says: /^\{"detail":"Not Found"\}$/,
  },
  {
    name: "a wrong method",
    send: () => fetch(chatUrl, { headers: { authorization } }),
    status: 405,
    says: /^\{"detail":"Method Not Allowed"\}$/,
  },
  {
    name: "a wrong method for a list",
    send: () => fetch(`${gateway.url}/v1/models`, { method: "DELETE", headers: { authorization } }),
    status: 405,
    says: /^\{"detail":"Method Not Allowed"\}$/,
  },
];

describe("a client's mistake", () => {
  test.each(refusals)("$name: $status", async ({ says, send, status, type }) => {
    const response = await send();
    expect(response.status).toBe(status);
    if (type === undefined) {
      expect(await response.text()).toMatch(says);
    } else {
      const error = await errorOf(response);
      expect(error.message).toMatch(says);
      expect(error.type).toBe(type);
    }
    expect(upstream.requests).toEqual([]);
  });

  test.each([
    { name: "no HTTP", bytes: "GARBAGE\r\n\r\n", status: 400 },
    {
      name: "headers without end",
      bytes: `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-long: ${"y".repeat(100_000)}\r\n\r\n`,
      status: 431,
    },
    {
      name: "two lengths",
      bytes:
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabc",
      status: 400,
    },
    {
      name: "a length and chunks",
      bytes:
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      status: 400,
    },
  ])("$name on the wire: $status, and the connection is closed", async ({ bytes, status }) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(gateway.port, "127.0.0.1", () => socket.write(bytes));
      let text = "";
      socket.on("data", (data) => {
        text += data.toString();
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(upstream.requests).toEqual([]);
  });

  test("a body that never ends does not reach the upstream", async () => {
    const socket = connect(gateway.port, "127.0.0.1");
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 1000\r\n\r\n{"model":`,
    );
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.destroy();
    expect((await chat()).status).toBe(200);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("an upstream that refuses", () => {
  const statuses = [
    { sent: 400, status: 400, says: "BadRequestError" },
    { sent: 401, status: 401, says: "AuthenticationError" },
    { sent: 403, status: 403, says: "PermissionDeniedError" },
    { sent: 404, status: 404, says: "NotFoundError" },
    { sent: 408, status: 408, says: "Timeout" },
    { sent: 422, status: 422, says: "UnprocessableEntityError" },
    { sent: 429, status: 429, says: "RateLimitError" },
    { sent: 500, status: 500, says: "InternalServerError" },
    { sent: 503, status: 503, says: "ServiceUnavailableError" },
    // Anthropic's for having too much to do.
    { sent: 529, status: 503, says: "ServiceUnavailableError" },
  ];
  test.each(statuses)(
    "with $sent: $status litellm.$says, streamed or not",
    async ({ says, sent, status }) => {
      upstream.script = { default: { error: { status: sent, message: "no, thank you", retryAfter: 7 } } };
      for (const stream of [false, true]) {
        const response = await chat({ stream });
        expect(response.status).toBe(status);
        expect(response.headers.get("retry-after")).toBe("7");
        const { message } = await errorOf(response);
        expect(message).toContain(`litellm.${says}: `);
        expect(message).toContain("no, thank you");
        expect(message).toContain("Received Model Group=chat");
      }
    },
  );

  test.each([
    { name: "HTML", body: "<html><body>502 Bad Gateway</body></html>" },
    { name: "nothing", body: "" },
    { name: "another form of JSON", body: '{"detail":"overloaded"}' },
    { name: "a lot", body: "x".repeat(5_000_000) },
  ])("with $name", async ({ body }) => {
    upstream.script = { default: { error: { status: 503, body } } };
    const response = await chat();
    expect(response.status).toBe(503);
    expect((await errorOf(response)).message.length).toBeLessThan(5000);
  });
});

describe("an upstream that fails", () => {
  test.each(["down", "nowhere"])("because it is %s: 500 APIConnectionError", async (model) => {
    for (const stream of [false, true]) {
      const response = await chat({ model, stream });
      expect(response.status).toBe(500);
      expect((await errorOf(response)).message).toContain("litellm.APIConnectionError: ");
    }
  });

  const failures: readonly { readonly name: string; readonly fake: Behaviour; readonly says: string }[] = [
    { name: "an empty body", fake: { garbage: "empty" }, says: "litellm.APIError: " },
    { name: "a web page", fake: { garbage: "html" }, says: "litellm.APIError: " },
    { name: "plain text", fake: { garbage: "text" }, says: "litellm.APIError: " },
    { name: "a list", fake: { garbage: "list" }, says: "litellm.APIError: " },
    { name: "half an answer", fake: { garbage: "truncated" }, says: "litellm.APIError: " },
    { name: "bytes", fake: { garbage: "wrong-type" }, says: "litellm.APIError: " },
    { name: "half an answer and a cut", fake: { cutAtFrame: 0 }, says: "litellm.APIConnectionError: " },
    { name: "a cut", fake: { cutBeforeHeaders: true }, says: "litellm.APIConnectionError: " },
  ];
  test.each(failures)("with $name: 500 $says", async ({ fake, says }) => {
    upstream.script = { default: fake };
    for (const stream of fake.cutAtFrame === undefined ? [false, true] : [false]) {
      const response = await chat({ stream });
      expect(response.status).toBe(500);
      expect((await errorOf(response)).message).toContain(says);
    }
    upstream.script = {};
    expect((await chat()).status).toBe(200);
  });

  const streams: readonly {
    readonly name: string;
    readonly fake: Behaviour;
    readonly frames: number;
    readonly last: RegExp;
  }[] = [
    {
      name: "cuts the stream: one error frame, no [DONE]",
      fake: { cutAtFrame: 3 },
      frames: 4,
      last: /^\{"error":.*litellm\.APIConnectionError/,
    },
    {
      name: "falls silent in the stream: one error frame, no [DONE]",
      fake: { stallAtFrame: 2 },
      frames: 3,
      last: /^\{"error":.*litellm\.Timeout/,
    },
    {
      name: "sends an error in the stream: passed on",
      fake: { errorAtFrame: 2 },
      frames: 3,
      last: /fake error in the stream/,
    },
    {
      name: "ends the stream early: the client is told",
      fake: { endAtFrame: 2 },
      frames: 3,
      last: /a stream that ends too early/,
    },
  ];
  test.each(streams)("$name", async ({ fake, frames, last }) => {
    upstream.script = { default: fake };
    const response = await chat({ stream: true });
    expect(response.status).toBe(200);
    const read = await readStream(response.body ?? new ReadableStream());
    expect(read).toMatchObject({ done: false });
    expect(read.broken).toBeUndefined();
    expect(read.frames).toHaveLength(frames);
    expect(read.frames.at(-1)).toMatch(last);
    expect(read.frames.at(-1)).not.toMatch(/\\n\s+at /);
  });

  test("sends a frame that is no JSON: passed on, and the rest as well", async () => {
    upstream.script = { default: { malformedFrame: 2, model: "another-name" } };
    const read = await readStream((await chat({ stream: true })).body ?? new ReadableStream());
    expect(read.done).toBe(true);
    expect(read.frames).toHaveLength(6);
    expect(read.frames[2]).toBe('{"id": "broken');
    expect(read.frames[3]).toContain('"model":"chat"');
  });

  test("drips: the stream is whole, wherever its pieces end", async () => {
    upstream.script = {
      default: { text: "Grüße, 世界 🌍!", model: "another-name", drip: { bytes: 7, interval: 0 } },
    };
    const read = await readStream((await chat({ stream: true })).body ?? new ReadableStream());
    expect(read.done).toBe(true);
    for (const frame of read.frames) expect(JSON.parse(frame)).toMatchObject({ model: "chat" });
  });

  test("never answers: 408 at the deployment's time-out, and the upstream is let go", async () => {
    upstream.script = { default: { stallBeforeHeaders: true } };
    for (const stream of [false, true]) {
      const response = await chat({ model: "hasty", stream });
      expect(response.status).toBe(408);
      expect((await errorOf(response)).message).toContain("litellm.Timeout: ");
    }
    await waitFor(
      "the end of both",
      () => upstream.requests.every(({ state }) => state === "aborted") && upstream.requests.length === 2,
    );
  });

  test("never answers: the client's own time-out counts, too", async () => {
    upstream.script = { default: { stallBeforeHeaders: true } };
    const response = await chat({}, { headers: { authorization, "x-litellm-timeout": "0.2" } });
    expect(response.status).toBe(408);
  });
});

describe("a client that leaves", () => {
  test.each([
    { name: "before the answer", fake: { stallBeforeHeaders: true }, stream: false },
    { name: "before the stream", fake: { stallBeforeHeaders: true }, stream: true },
    { name: "in the middle of a slow answer", fake: { drip: { bytes: 1, interval: 50 } }, stream: false },
    { name: "in the middle of a stream", fake: { frames: 1000, interval: 20 }, stream: true },
  ])("$name: the upstream is let go", async ({ fake, stream }) => {
    upstream.script = { default: fake };
    const leaving = new AbortController();
    const asked = chat({ stream }, { signal: leaving.signal }).catch(() => undefined);
    await waitFor("the request", () => upstream.requests.length === 1);
    if (stream && fake.frames !== undefined) await waitFor("frames", () => upstream.stats.frames > 3);
    leaving.abort();
    await asked;
    await waitFor("the abort", () => upstream.requests[0]?.state === "aborted");
  });

  test("and one that does not read holds the upstream back, not the gateway's memory", async () => {
    const size = 100_000;
    const frames = 3000; // 300 MB
    upstream.script = { default: { frames, padding: size } };
    const before = residentMegabytes(gateway.process.pid)?.now ?? 0;
    const body = JSON.stringify({ model: "chat", messages, stream: true });
    const socket = connect(gateway.port, "127.0.0.1");
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await waitFor("the first frames", () => upstream.stats.frames > 0);
    // Held back: no further frame in twenty looks.
    let looks = { frames: 0, same: 0 };
    await waitFor("the upstream to be held back", () => {
      const { frames: now } = upstream.stats;
      looks = { frames: now, same: now === looks.frames ? looks.same + 1 : 0 };
      return looks.same > 20;
    });
    expect(looks.frames).toBeLessThan(frames / 5);
    const after = residentMegabytes(gateway.process.pid)?.now ?? 0;
    expect(after - before).toBeLessThan(100);
    // And when it reads again, everything comes, though it was silent for longer than a stream may be.
    let received = 0;
    socket.on("data", (chunk) => {
      received += chunk.length;
    });
    socket.resume();
    await waitFor("the end of the stream", () => upstream.requests[0]?.state === "answered", {
      capMilliseconds: 60_000,
    });
    await waitFor("all bytes", () => received > frames * size);
    socket.destroy();
  });
});

test("after all of that it is well, and nothing went wrong inside", async () => {
  expect(await readiness(gateway.url)).toMatchObject({ status: 200, config_problems: [] });
  expect((await chat()).status).toBe(200);
  await waitFor("the upstream's last stream", () => upstream.stats.openRequests === 0);
  expect(gateway.process.stderr).not.toContain("defect in the gateway");
  expect(gateway.process.stderr).not.toContain(KEY);
  expect(gateway.process.stderr).not.toContain("upstream-key");
  expect(await gateway.process.stop()).toEqual({ code: 0, signal: null });
});

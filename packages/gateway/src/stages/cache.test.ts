import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { ApiError } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import { manualClock, waitFor } from "@gatewright/testkit";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AnswerStore, Asker } from "../cache/answer-store.ts";
import { CacheStores } from "../cache/cache-stores.ts";
import { frameEnd } from "../cache/frames.ts";
import type { Recorder } from "../cache/recorder.ts";
import type { GroupCache } from "../snapshot/cache.ts";
import { type CacheExchange, cache } from "./cache.ts";

const jsonAnswer = '{"id":"chatcmpl-1","created":17,"model":"gpt","choices":[],"usage":{}}';
const streamAnswer = Buffer.from(
  `${["a", "é", '\\"model\\":\\"gpt\\"'].map((text) => `data: {"id":"1","model":"gpt","choices":[{"delta":{"content":"${text}"}}]}\r\n\r\n`).join("")}data: [DONE]\r\n\r\n`,
);

/** As much of an exchange as the stage needs. */
class TestExchange implements CacheExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly operation: Operation;
  readonly callId = "call";
  readonly requestId = "request";
  readonly startedAt = clock.monotonic();
  readonly group: NonNullable<CacheExchange["group"]>;
  readonly controls: CacheExchange["controls"];
  readonly proxyFields: readonly string[];
  readonly model: string;
  usageText: string | undefined;
  deployment: { readonly id: string } | undefined;
  fallbacks = 0;
  body: Buffer;
  stream: boolean;
  firstByteAt = 0;
  sentBytes = 0;
  /** Bytes that were written and not yet taken by the system, at most. */
  mostHeld = 0;
  call: { abandon(): void } | undefined;
  cacheKey: string | undefined;
  cacheHit = false;
  recorder: Recorder | undefined;

  constructor(incoming: IncomingMessage, response: ServerResponse, body: Buffer) {
    this.request = incoming;
    this.response = response;
    this.body = body;
    const fields = JSON.parse(body.toString());
    this.operation = incoming.url === "/embeddings" ? "embedding" : "chat";
    this.model = fields.model;
    this.stream = fields.stream === true;
    this.group = {
      nameJson: Buffer.from('"gpt"'),
      headerLine: "x-litellm-model-group: gpt\r\n",
      cache: kept,
    };
    this.controls = { cache: fields.cache, timeoutMilliseconds: undefined };
    this.proxyFields = Object.keys(fields).filter((field) => proxyFields.includes(field));
  }

  answeredModelJson(): Buffer {
    return Buffer.from(JSON.stringify(this.model));
  }

  forgetRequest(): void {
    this.body = Buffer.alloc(0);
  }

  finish(body: Buffer): void {
    this.sentBytes += body.length;
    this.response.end(body);
  }

  send(bytes: Buffer): boolean {
    this.sentBytes += bytes.length;
    this.recorder?.push(bytes);
    const more = this.response.write(bytes);
    this.mostHeld = Math.max(this.mostHeld, this.response.writableLength);
    return more;
  }

  get over(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  fail({ status }: ApiError): void {
    this.recorder?.abandon();
    if (this.over) return;
    this.response.writeHead(status);
    this.response.end();
  }
}

const proxyFields = ["cache", "timeout", "mock_response"];

let clock = manualClock();
let kept: GroupCache;
let server: Server;
let url: string;
/** Requests that went on to the upstream, in order. */
let calls: TestExchange[] = [];
let exchanges: TestExchange[] = [];
let counts: string[] = [];
/** What the upstream does with a call; by default it answers at once. */
let upstream: (exchange: TestExchange) => void;

beforeEach(async () => {
  clock = manualClock();
  // lru-cache takes the time 0 for none.
  await clock.advance(1);
  calls = [];
  exchanges = [];
  counts = [];
  upstream = (exchange) => answer(exchange);
  const services = {
    now: () => clock.monotonic(),
    after: (milliseconds: number, run: () => void) => ({ cancel: clock.after(milliseconds, run) }),
  };
  kept = {
    ...new CacheStores(services).local("", 64 << 20),
    ttlMilliseconds: 600_000,
    namespace: undefined,
    onByDefault: true,
    operations: new Set(["chat", "completion"]),
    headers: ["openai-beta"],
  };
  const stage = cache<TestExchange>({
    now: () => clock.monotonic(),
    epoch: () => clock.now(),
    count: (_, outcome) => counts.push(outcome),
    headers: () => "x-more: 1\r\n",
    crashed(error) {
      throw error;
    },
  });
  server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part) => parts.push(part));
    incoming.on("end", () => {
      const exchange = new TestExchange(incoming, response, Buffer.concat(parts));
      exchanges.push(exchange);
      // What `meter` does.
      response.on("close", () => {
        exchange.call?.abandon();
        exchange.recorder?.abandon();
      });
      stage(exchange, (next) => {
        calls.push(next);
        upstream(next);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function answer(exchange: TestExchange, chunks?: readonly Buffer[], status = 200): void {
  const parts = chunks ?? [exchange.stream ? streamAnswer : Buffer.from(jsonAnswer)];
  const type = exchange.stream ? "text/event-stream" : "application/json";
  exchange.deployment = { id: "d1" };
  exchange.response.writeHead(status, { "content-type": type });
  exchange.recorder?.begin(status, type);
  for (const part of parts) {
    exchange.send(part);
  }
  exchange.usageText = '{"total_tokens":3}';
  exchange.recorder?.end();
  exchange.response.end();
}

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A request whose client can leave. */
function ask(
  fields: object = {},
  options: RequestOptions = {},
): { readonly got: Promise<Got>; leave(): void } {
  const outgoing = request(`${url}/chat/completions`, { method: "POST", agent: false, ...options });
  const got = new Promise<Got>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
  });
  outgoing.end(JSON.stringify({ model: "gpt", messages: [], ...fields }));
  return { got, leave: () => outgoing.destroy() };
}

async function get(fields: object = {}, options: RequestOptions = {}): Promise<Got> {
  return ask(fields, options).got;
}

/** Asks that wait at the stage or at the upstream, one after the other so that their order is known. */
async function several(count: number): Promise<readonly ReturnType<typeof ask>[]> {
  const asked: ReturnType<typeof ask>[] = [];
  const before = exchanges.length;
  for (let index = 0; index < count; index++) {
    asked.push(ask());
    await waitFor("the request", () => exchanges.length === before + index + 1);
  }
  return asked;
}

describe("the cache stage", () => {
  it("answers the second request as the first, without the upstream", async () => {
    const first = await get();
    const second = await get({ timeout: 3 });
    expect([first.body, second.body, calls.length, counts]).toEqual([
      jsonAnswer,
      jsonAnswer,
      1,
      ["miss", "hit"],
    ]);
    expect(second.headers).toMatchObject({
      "content-type": "application/json",
      "content-length": String(jsonAnswer.length),
      "x-litellm-call-id": "call",
      "x-request-id": "request",
      "x-litellm-model-group": "gpt",
      "x-litellm-model-id": "d1",
      "x-litellm-response-cost": "0",
      "x-litellm-cache-key": exchanges[0]?.cacheKey,
      "x-more": "1",
    });
    expect(exchanges.map(({ cacheHit, cacheKey }) => [cacheHit, cacheKey])).toEqual([
      [false, exchanges[1]?.cacheKey],
      [true, exchanges[0]?.cacheKey],
    ]);
    expect(exchanges[1]).toMatchObject({
      sentBytes: jsonAnswer.length,
      deployment: undefined,
      recorder: undefined,
    });
  });

  it("replays a stream byte for byte, one chunk for each frame, wherever the upstream cut it", async () => {
    let seed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(streamAnswer.length), { maxLength: 8 }), async (cuts) => {
        seed++;
        const places = [0, ...cuts.toSorted((a, b) => a - b), streamAnswer.length];
        upstream = (exchange) =>
          answer(
            exchange,
            places.slice(1).map((place, index) => streamAnswer.subarray(places[index], place)),
          );
        await get({ stream: true, seed });
        const { headers, chunks } = await rawChunks({ stream: true, seed });
        expect(Buffer.concat(chunks).equals(streamAnswer)).toBe(true);
        expect(chunks.map(String)).toEqual(framesOf(streamAnswer).map(String));
        expect(headers).toContain("content-type: text/event-stream");
      }),
      { numRuns: 15 },
    );
    expect(calls.length).toBe(15);
  });

  it("says the name the client used, in streams as well", async () => {
    for (const stream of [false, true]) {
      await get({ stream });
      const got = await get({ stream, model: "alias" });
      const original = stream ? streamAnswer.toString() : jsonAnswer;
      expect(got.body).toBe(original.replaceAll('"model":"gpt"', '"model":"alias"'));
      expect((await get({ stream })).body).toBe(original);
    }
    expect(calls.length).toBe(2);
  });

  it("forgets an answer after its ttl", async () => {
    await get();
    await clock.advance(600_000);
    await get();
    expect(calls.length).toBe(1);
    await clock.advance(1);
    await get();
    expect(calls.length).toBe(2);
  });

  /** Requests one after the other, seconds apart; how many of them the upstream sees. */
  const controls: readonly {
    name: string;
    requests: readonly object[];
    apart?: number;
    optIn?: boolean;
    upstream: number;
  }[] = [
    {
      name: "no-cache skips the look-up, and renews what is kept",
      requests: [{}, { "no-cache": true }, {}],
      upstream: 2,
    },
    { name: "no-cache fills an empty cache", requests: [{ "no-cache": true }, {}], upstream: 1 },
    { name: "no-store keeps nothing", requests: [{ "no-store": true }, {}], upstream: 2 },
    { name: "no-store reads", requests: [{}, { "no-store": true }], upstream: 1 },
    { name: "both", requests: [{}, { "no-store": true, "no-cache": true }, {}], upstream: 2 },
    { name: "s-maxage that is kept", requests: [{}, { "s-maxage": 11 }], apart: 10, upstream: 1 },
    {
      name: "s-maxage that is passed",
      requests: [{}, { "s-maxage": 10 }, { "s-maxage": 11 }],
      apart: 10,
      upstream: 2,
    },
    { name: "ttl that is kept", requests: [{ ttl: 11 }, {}], apart: 10, upstream: 1 },
    { name: "ttl that is passed", requests: [{ ttl: 9 }, {}], apart: 10, upstream: 2 },
    { name: "ttl 0", requests: [{ ttl: 0 }, {}], upstream: 2 },
    {
      name: "namespaces",
      requests: [{ namespace: "a" }, {}, { namespace: "b" }, { namespace: "a" }],
      upstream: 3,
    },
    { name: "default_off without use-cache", requests: [{}, {}], optIn: true, upstream: 2 },
    {
      name: "default_off with use-cache",
      requests: [{ "use-cache": true }, { "use-cache": true }],
      optIn: true,
      upstream: 1,
    },
    {
      name: "default_off keeps nothing unasked",
      requests: [{}, { "use-cache": true }],
      optIn: true,
      upstream: 2,
    },
    { name: "use-cache: false in mode default_on", requests: [{ "use-cache": false }, {}], upstream: 1 },
  ];
  it.each(controls)("$name", async ({ requests, apart = 0, optIn, upstream: want }) => {
    kept = { ...kept, onByDefault: optIn !== true };
    for (const one of requests) {
      expect((await get({ cache: one })).body).toBe(jsonAnswer);
      await clock.advance(apart * 1000);
    }
    expect(calls.length).toBe(want);
  });

  it("lets operations through that are not cached", async () => {
    for (let count = 0; count < 2; count++) await get({}, { path: "/embeddings" });
    expect([calls.length, counts, exchanges[0]?.cacheKey, exchanges[0]?.recorder]).toEqual([
      2,
      [],
      undefined,
      undefined,
    ]);
  });

  it("tells requests apart by client headers that go upstream, and by no other", async () => {
    await get();
    await get({}, { headers: { "openai-beta": "x" } });
    await get({}, { headers: { "x-other": "x" } });
    expect(calls.length).toBe(2);
  });

  it("tells mocked answers apart", async () => {
    await get({ mock_response: "a" });
    await get({ mock_response: "b" });
    await get({ mock_response: "a" });
    expect(calls.length).toBe(2);
  });

  it("refuses controls it cannot read, where answers are kept at all", async () => {
    expect((await get({ cache: { "no-cache": "yes" } })).status).toBe(400);
    expect((await get({ cache: { "no-cache": "yes" } }, { path: "/embeddings" })).status).toBe(200);
    expect(calls.length).toBe(1);
  });

  it("does not keep errors", async () => {
    upstream = (exchange) => answer(exchange, [Buffer.from('{"error":{}}')], 500);
    expect((await get()).status).toBe(500);
    expect((await get()).status).toBe(500);
    expect(calls.length).toBe(2);
  });

  it("asks once for 50 identical requests", async () => {
    upstream = () => {};
    const asked = await several(50);
    expect(calls.length).toBe(1);
    answer(calls[0]!);
    const got = await Promise.all(asked.map(async (one) => one.got));
    expect(got.map(({ body }) => body)).toEqual(Array(50).fill(jsonAnswer));
    expect([calls.length, counts.filter((one) => one === "hit").length, kept.flights.size]).toEqual([
      1, 49, 0,
    ]);
    expect(clock.timers()).toEqual([]);
  });

  it("has one new leader when the first one's call fails", async () => {
    upstream = () => {};
    const asked = await several(10);
    answer(calls[0]!, [Buffer.from("{}")], 500);
    expect(calls.length).toBe(2);
    answer(calls[1]!);
    const got = await Promise.all(asked.map(async (one) => one.got));
    expect(got.map(({ status }) => status)).toEqual([500, ...Array(9).fill(200)]);
    expect(calls.length).toBe(2);
  });

  it("has one new leader when the first one's client leaves, and forgets followers that leave", async () => {
    upstream = () => {};
    const asked = await several(4);
    for (const one of asked) one.got.catch(() => {});
    asked[1]?.leave();
    await waitFor("the follower's end", () => exchanges[1]?.response.destroyed === true);
    asked[0]?.leave();
    await waitFor("the new leader", () => calls.length === 2);
    expect(calls[1]).toBe(exchanges[2]);
    answer(calls[1]!);
    expect((await asked[3]?.got)?.body).toBe(jsonAnswer);
    expect(calls.length).toBe(2);
  });

  it("does not wait for a slow leader longer than 30 s, and takes any answer that comes first", async () => {
    upstream = () => {};
    const asked = await several(2);
    await clock.advance(29_999);
    expect(calls.length).toBe(1);
    await clock.advance(1);
    expect(calls).toEqual([exchanges[0], exchanges[1]]);
    const late = ask();
    await waitFor("the late one", () => exchanges.length === 3);
    expect(calls.length).toBe(2);
    answer(calls[1]!);
    expect((await asked[1]?.got)?.body).toBe(jsonAnswer);
    expect((await late.got).body).toBe(jsonAnswer);
    expect((await get()).body).toBe(jsonAnswer);
    answer(calls[0]!);
    expect((await asked[0]?.got)?.body).toBe(jsonAnswer);
    expect([calls.length, kept.flights.size]).toEqual([2, 0]);
  });

  it("lets followers go on when a fallback answered", async () => {
    upstream = () => {};
    const asked = await several(3);
    calls[0]!.fallbacks = 1;
    upstream = (exchange) => answer(exchange);
    answer(calls[0]!);
    await Promise.all(asked.map(async (one) => one.got));
    expect(calls.length).toBe(3);
  });

  it("asks a slow store once for all, and drops a client that leaves meanwhile", async () => {
    const askers: Asker[] = [];
    const store: AnswerStore = { recordingBytes: 1, get: (_, asker) => askers.push(asker), set() {} };
    kept = { ...kept, store };
    const asked = await several(3);
    expect(askers.length).toBe(1);
    for (const one of asked) one.got.catch(() => {});
    asked[0]?.leave();
    await waitFor("the leader's end", () => exchanges[0]?.response.destroyed === true);
    askers[0]?.found(undefined);
    await Promise.all([asked[1]?.got, asked[2]?.got]);
    expect(calls[0]).toBe(exchanges[1]);
    expect(kept.flights.size).toBe(0);
  });

  it("waits for a client that reads slowly, without piling up what it has not read", async () => {
    const frame = Buffer.from(`data: {"x":"${"y".repeat(10_000)}"}\n\n`);
    const long = Buffer.concat([...Array(400).fill(frame), Buffer.from("data: [DONE]\n\n")]);
    upstream = (exchange) => answer(exchange, [long]);
    await get({ stream: true });
    const outgoing = request(`${url}/chat/completions`, { method: "POST", agent: false });
    const response = await new Promise<IncomingMessage>((resolve) => {
      outgoing.on("response", resolve);
      outgoing.end(JSON.stringify({ model: "gpt", messages: [], stream: true }));
    });
    const slow = exchanges[1]!;
    let bytes = 0;
    for await (const part of response) {
      bytes += part.length;
    }
    expect([bytes, slow.sentBytes]).toEqual([long.length, long.length]);
    expect(slow.mostHeld).toBeLessThan(slow.response.writableHighWaterMark + 2 * frame.length);
  });
});

function framesOf(bytes: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = frameEnd(bytes, start);
    frames.push(bytes.subarray(start, end));
    start = end;
  }
  return frames;
}

/** The chunks of HTTP's chunked encoding: what clients that look at the wire would tell apart. */
async function rawChunks(
  fields: object,
): Promise<{ readonly headers: string; readonly chunks: readonly Buffer[] }> {
  const body = JSON.stringify({ model: "gpt", messages: [], ...fields });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(
    `POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  const bytes = Buffer.concat(parts);
  const chunks: Buffer[] = [];
  const headersEnd = bytes.indexOf("\r\n\r\n") + 4;
  for (let at = headersEnd; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const length = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (!(length > 0)) break;
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 4 + length;
  }
  return { headers: bytes.toString("latin1", 0, headersEnd), chunks };
}

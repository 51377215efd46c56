import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { exampleGateways, startFakeUpstream, type Values, waitFor } from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";

/** A request as the upstream got it. */
interface Arrived {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly chunks: Buffer[];
  complete: boolean;
  aborted: boolean;
}

const arrived: Arrived[] = [];
/** How the upstream answers; "whole" requests only unless it says otherwise. */
let respond: (request: IncomingMessage, response: ServerResponse, one: Arrived) => void;
const transcribed = (_: IncomingMessage, response: ServerResponse): void => {
  response.setHeader("content-type", "application/json");
  response.end('{"text":"hello","usage":{"type":"duration","seconds":2}}');
};

const upstream = createServer((request, response) => {
  const one: Arrived = {
    path: request.url ?? "",
    headers: request.headers,
    chunks: [],
    complete: false,
    aborted: false,
  };
  arrived.push(one);
  request.on("data", (chunk: Buffer) => one.chunks.push(chunk));
  request.on("end", () => {
    one.complete = true;
  });
  request.on("close", () => {
    one.aborted = !request.complete;
  });
  const answer = respond;
  if (answer.length > 2) answer(request, response, one);
  else request.on("end", () => answer(request, response, one));
});
await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;

const unused = await startFakeUpstream();
const gateways = exampleGateways(unused);
const { start } = gateways;
respond = transcribed;
afterEach(async () => {
  await gateways.end();
  arrived.length = 0;
  respond = transcribed;
});
afterAll(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await unused.close();
});

const transcriptions = "/v1/audio/transcriptions";

function models(...entries: readonly (readonly [name: string, model: string, more?: Values])[]): Values {
  return {
    model_list: entries.map(([name, model, more]) => ({
      model_name: name,
      litellm_params: { model: `openai/${model}`, api_base: `${url}/v1`, api_key: "sk-upstream", ...more },
    })),
  };
}

function formOf(parts: readonly (readonly [name: string, value: string | Buffer])[]): FormData {
  const form = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)]), "a.mp3");
  }
  return form;
}

async function upload(
  gateway: { readonly url: string },
  body: FormData,
  path = transcriptions,
  headers: { readonly [name: string]: string } = {},
): Promise<Response> {
  return fetch(`${gateway.url}${path}`, { method: "POST", body, headers });
}

/** What the upstream makes of a form, read by a parser that is not ours. */
async function readForm({ chunks, headers }: Arrived): Promise<[string, string | Buffer][]> {
  const form = await new Response(Buffer.concat(chunks), {
    headers: { "content-type": String(headers["content-type"]) },
  }).formData();
  return Promise.all(
    [...form].map(
      async ([name, value]): Promise<[string, string | Buffer]> =>
        typeof value === "string" ? [name, value] : [name, Buffer.from(await value.arrayBuffer())],
    ),
  );
}

function only(): Arrived {
  const [one] = arrived;
  if (one === undefined || arrived.length > 1) throw new Error(`${arrived.length} requests arrived`);
  return one;
}

const bytes = (length: number): Buffer => Buffer.alloc(length, "0123456789\r\n--abc");
const boundary = "xyz";
const multipart = { "content-type": `multipart/form-data; boundary=${boundary}` };
const text = (name: string, value: string): string =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const fileHead = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n`;
const formEnd = `\r\n--${boundary}--\r\n`;

/** A request whose body the test writes as it likes. */
function open(gateway: { readonly url: string }, headers: { readonly [name: string]: string } = multipart) {
  const request = send(`${gateway.url}${transcriptions}`, { method: "POST", headers });
  const answer = new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
  });
  // Not every test waits for the answer.
  answer.catch(() => {});
  return { request, answer };
}

const received = (): number => arrived[0]?.chunks.reduce((sum, chunk) => sum + chunk.length, 0) ?? 0;

describe("a form", () => {
  it.each([
    { name: "small", size: 1000, order: ["model", "file", "prompt"] },
    { name: "small, file first", size: 1000, order: ["file", "prompt", "model"] },
    { name: "large", size: 8 << 20, order: ["model", "prompt", "file"] },
    { name: "large, file first", size: 8 << 20, order: ["file", "model", "prompt"] },
  ])("arrives as it was sent but for the model's name: $name", async ({ size, order }) => {
    const { gateway } = await start(models(["hear", "whisper-large-v3"]));
    const values: { readonly [name: string]: string | Buffer } = {
      model: "hear",
      file: bytes(size),
      prompt: "Grüße",
    };
    const response = await upload(gateway, formOf(order.map((name) => [name, values[name] ?? ""])));
    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ text: "hello" }),
    ]);
    const one = only();
    expect(one).toMatchObject({ path: transcriptions, headers: { authorization: "Bearer sk-upstream" } });
    expect(Number(one.headers["content-length"])).toBe(received());
    const parts = await readForm(one);
    expect(parts.map(([name]) => name)).toEqual(order);
    const sent = Object.fromEntries(parts);
    expect(sent["model"]).toBe("whisper-large-v3");
    expect(sent["prompt"]).toBe("Grüße");
    expect(bytes(size).equals(sent["file"] as Buffer)).toBe(true);
  });

  it("is on its way while the client still sends, and goes in chunks when it came in chunks", async () => {
    const { gateway } = await start(models(["hear", "whisper"]));
    const { request, answer } = open(gateway);
    const half = bytes(4 << 20);
    request.write(text("model", "hear") + fileHead);
    request.write(half);
    await waitFor("the first half", () => received() > half.length);
    expect(only().complete).toBe(false);
    request.end(Buffer.concat([half, Buffer.from(formEnd)]));
    expect((await answer).status).toBe(200);
    expect(only().headers).toMatchObject({ "transfer-encoding": "chunked", ...multipart });
    expect(Buffer.concat(only().chunks).toString("latin1")).toBe(
      text("model", "whisper") + fileHead + half.toString("latin1") + half.toString("latin1") + formEnd,
    );
  });

  it("loses what is for the gateway alone, and gets what the deployment puts in", async () => {
    const { gateway } = await start(
      models([
        "hear",
        "whisper",
        { extra_body: { language: "de", options: { a: 1 } }, additional_drop_params: ["prompt"] },
      ]),
    );
    const parts: [string, string][] = [
      ["num_retries", "1"],
      ["language", "en"],
      ["model", "hear"],
      ["prompt", "x"],
      ["temperature", "0"],
    ];
    expect((await upload(gateway, formOf(parts))).status).toBe(200);
    expect(await readForm(only())).toEqual([
      ["language", "de"],
      ["options", '{"a":1}'],
      ["model", "whisper"],
      ["temperature", "0"],
    ]);
  });

  it("takes the model from the path, and tells the upstream", async () => {
    const { gateway } = await start(models(["hear", "whisper"]));
    const path = "/openai/deployments/hear/audio/transcriptions";
    expect((await upload(gateway, formOf([["file", bytes(10)]]), path)).status).toBe(200);
    expect(await readForm(only())).toEqual([
      ["model", "whisper"],
      ["file", bytes(10)],
    ]);
  });

  it.each([
    { name: "no model", parts: [["file", bytes(10)]], message: "Invalid model name passed in model=None" },
    {
      name: "two models",
      parts: [
        ["model", "hear"],
        ["model", "secret"],
      ],
      message: "`model` has to be one text",
    },
    { name: "a file as the model", parts: [["model", bytes(10)]], message: "`model` has to be one text" },
    {
      name: "an address",
      parts: [
        ["model", "hear"],
        ["api_base", "https://example.org"],
      ],
      message: "api_base is not allowed",
      status: 401,
    },
  ] as const)("with $name is refused", async ({ parts, message, ...more }) => {
    const { gateway } = await start(models(["hear", "whisper"], ["secret", "other"]));
    const response = await upload(gateway, formOf(parts));
    expect(response.status).toBe("status" in more ? more.status : 400);
    expect(await response.text()).toContain(message);
    expect(arrived).toHaveLength(0);
  });

  it.each([
    { name: "JSON", headers: { "content-type": "application/json" }, body: '{"model":"hear"}' },
    { name: "a form without a boundary", headers: { "content-type": "multipart/form-data" }, body: "--a--" },
    { name: "something else", headers: multipart, body: "hello" },
    { name: "half a form", headers: multipart, body: text("model", "hear") },
  ])("is not taken from $name", async ({ headers, body }) => {
    const { gateway } = await start(models(["hear", "whisper"]));
    const response = await fetch(`${gateway.url}${transcriptions}`, { method: "POST", headers, body });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining("multipart/form-data"),
    ]);
    expect(arrived).toHaveLength(0);
  });

  it("needs a key where one is needed", async () => {
    const { gateway } = await start({ ...models(["hear", "w"]), general_settings: { master_key: "sk-1" } });
    const form = formOf([["model", "hear"]]);
    expect((await upload(gateway, form)).status).toBe(401);
    expect((await upload(gateway, form, transcriptions, { authorization: "Bearer sk-1" })).status).toBe(200);
    expect(only().headers["authorization"]).toBe("Bearer sk-upstream");
  });
});

describe("a form on its way", () => {
  /** Has sent its model and a part of its file, which has arrived. */
  async function underWay(document: Values) {
    const { gateway } = await start(document);
    const sent = open(gateway);
    sent.request.write(text("model", "hear") + fileHead);
    sent.request.write(bytes(300_000));
    await waitFor("the first part", () => received() > 300_000);
    return sent;
  }

  it.each([
    { name: "another model", rest: `\r\n${text("model", "secret")}`, status: 400, message: "one text" },
    {
      name: "an address",
      rest: `\r\n${text("base_url", "x")}`,
      status: 401,
      message: "base_url is not allowed",
    },
    { name: "another kind of line end", rest: `\n--${boundary}\n`, status: 400, message: "line feed alone" },
  ])("is broken off at $name, before the upstream sees that", async ({ rest, status, message }) => {
    const { request, answer } = await underWay(models(["hear", "whisper"]));
    request.end(rest + formEnd);
    expect(await answer).toEqual({ status, body: expect.stringContaining(message) });
    await waitFor("the end of the call", () => only().aborted);
    expect(Buffer.concat(only().chunks).includes(rest)).toBe(false);
  });

  it("stays with the client while the upstream does not take it", async () => {
    let resume = (): void => {};
    respond = (request, response, _one) => {
      request.pause();
      resume = () => {
        request.on("end", () => transcribed(request, response));
        request.resume();
      };
    };
    const { gateway } = await start(models(["hear", "whisper"]));
    const { request, answer } = open(gateway);
    request.write(text("model", "hear") + fileHead);
    const piece = bytes(1 << 20);
    let taken = 0;
    const write = (left: number): void => {
      if (left === 0) return void request.end(formEnd);
      request.write(piece, () => {
        taken++;
        write(left - 1);
      });
    };
    write(60);
    let before = 0;
    await waitFor("the client to wait", async () => {
      const still = taken === before && arrived.length > 0;
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return still;
    });
    // What the sockets between hold.
    expect(taken).toBeLessThan(40);
    resume();
    expect((await answer).status).toBe(200);
    expect(received()).toBeGreaterThan(60 << 20);
  });

  it("is broken off at the limit of bodies", async () => {
    const { request, answer } = await underWay({
      ...models(["hear", "whisper"]),
      general_settings: { max_request_size_mb: 1 },
    });
    request.end(bytes(2 << 20));
    expect(await answer).toEqual({ status: 413, body: expect.stringContaining("1048576 bytes") });
    await waitFor("the end of the call", () => only().aborted);
  });

  it("is let go of when its client leaves", async () => {
    const { request } = await underWay(models(["hear", "whisper"]));
    request.destroy();
    await waitFor("the end of the call", () => only().aborted);
    expect(arrived).toHaveLength(1);
  });

  it("is not sent a second time when its upstream leaves, and the client hears of it", async () => {
    respond = (request, _response, _one) => {
      request.once("data", () => setTimeout(() => request.socket.destroy(), 50));
    };
    const { request, answer } = await underWay({
      ...models(["hear", "whisper"], ["hear", "other"], ["spare", "spare"]),
      router_settings: { num_retries: 3, fallbacks: [{ hear: ["spare"] }] },
    });
    expect((await answer).status).toBe(500);
    expect(arrived).toHaveLength(1);
    request.end(formEnd);
  });

  it("is answered when the upstream does not want to hear all of it", async () => {
    respond = (request, response, _one) => {
      request.on("data", () => {
        if (received() < 300_000 || response.headersSent) return;
        response.writeHead(429, { "content-type": "application/json", connection: "close" });
        response.end('{"error":{"message":"too much noise"}}');
      });
    };
    const { request, answer } = await underWay({
      ...models(["hear", "whisper"], ["hear", "other"]),
      router_settings: { num_retries: 3 },
    });
    expect(await answer).toEqual({ status: 429, body: expect.stringContaining("too much noise") });
    request.end(formEnd);
    expect(arrived).toHaveLength(1);
  });

  it("goes to somebody else as long as nothing of it is gone", async () => {
    const closed = { api_base: "http://127.0.0.1:1/v1" };
    const { gateway } = await start({
      ...models(["hear", "whisper", closed], ["spare", "other"]),
      router_settings: { num_retries: 0, fallbacks: [{ hear: ["spare"] }] },
    });
    const parts = [
      ["model", "hear"],
      ["file", bytes(1 << 20)],
    ] as const;
    expect((await upload(gateway, formOf(parts))).status).toBe(200);
    expect((await readForm(only()))[0]).toEqual(["model", "other"]);
  });
});

it("a small form is sent again after a failure", async () => {
  let calls = 0;
  respond = (request, response) => {
    if (calls++ > 0) return transcribed(request, response);
    response.statusCode = 503;
    response.end("{}");
  };
  const { gateway } = await start({
    ...models(["hear", "whisper"], ["hear", "other"]),
    router_settings: { num_retries: 1 },
  });
  const parts = [
    ["file", bytes(1000)],
    ["model", "hear"],
  ] as const;
  expect((await upload(gateway, formOf(parts))).status).toBe(200);
  const forms = await Promise.all(arrived.map(readForm));
  expect(new Set(forms.map((form) => form[1]?.[1]))).toEqual(new Set(["other", "whisper"]));
  expect(forms.map((form) => form[0])).toEqual([parts[0], parts[0]]);
});

describe("an answer to a form", () => {
  it.each([
    { name: "a text", type: "text/plain; charset=utf-8", body: "hello\n" },
    { name: "subtitles", type: "text/vtt", body: "WEBVTT\n\n" },
    {
      name: "a stream",
      type: "text/event-stream",
      body: 'data: {"type":"transcript.text.delta","delta":"he"}\n\ndata: {"type":"transcript.text.done","text":"he"}\n\n',
    },
  ])("that is $name passes", async ({ type, body }) => {
    respond = (_request, response) => {
      response.setHeader("content-type", type);
      response.end(body);
    };
    const { gateway } = await start(models(["hear", "whisper"]));
    const response = await upload(
      gateway,
      formOf([
        ["model", "hear"],
        ["stream", "true"],
        ["file", bytes(10)],
      ]),
    );
    expect([response.headers.get("content-type"), await response.text()]).toEqual([type, body]);
  });

  it("has its pictures, and its own path", async () => {
    respond = (_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end('{"created":1,"data":[{"b64_json":"AAAA"}]}');
    };
    const { gateway } = await start(models(["paint", "gpt-image-1"]));
    const parts = [
      ["image", bytes(100)],
      ["model", "paint"],
      ["prompt", "a cat"],
    ] as const;
    for (const path of ["/v1/images/edits", "/images/variations", "/v1/audio/translations"]) {
      expect((await upload(gateway, formOf(parts), path)).status).toBe(200);
      expect(arrived.at(-1)?.path).toBe(path.startsWith("/v1") ? path : `/v1${path}`);
    }
  });
});

it("speech comes as it is spoken", async () => {
  let finish = (): void => {};
  respond = (_request, response) => {
    response.setHeader("content-type", "audio/mpeg");
    response.write(Buffer.from([1, 2, 3]));
    finish = () => response.end(Buffer.from([0xff, 0]));
  };
  const { gateway } = await start(models(["say", "tts-1"]));
  const response = await fetch(`${gateway.url}/v1/audio/speech`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "say", input: "hello", voice: "alloy" }),
  });
  expect(response.headers.get("content-type")).toBe("audio/mpeg");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first = await reader.read();
  expect([...(first.value ?? [])]).toEqual([1, 2, 3]);
  finish();
  expect([...((await reader.read()).value ?? [])]).toEqual([0xff, 0]);
  expect(JSON.parse(Buffer.concat(only().chunks).toString())).toEqual({
    model: "tts-1",
    input: "hello",
    voice: "alloy",
  });
});

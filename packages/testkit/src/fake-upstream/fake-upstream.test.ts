import OpenAI, { APIConnectionError, AuthenticationError, RateLimitError } from "openai";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { chatText, readStream } from "../sse.ts";
import { waitFor } from "../wait.ts";
import { type Behaviour, sample } from "./behaviour.ts";
import { startFakeUpstream } from "./fake-upstream.ts";

const upstream = await startFakeUpstream();
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.script = {};
  upstream.forget();
});

const client = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "sk-test", maxRetries: 0 });
const messages = [{ role: "user" as const, content: "hello" }];

/** A streamed chat over plain HTTP, with the behaviour asked for in the request. */
async function streamed(fake: Behaviour, more: object = {}): Promise<Awaited<ReturnType<typeof readStream>>> {
  const response = await fetch(`${upstream.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "m", messages, stream: true, fake, ...more }),
  });
  if (response.body === null) throw new Error("no body");
  return readStream(response.body);
}

test("a held stream repeats its first frame until the release, and ends well", async () => {
  const reading = streamed({ held: true, interval: 10, frames: 2 });
  await waitFor("some frames", () => upstream.stats.frames > 3);
  expect(upstream.stats.openStreams).toBe(1);
  upstream.release();
  const { frames, done, broken } = await reading;
  expect({ done, broken }).toEqual({ done: true });
  expect(chatText(frames)).toMatch(/^m(m)+ 1$/);
  expect(frames).toHaveLength(upstream.stats.frames);
  // Only those that were held then: the next one is held again.
  const next = streamed({ held: true, interval: 10 });
  await waitFor("some frames", () => upstream.stats.openStreams === 1);
  upstream.release();
  expect(await next).toMatchObject({ done: true });
});

describe("the official client", () => {
  test("reads a chat, a stream, a completion, embeddings and the list of models", async () => {
    upstream.script = { listed: ["m", "n"] };
    const chat = await client.chat.completions.create({ model: "m", messages });
    expect(chat.choices[0]?.message.content).toBe("m 1 2 3 4");
    expect(chat.usage?.total_tokens).toBe(12);

    const stream = await client.chat.completions.create({
      model: "m",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      tokens += chunk.usage?.total_tokens ?? 0;
    }
    expect(text).toBe("m 1 2 3 4");
    expect(tokens).toBe(12);

    expect((await client.completions.create({ model: "m", prompt: "x" })).choices[0]?.text).toBe("m 1 2 3 4");
    // The client asks for base64 by itself, so this decodes it.
    const { data } = await client.embeddings.create({ model: "m", input: ["a", "b"] });
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [0.5, 1, 1.5],
      [Math.fround(1 / 3), Math.fround(2 / 3), 1],
    ]);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["m", "n"]);
    expect(upstream.requests.map(({ state }) => state)).toEqual(Array(4).fill("answered"));
  });

  test.each([false, true])("reads tool calls (stream: %s)", async (stream) => {
    upstream.script = { models: { m: { toolCalls: [{ name: "weather", arguments: '{"city":"Oslo"}' }] } } };
    const answer = stream
      ? await client.chat.completions.stream({ model: "m", messages }).finalChatCompletion()
      : await client.chat.completions.create({ model: "m", messages });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ function: { name: "weather", arguments: '{"city":"Oslo"}' } });
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
  });

  test("is refused by key, and limited by model", async () => {
    upstream.script = {
      acceptedKeys: ["sk-test", "sk-poor"],
      models: { full: { error: { status: 429, retryAfter: 7 } } },
      keys: { "sk-poor": { error: { status: 403 } } },
    };
    const wrong = client.withOptions({ apiKey: "sk-wrong" });
    await expect(wrong.chat.completions.create({ model: "m", messages })).rejects.toThrow(
      AuthenticationError,
    );
    const limited = await client.chat.completions.create({ model: "full", messages }).catch((e) => e);
    expect(limited).toBeInstanceOf(RateLimitError);
    expect(limited.headers.get("retry-after")).toBe("7");
    const poor = client.withOptions({ apiKey: "sk-poor" });
    await expect(poor.chat.completions.create({ model: "m", messages })).rejects.toMatchObject({
      status: 403,
    });
    expect(upstream.requests.map(({ key }) => key)).toEqual(["sk-wrong", "sk-test", "sk-poor"]);
  });

  test("sees a cut connection as one", async () => {
    upstream.script = { default: { cutBeforeHeaders: true } };
    await expect(client.chat.completions.create({ model: "m", messages })).rejects.toThrow(
      APIConnectionError,
    );
    expect(upstream.requests[0]?.state).toBe("cut");
  });

  test("that aborts in the middle is recorded", async () => {
    upstream.script = { default: { stallAtFrame: 2 } };
    const stream = await client.chat.completions.create({ model: "m", messages, stream: true });
    for await (const _ of stream) {
      stream.controller.abort();
      break;
    }
    const record = await waitFor("the abort", () => upstream.requests.find((r) => r.state === "aborted"));
    expect(record.endedAt).toBeGreaterThanOrEqual(record.startedAt);
    expect(upstream.stats).toMatchObject({ streams: 1, openStreams: 0, aborted: 1 });
  });
});

describe("a stream", () => {
  const cases: readonly {
    name: string;
    fake: Behaviour;
    frames: number;
    done?: boolean;
    broken?: boolean;
  }[] = [
    { name: "is complete by default", fake: {}, frames: 6, done: true },
    { name: "has as many frames as asked for", fake: { frames: 50 }, frames: 51, done: true },
    { name: "is cut", fake: { cutAtFrame: 3 }, frames: 3, broken: true },
    { name: "is cut after its last frame", fake: { cutAtFrame: 6 }, frames: 6, broken: true },
    { name: "ends early", fake: { endAtFrame: 2 }, frames: 2 },
    { name: "ends in an error frame", fake: { errorAtFrame: 2 }, frames: 3 },
    { name: "drips", fake: { drip: { bytes: 100, interval: 1 } }, frames: 6, done: true },
    { name: "waits between frames", fake: { interval: { from: 0, to: 2 } }, frames: 6, done: true },
  ];
  test.each(cases)("$name", async ({ fake, frames, done = false, broken = false }) => {
    const read = await streamed(fake);
    expect(read.frames).toHaveLength(frames);
    expect(read.done).toBe(done);
    expect(read.broken !== undefined).toBe(broken);
    // The error frame is an ending, not one of the stream's frames.
    expect(upstream.stats.frames).toBe(fake.errorAtFrame ?? frames);
  });

  test("drips through characters of several bytes", async () => {
    const { frames } = await streamed({ text: "Grüße, 世界 🌍!", drip: { bytes: 1, interval: 0 } });
    expect(chatText(frames)).toBe("Grüße, 世界 🌍!");
  });

  test("has a malformed frame at the place asked for", async () => {
    const { frames } = await streamed({ malformedFrame: 1 });
    const readable = frames.map((frame) => {
      try {
        return typeof JSON.parse(frame) === "object";
      } catch {
        return false;
      }
    });
    expect(readable).toEqual([true, false, true, true, true, true]);
  });
});

describe("an answer", () => {
  const post = async (fake: unknown, path = "/v1/chat/completions"): Promise<Response> =>
    fetch(`${upstream.url}${path}`, { method: "POST", body: JSON.stringify({ model: "m", messages, fake }) });

  test.each([
    { garbage: "empty", type: "application/json", length: 0 },
    { garbage: "html", type: "text/html", length: 44 },
    { garbage: "text", type: "application/json", length: 22 },
    { garbage: "list", type: "application/json", length: 9 },
    { garbage: "wrong-type", type: "application/octet-stream", length: 3 },
  ])("can be garbage: $garbage", async ({ garbage, type, length }) => {
    const response = await post({ garbage });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(await response.text()).toHaveLength(length);
  });

  test("can be truncated, with a proper end or without one", async () => {
    const text = await (await post({ garbage: "truncated" })).text();
    expect(text).toMatch(/^\{"id":"chatcmpl-fake"/);
    expect(() => JSON.parse(text)).toThrow();
    await expect((await post({ cutAtFrame: 0 })).text()).rejects.toThrow();
  });

  test("can be huge, dated and dripped", async () => {
    const body = await (await post({ padding: 3_000_000, model: "m-2024-08-06" })).json();
    expect(body).toMatchObject({ model: "m-2024-08-06" });
    expect((body as { padding: string }).padding).toHaveLength(3_000_000);
    const dripped = await (await post({ drip: { bytes: 50, interval: 0 } })).json();
    expect(dripped).toMatchObject({ model: "m" });
  });

  test("fails at the rate asked for", async () => {
    let next = 0;
    const rolled = await startFakeUpstream({
      random: () => (next++ % 10) / 10,
      script: { default: { error: { status: 503 }, errorRate: 0.3 } },
    });
    await using _ = rolled;
    const statuses: number[] = [];
    for (let round = 0; round < 20; round++) {
      const response = await fetch(`${rolled.url}/chat/completions`, { method: "POST", body: "{}" });
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    expect(statuses.filter((status) => status === 503)).toHaveLength(6);
  });

  test("comes in Azure's form too, with the model from the path and the key from its header", async () => {
    upstream.script = { models: { "gpt-4o-eu": { text: "from azure" } } };
    const path = "/openai/deployments/gpt-4o-eu/chat/completions?api-version=2024-10-21";
    const response = await fetch(`${upstream.url}${path}`, {
      method: "POST",
      headers: { "api-key": "azure-key" },
      body: JSON.stringify({ messages }),
    });
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "from azure" } }] });
    expect(upstream.requests[0]).toMatchObject({
      model: "gpt-4o-eu",
      key: "azure-key",
      query: "?api-version=2024-10-21",
    });
  });

  test("a misspelt wish is refused, not ignored", async () => {
    const response = await post({ cutAtFram: 1 });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("cutAtFram");
  });

  test("waits, unless the client leaves", async () => {
    const controller = new AbortController();
    const asked = fetch(`${upstream.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "m", messages, fake: { stallBeforeHeaders: true } }),
      signal: controller.signal,
    });
    await waitFor("the request", () => upstream.stats.openRequests === 1);
    controller.abort();
    await expect(asked).rejects.toThrow();
    await waitFor("the abort", () => upstream.requests[0]?.state === "aborted");
  });
});

test("another process leads it over HTTP", async () => {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    return (await fetch(`${upstream.url}${path}`, init)).json();
  };
  await call("PUT", "/_script", { default: { text: "scripted" } });
  expect(await call("POST", "/chat/completions", { model: "m" })).toMatchObject({
    choices: [{ message: { content: "scripted" } }],
  });
  expect(await call("GET", "/_requests")).toMatchObject([
    { path: "/chat/completions", body: { model: "m" } },
  ]);
  expect(await call("GET", "/_stats")).toMatchObject({ requests: 1, openRequests: 0 });
  await call("DELETE", "/_requests");
  expect(await call("GET", "/_requests")).toEqual([]);
  expect(await call("PUT", "/_script", { default: { txt: "x" } })).toHaveProperty("problem");
});

test("times are drawn as the distribution says", () => {
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const mean = (time: Parameters<typeof sample>[0]): number => {
    const drawn = Array.from({ length: 20_000 }, () => sample(time, random));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    return drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  };
  expect(mean(7)).toBe(7);
  expect(mean(undefined)).toBe(0);
  expect(mean({ from: 10, to: 20 })).toBeCloseTo(15, 0);
  expect(mean({ mean: 30 }) / 30).toBeCloseTo(1, 1);
  expect(mean({ mean: 100, deviation: 10 }) / 100).toBeCloseTo(1, 1);
});

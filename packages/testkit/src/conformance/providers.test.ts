import type { RunningGateway } from "@gatewright/gateway";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { chat, exampleGateways, post, type Values } from "../example-gateways.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import { chatText, readStream } from "../sse.ts";
import { startTokenServer } from "../token-server.ts";
import { waitFor } from "../wait.ts";
import { contextWindowErrors } from "./context-window-errors.ts";
import { type ProviderSetup, providerSetups } from "./provider-setup.ts";

const upstream = await startFakeUpstream();
const tokens = await startTokenServer();
const gateways = exampleGateways(upstream);
afterEach(async () => gateways.end());
afterAll(async () => Promise.all([upstream.close(), tokens.close()]));

async function start(setup: ProviderSetup, more: Values = {}): Promise<RunningGateway> {
  const { gateway } = await gateways.start(
    {
      model_list: [
        { model_name: "m", litellm_params: { model: setup.model, ...setup.params(upstream.url) } },
      ],
      router_settings: { num_retries: 0, disable_cooldowns: true },
      ...more,
    },
    { ACCOUNT: tokens.account },
  );
  return gateway;
}

const path = "/v1/chat/completions";
const lookUp = {
  type: "function",
  function: {
    name: "look_up",
    parameters: { type: "object", properties: { topic: { type: "string" } }, required: ["topic"] },
  },
};
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

interface Message {
  readonly content: string | null;
  readonly reasoning_content?: string;
  readonly thinking_blocks?: readonly { readonly signature?: string }[];
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
}

interface Answer {
  readonly choices: readonly { readonly message: Message; readonly finish_reason: string }[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
  };
  readonly error?: { readonly message: string };
}

async function asked(gateway: RunningGateway, body: Values): Promise<Answer> {
  const response = await post(gateway, path, body);
  const answer = (await response.json()) as Answer;
  expect(answer.error?.message).toBeUndefined();
  expect(response.status).toBe(200);
  return answer;
}

describe.each(providerSetups)("$name", (setup) => {
  it("answers with text, whole and streamed, and finishes alike", async () => {
    const gateway = await start(setup);
    upstream.script = { default: { text: "Grüße 🚪 an alle" } };
    const { choices } = await asked(gateway, chat("m"));
    expect([choices[0]?.message.content, choices[0]?.finish_reason]).toEqual(["Grüße 🚪 an alle", "stop"]);
    const response = await post(gateway, path, chat("m", { stream: true }));
    const { frames, done } = await readStream(response.body as ReadableStream<Uint8Array>);
    expect([chatText(frames), done, finishOf(frames)]).toEqual(["Grüße 🚪 an alle", true, "stop"]);
  });

  it("survives a stream whose pieces end anywhere, also inside a character", async () => {
    const gateway = await start(setup);
    upstream.script = { default: { text: "Grüße 🚪 an alle", drip: { bytes: 7, interval: 0 } } };
    const response = await post(gateway, path, chat("m", { stream: true }));
    const { frames, done } = await readStream(response.body as ReadableStream<Uint8Array>);
    expect([chatText(frames), done]).toEqual(["Grüße 🚪 an alle", true]);
  });

  it("carries a conversation with tools, and gives their results back by the same ids", async () => {
    const gateway = await start(setup);
    upstream.script = {
      default: {
        toolCalls: [
          { name: "look_up", arguments: '{"topic":"a"}' },
          { name: "look_up", arguments: '{"topic":"b"}' },
        ],
      },
    };
    const question = { role: "user", content: "Look a and b up." };
    const first = await asked(gateway, { model: "m", messages: [question], tools: [lookUp] });
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    const calls = message?.tool_calls ?? [];
    expect(calls.map((call) => JSON.parse(call.function.arguments) as unknown)).toEqual([
      { topic: "a" },
      { topic: "b" },
    ]);
    upstream.script = { default: { text: "A and B." } };
    const results = calls.map(({ id }, index) => ({
      role: "tool",
      tool_call_id: id,
      content: `result ${index}`,
    }));
    const second = await asked(gateway, {
      model: "m",
      messages: [question, message, ...results],
      tools: [lookUp],
    });
    expect(second.choices[0]?.message.content).toBe("A and B.");
    const sent = upstream.requests.at(-1)?.bodyText ?? "";
    for (const result of ["result 0", "result 1"]) expect(sent).toContain(result);
  });

  it("takes a schema for the answer, and gives back its JSON as text", async () => {
    const gateway = await start(setup);
    const json = '{"topic":"doors","open":true}';
    upstream.script = { default: { text: json } };
    const schema = {
      type: "object",
      properties: { topic: { type: "string" }, open: { type: "boolean" } },
      required: ["topic", "open"],
      additionalProperties: false,
    };
    const body = chat("m", {
      response_format: { type: "json_schema", json_schema: { name: "door", schema } },
    });
    const { choices } = await asked(gateway, body);
    expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual(JSON.parse(json));
    expect(choices[0]?.finish_reason).toBe("stop");
    const sent = upstream.requests.at(-1)?.bodyText ?? "";
    // Bedrock takes the schema as JSON text inside the JSON.
    expect(sent).toMatch(/\\?"open\\?"/);
    const response = await post(gateway, path, { ...body, stream: true });
    const { frames, done } = await readStream(response.body as ReadableStream<Uint8Array>);
    expect(JSON.parse(chatText(frames))).toEqual(JSON.parse(json));
    expect([done, finishOf(frames)]).toEqual([true, "stop"]);
  });

  it("hands over an image", async () => {
    const gateway = await start(setup);
    await asked(gateway, {
      model: "m",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
          ],
        },
      ],
    });
    expect(upstream.requests.at(-1)?.bodyText).toContain(pixel);
  });

  it("counts what the upstream counted, whole and streamed", async () => {
    const gateway = await start(setup);
    upstream.script = { default: { text: "one two three", usageDetails: { cached: 3 } } };
    const { usage } = await asked(gateway, chat("m"));
    expect([usage.prompt_tokens, usage.completion_tokens]).toEqual([7, 3]);
    const response = await post(
      gateway,
      path,
      chat("m", { stream: true, stream_options: { include_usage: true } }),
    );
    const { frames } = await readStream(response.body as ReadableStream<Uint8Array>);
    const last = JSON.parse(frames.at(-1) ?? "{}") as Answer;
    expect([last.usage.prompt_tokens, last.usage.completion_tokens]).toEqual([7, 3]);
    if (setup.wire === "cohere" || setup.wire === "ollama") return;
    expect(usage.prompt_tokens_details?.cached_tokens).toBe(3);
  });

  it("shows what the model thought", async () => {
    const gateway = await start(setup);
    upstream.script = { default: { text: "Yes.", reasoning: "Is it? It is." } };
    const body = chat("m", { reasoning_effort: "low" });
    const { choices } = await asked(gateway, body);
    expect([choices[0]?.message.reasoning_content, choices[0]?.message.content]).toEqual([
      "Is it? It is.",
      "Yes.",
    ]);
    const response = await post(gateway, path, { ...body, stream: true });
    const { frames } = await readStream(response.body as ReadableStream<Uint8Array>);
    const deltas = frames.map(
      (frame) =>
        (JSON.parse(frame) as { choices: { delta?: { reasoning_content?: string } }[] }).choices[0]?.delta,
    );
    expect(deltas.map((delta) => delta?.reasoning_content ?? "").join("")).toBe("Is it? It is.");
    expect(chatText(frames)).toBe("Yes.");
  });

  it.each([
    [400, "BadRequestError"],
    [401, "AuthenticationError"],
    [403, "PermissionDeniedError"],
    [404, "NotFoundError"],
    [429, "RateLimitError"],
    [500, "InternalServerError"],
    [503, "ServiceUnavailableError"],
  ])("makes a %i of the upstream an %s, its words kept", async (status, exceptionClass) => {
    const gateway = await start(setup);
    upstream.script = { default: { error: { status, message: "the fake will not", retryAfter: 7 } } };
    const response = await post(gateway, path, chat("m"));
    const { error } = (await response.json()) as Answer;
    expect(response.status).toBe(status);
    expect(error?.message).toContain(`litellm.${exceptionClass}: `);
    expect(error?.message).toContain("the fake will not");
    expect(response.headers.get("retry-after")).toBe("7");
  });

  it("knows a prompt that is too long by the provider's own words", async () => {
    const gateway = await start(setup, {
      model_list: ["m", "large"].map((model_name) => ({
        model_name,
        litellm_params: { model: setup.model, ...setup.params(upstream.url) },
      })),
      router_settings: {
        num_retries: 0,
        disable_cooldowns: true,
        context_window_fallbacks: [{ m: ["large"] }],
      },
    });
    upstream.script = { default: { error: contextWindowErrors[setup.wire] } };
    const response = await post(gateway, path, chat("m"));
    const { error } = (await response.json()) as Answer;
    expect(error?.message).toContain("ContextWindowExceededError");
    expect(upstream.requests).toHaveLength(2);
  });

  it("lets go of the upstream when the client leaves", async () => {
    const gateway = await start(setup);
    upstream.script = { default: { held: true, interval: 10 } };
    const leaving = new AbortController();
    // Of a greeting that comes again and again a client sees nothing, so its head is not waited for.
    const asking = fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chat("m", { stream: true })),
      signal: leaving.signal,
    }).catch((error: Error) => error.name);
    await waitFor("an open stream", () => upstream.stats.openStreams === 1);
    leaving.abort();
    await waitFor("the end of the upstream's stream", () => upstream.stats.aborted === 1);
    await asking;
  });

  it("ends every stream that breaks off with one error, and no other end, wherever it is cut", async () => {
    const gateway = await start(setup);
    const script = { text: "one two three", toolCalls: undefined };
    const whole = await framesOfUpstream(gateway, script);
    for (const way of ["cutAtFrame", "endAtFrame"] as const) {
      for (let frame = 0; frame < whole; frame++) {
        upstream.script = { default: { text: "one two three", [way]: frame } };
        const response = await post(gateway, path, chat("m", { stream: true }));
        if (response.status !== 200) continue; // Nothing had been said yet, so it is a plain error.
        const { frames, done, broken } = await readStream(response.body as ReadableStream<Uint8Array>);
        const errors = frames.filter((one) => "error" in (JSON.parse(one) as object));
        const where = `${way} ${frame} of ${whole}`;
        expect([where, errors.length + (broken === undefined ? 0 : 1) + (done ? 1 : 0)]).toEqual([where, 1]);
        if (errors.length === 1) expect(frames.at(-1)).toBe(errors[0]);
      }
    }
  });

  it("tells of an error in the middle of a stream, once and last", async () => {
    const gateway = await start(setup);
    upstream.script = { default: { text: "one two three four", errorAtFrame: 3 } };
    const response = await post(gateway, path, chat("m", { stream: true }));
    const { frames, done } = await readStream(response.body as ReadableStream<Uint8Array>);
    expect([response.status, done]).toEqual([200, false]);
    expect(frames.at(-1)).toContain("fake error in the stream");
    expect(frames.filter((one) => one.includes('"error"'))).toHaveLength(1);
  });
});

function finishOf(frames: readonly string[]): string | undefined {
  return frames
    .map(
      (frame) =>
        (JSON.parse(frame) as { choices: { finish_reason?: string | null }[] }).choices[0]?.finish_reason,
    )
    .findLast((reason): reason is string => typeof reason === "string");
}

/** How many frames the fake sends for an answer. */
async function framesOfUpstream(gateway: RunningGateway, script: Values): Promise<number> {
  upstream.script = { default: JSON.parse(JSON.stringify(script)) as object };
  await (await post(gateway, path, chat("m", { stream: true }))).text();
  return upstream.requests.at(-1)?.frames ?? 0;
}

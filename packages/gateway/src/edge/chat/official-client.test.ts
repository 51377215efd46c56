import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ChatAnswer, type ChatEvent, type Choice, type Fields, tokenUsage } from "@gatewright/call";
import { apiError } from "@gatewright/litellm";
import OpenAI, { APIError } from "openai";
import { afterAll, describe, expect, it } from "vitest";
import type { AnswerContext, ClientApi } from "../client-api.ts";
import { completionsApi } from "../completions/completions-api.ts";
import { chatApi } from "./chat-api.ts";

/** What the server answers next: events are a stream. */
let next: { readonly answer?: ChatAnswer; readonly events?: readonly ChatEvent[]; readonly fails?: boolean } =
  {};

/** Answers as the APIs write, and nothing else: what the official client makes of it is theirs alone. */
const server = createServer((request, response) => {
  void (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fields = JSON.parse(Buffer.concat(chunks).toString()) as Fields;
    const api = request.url === "/v1/chat/completions" ? chatApi : completionsApi;
    respond(api, { model: "group", callId: "11-22", time: Date.now(), fields }, response);
  })();
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => server.close());

function respond(api: ClientApi, context: AnswerContext, response: ServerResponse): void {
  const { answer, events = [], fails } = next;
  if (answer !== undefined) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(api.writeAnswer(answer, context)));
    return;
  }
  response.setHeader("content-type", "text/event-stream");
  const writer = api.writeStream(context);
  for (const event of events) response.write(writer.write(event));
  const detail = { provider: "Anthropic", model: "group", text: "gone" };
  response.end(fails === true ? writer.fail(apiError("upstream_garbage", detail)) : undefined);
}

const { port } = server.address() as AddressInfo;
const client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: "sk-test", maxRetries: 0 });
const request: OpenAI.ChatCompletionCreateParamsNonStreaming = {
  model: "group",
  messages: [{ role: "user", content: "hi" }],
};

const usage = tokenUsage(9, 5, { cachedInput: 3, reasoning: 2 });
const said = 'Grüße: "≥ 1 \\ 🚪"\n';

const cases: readonly {
  readonly name: string;
  readonly choice: Choice;
  readonly events: readonly ChatEvent[];
}[] = [
  {
    name: "text",
    choice: { parts: [{ kind: "text", text: said }], finish: "stop" },
    events: [
      ...Array.from(said, (text): ChatEvent => ({ kind: "text", choice: 0, text })),
      { kind: "ping" },
      { kind: "finish", choice: 0, reason: "stop" },
    ],
  },
  {
    name: "tool calls",
    choice: {
      parts: [
        { kind: "tool-call", id: "a", name: "look_up", arguments: '{"topic":"ü"}' },
        { kind: "tool-call", id: "b", name: "time", arguments: "" },
      ],
      finish: "tool-calls",
    },
    events: [
      { kind: "tool-call", choice: 0, tool: 0, id: "a", name: "look_up" },
      { kind: "tool-arguments", choice: 0, tool: 0, text: '{"topic"' },
      { kind: "tool-call", choice: 0, tool: 1, id: "b", name: "time" },
      { kind: "tool-arguments", choice: 0, tool: 0, text: ':"ü"}' },
      { kind: "finish", choice: 0, reason: "tool-calls" },
    ],
  },
  {
    name: "a refusal",
    choice: { parts: [{ kind: "refusal", text: "I will not." }], finish: "refusal" },
    events: [
      { kind: "refusal", choice: 0, text: "I will " },
      { kind: "refusal", choice: 0, text: "not." },
      { kind: "finish", choice: 0, reason: "refusal" },
    ],
  },
  {
    name: "nothing, for length",
    choice: { parts: [], finish: "length" },
    events: [{ kind: "finish", choice: 0, reason: "length" }],
  },
];

function streamOf(events: readonly ChatEvent[]): readonly ChatEvent[] {
  return [{ kind: "start", id: "msg_1", model: "m" }, ...events, { kind: "usage", usage }, { kind: "end" }];
}

/** What a message is to a caller who does not care how it came. */
function understood({ choices, usage: counted }: OpenAI.ChatCompletion) {
  const [choice] = choices;
  return {
    text: choice?.message.content ?? "",
    refusal: choice?.message.refusal ?? "",
    calls: (choice?.message.tool_calls ?? []).map((call) =>
      call.type === "function" ? [call.id, call.function.name, call.function.arguments] : [],
    ),
    finish: choice?.finish_reason,
    counts: [
      counted?.prompt_tokens,
      counted?.completion_tokens,
      counted?.prompt_tokens_details?.cached_tokens,
    ],
  };
}

describe("OpenAI's client", () => {
  it.each(cases)("reads $name, whole and streamed the same", async ({ choice, events }) => {
    next = { answer: { id: "msg_1", model: "m", choices: [choice], usage } };
    const whole = await client.chat.completions.create(request);
    expect(whole).toMatchObject({ id: "msg_1", model: "group" });
    next = { events: streamOf(events) };
    const streaming = { ...request, stream: true, stream_options: { include_usage: true } } as const;
    const stream = client.chat.completions.stream(streaming);
    const streamed = await stream.finalChatCompletion();
    expect(understood(streamed)).toEqual(understood(whole));
    expect(understood(whole).counts).toEqual([9, 5, 3]);
  });

  it("reads text completions", async () => {
    const [text] = cases;
    if (text === undefined) throw new Error("there is no case");
    const logprobs = {
      content: [{ token: "Grü", logprob: -0.5, top_logprobs: [{ token: "Grü", logprob: -0.5 }] }],
    };
    next = { answer: { id: "", model: "m", choices: [{ ...text.choice, logprobs }], usage } };
    const whole = await client.completions.create({ model: "group", prompt: "hi" });
    expect(whole).toMatchObject({
      id: "cmpl-11-22",
      object: "text_completion",
      choices: [
        {
          text: said,
          finish_reason: "stop",
          logprobs: {
            tokens: ["Grü"],
            token_logprobs: [-0.5],
            text_offset: [0],
            top_logprobs: [{ Grü: -0.5 }],
          },
        },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 5, prompt_tokens_details: null },
    });
    next = { events: streamOf(text.events) };
    let heard = "";
    let counted: number | undefined;
    const stream = await client.completions.create({
      model: "group",
      prompt: "hi",
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      heard += chunk.choices[0]?.text ?? "";
      counted = chunk.usage?.prompt_tokens ?? counted;
    }
    expect([heard, counted]).toEqual([said, 9]);
  });

  it("throws what a stream fails with", async () => {
    next = { events: [{ kind: "text", choice: 0, text: "a" }], fails: true };
    const stream = client.chat.completions.stream({ model: "group", messages: [] });
    const error = await stream.finalChatCompletion().catch((one: unknown) => one);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ message: expect.stringContaining("AnthropicException - gone") });
  });
});

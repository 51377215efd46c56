import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import type { ChatAnswer, ChatEvent, Part } from "@gatewright/call";
import { tokenUsage } from "@gatewright/call";
import { apiError } from "@gatewright/litellm";
import { afterAll, describe, expect, it } from "vitest";
import type { AnswerContext } from "../client-api.ts";
import { messagesApi } from "./messages-api.ts";
import { messagesError } from "./messages-error.ts";

const callId = "0b8c5a9e-0000-4000-8000-00000000002a";

/** What the server answers with; a stream without `end` breaks off. */
let answer: ChatAnswer;
let events: readonly ChatEvent[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const fields = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const read = messagesApi.read(fields);
    if ("status" in read) {
      response.writeHead(read.status, { "content-type": "application/json" });
      response.end(JSON.stringify(messagesError(read, callId)));
      return;
    }
    const context: AnswerContext = {
      model: String(fields["model"]),
      callId,
      time: 1_700_000_000_000,
      fields,
    };
    if (!read.stream) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(messagesApi.writeAnswer(answer, context)));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const writer = messagesApi.writeStream(context);
    for (const event of events) response.write(writer.write(event));
    response.end(events.at(-1)?.kind === "end" ? "" : writer.fail(apiError("internal", {})));
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => server.close());
const { port } = server.address() as AddressInfo;
const client = new Anthropic({ baseURL: `http://127.0.0.1:${port}`, apiKey: "sk-test", maxRetries: 0 });
const request = { model: "m", max_tokens: 9, messages: [{ role: "user" as const, content: "Hello" }] };

/** As other upstreams stream it: parts without ends, usage last. */
function streamed({ choices, id, model, usage }: ChatAnswer): readonly ChatEvent[] {
  const choice = 0;
  const said: ChatEvent[] = [{ kind: "start", id, model }];
  let tool = 0;
  for (const part of choices[0]?.parts ?? [])
    said.push(...eventsOf(part, part.kind === "tool-call" ? tool++ : tool));
  const { finish, stopSequence } = choices[0] ?? { finish: "stop" };
  said.push({
    kind: "finish",
    choice,
    reason: finish,
    ...(stopSequence === undefined ? {} : { stopSequence }),
  });
  if (usage !== undefined) said.push({ kind: "usage", usage });
  return [...said, { kind: "end" }];
}

function eventsOf(part: Part, tool: number): readonly ChatEvent[] {
  const choice = 0;
  switch (part.kind) {
    case "text":
      return [
        ...part.text.split(/(?<= )/).map((text) => ({ kind: "text", choice, text }) as const),
        ...(part.citations ?? []).map((citation) => ({ kind: "citation", choice, citation }) as const),
      ];
    case "refusal":
      return [{ kind: "refusal", choice, text: part.text }];
    case "reasoning": {
      const { signature, text } = part;
      const signed =
        signature === undefined ? [] : [{ kind: "reasoning-signature", choice, signature } as const];
      return [{ kind: "reasoning", choice, text }, ...signed];
    }
    case "redacted-reasoning":
      return [{ kind: "redacted-reasoning", choice, data: part.data }];
    case "tool-call": {
      const { arguments: text, id, name, signature } = part;
      const middle = text.length / 2;
      return [
        { kind: "tool-call", choice, tool, id, name, ...(signature === undefined ? {} : { signature }) },
        { kind: "tool-arguments", choice, tool, text: text.slice(0, middle) },
        { kind: "tool-arguments", choice, tool, text: text.slice(middle) },
      ];
    }
    case "other":
      return [{ kind: "other", choice, wire: part.wire, value: part.value }];
    default:
      return [];
  }
}

/** What the official client makes of an answer, whole; streamed it has to be the same. */
async function heard(parts: readonly Part[], more: Partial<ChatAnswer["choices"][number]> = {}) {
  const usage = tokenUsage(12, 6, { cachedInput: 4, cacheWriteInput: 5, reasoning: 2 });
  answer = { id: "chatcmpl-1", model: "gpt", choices: [{ parts, finish: "stop", ...more }], usage };
  events = streamed(answer);
  const whole = await client.messages.create(request);
  const stream = await client.messages.stream(request).finalMessage();
  const plain = JSON.parse(JSON.stringify({ ...stream, parsed_output: undefined })) as object;
  expect(plain).toEqual(JSON.parse(JSON.stringify(whole)));
  return whole;
}

describe("the official client reads answers, streamed the same as whole", () => {
  it("text, citations and usage", async () => {
    const own = { type: "char_location", cited_text: "a", document_index: 0, document_title: "D" };
    const message = await heard([
      {
        kind: "text",
        text: 'Grüße, "🌍"!',
        citations: [
          { wire: "anthropic", value: own },
          { wire: "openai", value: {}, url: "https://a", title: "A", text: "quoted" },
          { wire: "cohere", value: {} },
        ],
      },
    ]);
    expect(message).toMatchObject({
      id: "msg_0b8c5a9e00004000800000000000002a",
      type: "message",
      role: "assistant",
      model: "m",
      stop_reason: "end_turn",
      stop_sequence: null,
      content: [
        {
          type: "text",
          text: 'Grüße, "🌍"!',
          citations: [
            own,
            {
              type: "web_search_result_location",
              url: "https://a",
              title: "A",
              cited_text: "quoted",
              encrypted_index: "",
            },
          ],
        },
      ],
      usage: {
        input_tokens: 3,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 4,
        output_tokens: 6,
        output_tokens_details: { thinking_tokens: 2 },
      },
    });
  });

  it("thinking and tools, what other APIs need back among them", async () => {
    const parts: readonly Part[] = [
      { kind: "reasoning", text: "Hm.", signature: "sig" },
      { kind: "redacted-reasoning", data: "xyz" },
      { kind: "other", wire: "responses", value: { type: "reasoning", encrypted_content: "e" } },
      {
        kind: "other",
        wire: "anthropic",
        value: { type: "server_tool_use", id: "srvtoolu_1", input: { q: "x" } },
      },
      { kind: "text", text: "I look." },
      { kind: "tool-call", id: "call_1", name: "look_up", arguments: '{"a":"🌍"}' },
      { kind: "tool-call", id: "", name: "look_up", arguments: "", signature: "gemini's" },
    ];
    const { content, stop_reason } = await heard(parts, { finish: "tool-calls" });
    expect(stop_reason).toBe("tool_use");
    expect(content).toEqual([
      { type: "thinking", thinking: "Hm.", signature: "sig" },
      { type: "redacted_thinking", data: "xyz" },
      {
        type: "redacted_thinking",
        data: 'gatewright:1:part:{"wire":"responses","value":{"type":"reasoning","encrypted_content":"e"}}',
      },
      { type: "server_tool_use", id: "srvtoolu_1", input: { q: "x" } },
      { type: "text", text: "I look." },
      { type: "tool_use", id: "call_1", name: "look_up", input: { a: "🌍" } },
      { type: "redacted_thinking", data: "gatewright:1:call:gemini's" },
      { type: "tool_use", id: "toolu_0b8c5a9e00004000800000000000002a_7", name: "look_up", input: {} },
    ]);
    // The next turn brings it back.
    const next = messagesApi.read({
      ...request,
      messages: [...request.messages, { role: "assistant", content }],
    });
    const back = "status" in next ? undefined : next.messages[1]?.parts;
    expect(back).toEqual([
      ...parts.slice(0, 6),
      { ...parts[6], id: "toolu_0b8c5a9e00004000800000000000002a_7", arguments: "{}" },
    ]);
  });

  it("thinking that nobody signed", async () => {
    const { content } = await heard([
      { kind: "reasoning", text: "Hm." },
      { kind: "text", text: "So." },
    ]);
    expect(content).toEqual([
      { type: "thinking", thinking: "Hm.", signature: "" },
      { type: "text", text: "So." },
    ]);
  });

  it("refusals, with what was said", async () => {
    const message = await heard([{ kind: "refusal", text: "I will not." }], { finish: "refusal" });
    expect(message).toMatchObject({
      content: [{ type: "text", text: "I will not." }],
      stop_reason: "refusal",
      stop_details: { type: "refusal", category: null, explanation: "I will not." },
    });
  });

  it.each([
    ["stop", "end_turn"],
    ["length", "max_tokens"],
    ["content-filter", "refusal"],
    ["pause", "pause_turn"],
    ["stop-sequence", "stop_sequence"],
  ] as const)("the end for %s as %s", async (finish, reason) => {
    const stopSequence = finish === "stop-sequence" ? { stopSequence: "END" } : {};
    const message = await heard([{ kind: "text", text: "Hi" }], { finish, ...stopSequence });
    expect(message.stop_reason).toBe(reason);
    expect(message.stop_sequence).toBe(finish === "stop-sequence" ? "END" : null);
  });

  it("nothing at all", async () => {
    expect((await heard([{ kind: "text", text: "" }])).content).toEqual([]);
  });
});

describe("a stream", () => {
  const context: AnswerContext = { model: "m", callId, time: 0, fields: {} };
  const written = (said: readonly ChatEvent[]): string => {
    const writer = messagesApi.writeStream(context);
    return said.map((event) => writer.write(event)).join("");
  };

  it("begins with the counts when they come first, and keeps Anthropic's id", () => {
    const usage = tokenUsage(7, 1, { cachedInput: 4 });
    const frames = written([
      { kind: "start", id: "msg_1", model: "x" },
      { kind: "usage", usage },
    ]);
    expect(frames).toContain('"id":"msg_1"');
    expect(frames).toContain(
      '"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":4',
    );
  });

  it("passes pings, and only the first choice", () => {
    const frames = written([
      { kind: "start", id: "", model: "" },
      { kind: "ping" },
      { kind: "text", choice: 1, text: "other" },
    ]);
    expect(frames).toContain('event: ping\ndata: {"type":"ping"}\n\n');
    expect(frames).not.toContain("other");
  });

  it("that breaks off tells the official client why", async () => {
    events = [
      { kind: "start", id: "", model: "" },
      { kind: "text", choice: 0, text: "Hi" },
    ];
    const reading = client.messages.stream(request).finalMessage();
    await expect(reading).rejects.toThrow(APIError);
    await expect(reading).rejects.toMatchObject({
      error: { type: "error", error: { type: "api_error" }, request_id: callId },
    });
  });
});

it("refuses in Anthropic's envelope", async () => {
  const asked = client.messages.create({ ...request, messages: [{ role: "user", content: [{}] }] as never });
  await expect(asked).rejects.toMatchObject({
    status: 400,
    type: "invalid_request_error",
    error: {
      error: { message: "The request has no `messages[0].content[0].type`, which this route needs." },
    },
  });
});

it.each([
  [400, "invalid_request_error"],
  [401, "authentication_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [408, "timeout_error"],
  [413, "request_too_large"],
  [422, "invalid_request_error"],
  [429, "rate_limit_error"],
  [500, "api_error"],
  [503, "overloaded_error"],
])("an error of status %i is an %s", (status, type) => {
  const error = { ...apiError("route_unknown", {}), status };
  expect(messagesError(error, "c-1")).toEqual({
    type: "error",
    error: { type, message: "Not Found" },
    request_id: "c-1",
  });
});

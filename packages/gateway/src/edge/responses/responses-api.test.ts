import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatAnswer, ChatCall, ChatEvent, Part } from "@gatewright/call";
import { tokenUsage } from "@gatewright/call";
import { apiError } from "@gatewright/litellm";
import OpenAI, { APIError } from "openai";
import { afterAll, describe, expect, test } from "vitest";
import type { AnswerContext } from "../client-api.ts";
import { responsesApi } from "./responses-api.ts";

const callId = "0b8c5a9e-0000-4000-8000-00000000002a";

/** What the server streams; without `end` it breaks off. */
let events: readonly ChatEvent[] = [];
let call: ChatCall | undefined;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const fields = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const read = responsesApi.read(fields);
    if ("status" in read) {
      response.writeHead(read.status, { "content-type": "application/json" }).end(JSON.stringify(read.body));
      return;
    }
    call = read;
    const context: AnswerContext = {
      model: String(fields["model"]),
      callId,
      time: 1_700_000_000_000,
      fields,
    };
    if (!call.stream) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(responsesApi.writeAnswer(answer, context)));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const writer = responsesApi.writeStream(context);
    for (const event of events) response.write(writer.write(event));
    response.end(events.at(-1)?.kind === "end" ? "" : writer.fail(apiError("internal", {})));
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => server.close());
const { port } = server.address() as AddressInfo;
const client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: "sk-test", maxRetries: 0 });

const request = {
  model: "claude",
  input: "What is the weather?",
  instructions: "Be short.",
  tools: [{ type: "function", name: "weather", parameters: { type: "object" }, strict: false }],
  reasoning: { effort: "high", summary: "auto" },
  max_output_tokens: 100,
} satisfies OpenAI.Responses.ResponseCreateParamsNonStreaming;

const parts: readonly Part[] = [
  { kind: "reasoning", text: "Let me think, schön 🌍.", signature: "sig" },
  { kind: "redacted-reasoning", data: "secret" },
  { kind: "text", text: "I look it up.\n" },
  { kind: "tool-call", id: "toolu_1", name: "weather", arguments: '{"city":"Rome"}', signature: "thought" },
  { kind: "tool-call", id: "toolu_2", name: "weather", arguments: '{"city":"Oslo"}' },
];
const answer: ChatAnswer = {
  id: "msg_1",
  model: "claude-9",
  choices: [{ parts, finish: "tool-calls" }],
  usage: tokenUsage(10, 20, { cachedInput: 3, cacheWriteInput: 2, reasoning: 5 }),
};

const answerEvents: readonly ChatEvent[] = [
  { kind: "start", id: "msg_1", model: "claude-9" },
  { kind: "reasoning", choice: 0, text: "Let me think, " },
  { kind: "reasoning", choice: 0, text: "schön 🌍." },
  { kind: "reasoning-signature", choice: 0, signature: "sig" },
  { kind: "part-end", choice: 0 },
  { kind: "redacted-reasoning", choice: 0, data: "secret" },
  { kind: "text", choice: 0, text: "I look " },
  { kind: "ping" },
  { kind: "text", choice: 0, text: "it up.\n" },
  { kind: "tool-call", choice: 0, tool: 0, id: "toolu_1", name: "weather", signature: "thought" },
  { kind: "tool-arguments", choice: 0, tool: 0, text: '{"city":' },
  { kind: "tool-call", choice: 0, tool: 1, id: "toolu_2", name: "weather" },
  { kind: "tool-arguments", choice: 0, tool: 1, text: '{"city":"Oslo"}' },
  { kind: "tool-arguments", choice: 0, tool: 0, text: '"Rome"}' },
  { kind: "finish", choice: 0, reason: "tool-calls" },
  { kind: "usage", usage: tokenUsage(10, 20, { cachedInput: 3, cacheWriteInput: 2, reasoning: 5 }) },
  { kind: "end" },
];

/** Without what the client's parser of structured outputs adds. */
function plain(value: unknown): unknown {
  const added = ["parsed", "output_parsed", "parsed_arguments", "output_text"];
  return JSON.parse(JSON.stringify(value, (key, member) => (added.includes(key) ? undefined : member)));
}

describe("the official client", () => {
  test("reads a whole answer", async () => {
    const response = await client.responses.create(request);
    expect(response.output_text).toBe("I look it up.\n");
    expect(response).toMatchObject({
      id: "resp_0b8c5a9e00004000800000000000002a",
      object: "response",
      created_at: 1_700_000_000,
      status: "completed",
      model: "claude",
      instructions: "Be short.",
      max_output_tokens: 100,
      reasoning: { effort: "high", summary: "auto" },
      tools: request.tools,
      tool_choice: "auto",
      parallel_tool_calls: true,
      previous_response_id: null,
      text: { format: { type: "text" } },
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
        output_tokens: 20,
        output_tokens_details: { reasoning_tokens: 5 },
        total_tokens: 30,
      },
    });
    expect(call).toMatchObject({ from: "responses", stream: false, options: { max_tokens: 100 } });
  });

  test("reads the same from a stream, with its own events and put together by its helper", async () => {
    const whole = await client.responses.create(request);
    events = answerEvents;
    const streamed = await client.responses.stream({ ...request }).finalResponse();
    expect(plain(streamed)).toEqual(plain(whole));
    let text = "";
    let thought = "";
    for await (const event of await client.responses.create({ ...request, stream: true })) {
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.reasoning_summary_text.delta") thought += event.delta;
      if (event.type === "response.completed") expect(plain(event.response)).toEqual(plain(whole));
    }
    expect({ text, thought }).toEqual({ text: "I look it up.\n", thought: "Let me think, schön 🌍." });
  });

  test("throws where a stream breaks off", async () => {
    events = [
      { kind: "start", id: "", model: "" },
      { kind: "text", choice: 0, text: "half" },
    ];
    await expect(client.responses.stream(request).finalResponse()).rejects.toThrow("Internal server error");
    const reading = (async () => {
      for await (const _ of await client.responses.create({ ...request, stream: true }));
    })();
    await expect(reading).rejects.toMatchObject({ code: "500", type: "internal_server_error" });
    await expect(reading).rejects.toBeInstanceOf(APIError);
  });

  test("is told which field needs a provider that keeps responses", async () => {
    await expect(
      client.responses.create({ ...request, previous_response_id: "resp_1" }),
    ).rejects.toMatchObject({
      status: 400,
      param: "previous_response_id",
      message: expect.stringContaining("Send the earlier turns as items of `input`"),
    });
  });

  test("gives the output back in the next turn", async () => {
    const first = await client.responses.create(request);
    const result = { type: "function_call_output", call_id: "toolu_1", output: "hot" } as const;
    const input = [{ role: "user", content: "What is the weather?" } as const, ...first.output, result];
    await client.responses.create({ ...request, input: input as OpenAI.Responses.ResponseInput });
    expect(call?.messages).toEqual([
      { role: "system", parts: [{ kind: "text", text: "Be short." }] },
      { role: "user", parts: [{ kind: "text", text: "What is the weather?" }] },
      { role: "assistant", parts },
      {
        role: "user",
        parts: [
          {
            kind: "tool-result",
            id: "toolu_1",
            name: "weather",
            content: [{ kind: "text", text: "hot" }],
            isError: false,
          },
        ],
      },
    ]);
  });
});

import type { ChatCall, ChatEvent, Fields } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import type { Translation } from "../wire.ts";
import { anthropicChatWire } from "./chat-wire.ts";

const model = "claude-3-7-sonnet-latest";

function translation(more: Partial<ChatCall> = {}): Translation {
  const call: ChatCall = {
    kind: "chat",
    from: "openai",
    stream: true,
    messages: [{ role: "user", parts: [{ kind: "text", text: "Hello" }] }],
    tools: [],
    options: {},
    extra: {},
    ...more,
  };
  return anthropicChatWire(model).write(call, { model, dropUnknown: false });
}

function read(events: readonly (Fields | string)[], more: Partial<ChatCall> = {}): readonly ChatEvent[] {
  const heard: ChatEvent[] = [];
  const reader = translation(more).readStream((event) => heard.push(event));
  for (const event of events) {
    const data = typeof event === "string" ? event : JSON.stringify(event);
    reader.push(
      Buffer.from(`event: ${typeof event === "string" ? "x" : String(event["type"])}\ndata: ${data}\n\n`),
    );
  }
  reader.end();
  return heard;
}

const start = {
  type: "message_start",
  message: {
    id: "msg_1",
    model: "claude",
    usage: { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 },
  },
};
const stop = { type: "message_stop" };

function block(index: number, content_block: Fields, ...deltas: readonly Fields[]): readonly Fields[] {
  return [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

function ending(stop_reason: string, more: Fields = {}): Fields {
  return {
    type: "message_delta",
    delta: { stop_reason, stop_sequence: null, ...more },
    usage: { output_tokens: 9 },
  };
}

const kinds = (events: readonly ChatEvent[]): readonly string[] => events.map(({ kind }) => kind);

describe("a stream", () => {
  it("becomes events, one for one", () => {
    const events = read([
      start,
      { type: "ping" },
      ...block(
        0,
        { type: "thinking", thinking: "", signature: "" },
        { type: "thinking_delta", thinking: "Hm." },
        { type: "signature_delta", signature: "sig" },
      ),
      ...block(1, { type: "redacted_thinking", data: "xyz" }),
      ...block(
        2,
        { type: "text", text: "" },
        {
          type: "citations_delta",
          citation: { type: "char_location", cited_text: "a", document_title: "D" },
        },
        { type: "text_delta", text: "Hi" },
      ),
      ...block(
        3,
        { type: "tool_use", id: "toolu_1", name: "look_up", input: {} },
        { type: "input_json_delta", partial_json: "" },
        { type: "input_json_delta", partial_json: '{"a":' },
        { type: "input_json_delta", partial_json: "1}" },
      ),
      ...block(4, { type: "tool_use", id: "toolu_2", name: "now", input: {} }),
      ending("tool_use"),
      stop,
    ]);
    const counts = {
      cacheWriteInput: 0,
      reasoning: 0,
      audioInput: 0,
      audioOutput: 0,
      images: 0,
      seconds: 0,
      estimated: false,
    };
    const usage = { ...counts, input: 7, cachedInput: 4 };
    const choice = 0;
    expect(events).toEqual([
      { kind: "start", id: "msg_1", model: "claude" },
      { kind: "usage", usage: { ...usage, output: 1 } },
      { kind: "ping" },
      { kind: "reasoning", choice, text: "Hm." },
      { kind: "reasoning-signature", choice, signature: "sig" },
      { kind: "part-end", choice },
      { kind: "redacted-reasoning", choice, data: "xyz" },
      { kind: "part-end", choice },
      {
        kind: "citation",
        choice,
        citation: {
          wire: "anthropic",
          value: { type: "char_location", cited_text: "a", document_title: "D" },
          title: "D",
          text: "a",
        },
      },
      { kind: "text", choice, text: "Hi" },
      { kind: "part-end", choice },
      { kind: "tool-call", choice, tool: 0, id: "toolu_1", name: "look_up" },
      { kind: "tool-arguments", choice, tool: 0, text: '{"a":' },
      { kind: "tool-arguments", choice, tool: 0, text: "1}" },
      { kind: "part-end", choice },
      { kind: "tool-call", choice, tool: 1, id: "toolu_2", name: "now" },
      { kind: "tool-arguments", choice, tool: 1, text: "{}" },
      { kind: "part-end", choice },
      { kind: "usage", usage: { ...usage, output: 9 } },
      { kind: "finish", choice, reason: "tool-calls" },
      { kind: "end" },
    ]);
  });

  it("tells blocks of Anthropic's own whole, with the input that came in pieces", () => {
    const events = read([
      start,
      ...block(
        0,
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} },
        { type: "input_json_delta", partial_json: '{"query"' },
        { type: "input_json_delta", partial_json: ':"x"}' },
      ),
      ...block(1, { type: "compaction", content: null }, { type: "compaction_delta", content: "short" }),
    ]);
    expect(events.filter(({ kind }) => kind === "other")).toMatchObject([
      { wire: "anthropic", value: { type: "server_tool_use", input: { query: "x" } } },
      { wire: "anthropic", value: { type: "compaction", content: "short" } },
    ]);
  });

  it("gives the answer of a forced tool as text, which is no tool call", () => {
    const format = { kind: "schema", name: "n", schema: { type: "object", properties: {} } } as const;
    const answer = block(
      0,
      { type: "tool_use", id: "toolu_1", name: "json_tool_call", input: {} },
      { type: "input_json_delta", partial_json: '{"n":' },
      { type: "input_json_delta", partial_json: "2}" },
    );
    const events = read([start, ...answer, ending("tool_use"), stop], { format });
    expect(events.slice(2)).toMatchObject([
      { kind: "text", text: '{"n":' },
      { kind: "text", text: "2}" },
      { kind: "part-end" },
      { kind: "usage" },
      { kind: "finish", reason: "stop" },
      { kind: "end" },
    ]);
  });

  it("says why the model would not", () => {
    const events = read([start, ending("refusal", { stop_details: { explanation: "No." } }), stop]);
    expect(events.slice(3)).toMatchObject([
      { kind: "refusal", text: "No." },
      { kind: "finish", reason: "refusal" },
      { kind: "end" },
    ]);
  });

  it.each([
    { type: "overloaded_error", status: 529 },
    { type: "rate_limit_error", status: 429 },
    { type: "api_error", status: 500 },
    { type: "invalid_request_error", status: 400 },
    { type: "something_new", status: 500 },
  ])("breaks off with $type as $status, and says nothing more", ({ type, status }) => {
    const events = read([start, { type: "error", error: { type, message: "Oh." } }, stop]);
    expect(events.slice(2)).toEqual([{ kind: "failure", failure: { status, message: "Oh." } }]);
  });

  it("breaks off with the error of a proxy in between", () => {
    expect(read([start, { error: { message: "gone" } }, stop]).slice(2)).toEqual([
      { kind: "failure", failure: { status: 500, message: "gone" } },
    ]);
  });

  it("breaks off where an event is no JSON", () => {
    expect(read([start, '{"type": "content_bl', stop]).at(-1)).toMatchObject({
      kind: "failure",
      failure: { status: 500 },
    });
  });

  it("ends only with Anthropic's last word", () => {
    expect(kinds(read([start, ending("end_turn")]))).toEqual(["start", "usage", "usage", "finish"]);
  });

  it("skips what it does not know", () => {
    const odd = [
      { type: "new_event" },
      { type: 7 },
      { type: "content_block_delta", index: 9, delta: { type: "odd" } },
    ];
    expect(kinds(read([start, ...odd, { type: "content_block_stop", index: 9 }, stop]))).toEqual([
      "start",
      "usage",
      "end",
    ]);
  });
});

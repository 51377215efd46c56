import type { ChatCall } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { anthropicChatWire } from "./chat-wire.ts";

const wire = anthropicChatWire("claude-sonnet-4-5");
const call: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "Hello" }] }],
  tools: [{ kind: "function", name: "look.up" }],
  options: {},
  extra: {},
};
const translation = wire.write(call, { model: "claude-sonnet-4-5", dropUnknown: false });

describe("an answer", () => {
  it("is read with all its parts, and its tools under the client's names", () => {
    expect(translation.body["tools"]).toMatchObject([{ name: "look_up" }]);
    const answer = translation.readAnswer({
      id: "msg_1",
      model: "claude-sonnet-4-5-20250929",
      content: [
        { type: "thinking", thinking: "Hm.", signature: "sig" },
        { type: "redacted_thinking", data: "xyz" },
        {
          type: "text",
          text: "So.",
          citations: [{ type: "web_search_result_location", url: "https://a", title: "A", cited_text: "a" }],
        },
        { type: "tool_use", id: "toolu_1", name: "look_up", input: { n: 1 } },
        { type: "server_tool_use", id: "srvtoolu_1" },
        { no: "type" },
        "text",
      ],
      stop_reason: "tool_use",
      usage: {
        input_tokens: 3,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 5,
        output_tokens: 6,
        output_tokens_details: { thinking_tokens: 2 },
        service_tier: "priority",
      },
    });
    expect(answer).toMatchObject({
      id: "msg_1",
      model: "claude-sonnet-4-5-20250929",
      serviceTier: "priority",
      choices: [
        {
          finish: "tool-calls",
          parts: [
            { kind: "reasoning", text: "Hm.", signature: "sig" },
            { kind: "redacted-reasoning", data: "xyz" },
            {
              kind: "text",
              text: "So.",
              citations: [{ wire: "anthropic", url: "https://a", title: "A", text: "a" }],
            },
            { kind: "tool-call", id: "toolu_1", name: "look.up", arguments: '{"n":1}' },
            { kind: "other", wire: "anthropic", value: { type: "server_tool_use" } },
          ],
        },
      ],
      usage: { input: 12, cachedInput: 4, cacheWriteInput: 5, output: 6, reasoning: 2 },
    });
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop-sequence"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "stop"],
    ["pause_turn", "pause"],
    ["refusal", "refusal"],
    ["something_new", "stop"],
    [null, "stop"],
  ])("that ended for %s ended for %s", (stop_reason, finish) => {
    const content = [{ type: "text", text: "Hi" }];
    expect(translation.readAnswer({ content, stop_reason, stop_sequence: "END" })).toMatchObject({
      choices: [{ finish, stopSequence: "END" }],
    });
  });

  it.each([undefined, null, 7, "text", [], {}, { content: "text" }])(
    "that is none is a failure: %j",
    (value) => {
      expect(translation.readAnswer(value)).toMatchObject({ status: 500 });
    },
  );

  it("that is an error is a failure of its status", () => {
    const error = { type: "overloaded_error", message: "Overloaded" };
    expect(translation.readAnswer({ type: "error", error })).toEqual({ status: 529, message: "Overloaded" });
  });
});

describe("a failure", () => {
  const envelope = (type: string, message: string): string =>
    JSON.stringify({ type: "error", error: { type, message } });

  it.each([
    [
      400,
      envelope("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
      "context-window",
    ],
    [
      400,
      envelope(
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
      ),
      "context-window",
    ],
    [400, envelope("invalid_request_error", "Output blocked by content filtering policy"), "content-policy"],
    [400, envelope("invalid_request_error", "max_tokens: Field required"), undefined],
    [429, envelope("rate_limit_error", "too many tokens per minute"), undefined],
    [529, envelope("overloaded_error", "Overloaded"), undefined],
  ])("%i is understood: %s", (status, text, kind) => {
    const { message } = (JSON.parse(text) as { error: { message: string } }).error;
    expect(wire.readFailure(status, text)).toEqual({
      status,
      message,
      ...(kind === undefined ? {} : { kind }),
    });
  });

  it.each([
    ["upstream connect error", "upstream connect error"],
    ['{"error":"no such key"}', "no such key"],
    ['{"message":"forbidden"}', "forbidden"],
    ["", "Anthropic gave no reason"],
  ])("in no form of Anthropic's keeps its words: %s", (text, message) => {
    expect(wire.readFailure(502, text)).toEqual({ status: 502, message });
  });
});

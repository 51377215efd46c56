import { type CallFailure, type ChatAnswer, type ChatCall, isFailure, tokenUsage } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bedrockChatWire } from "./chat-wire.ts";

const MODEL = "anthropic.claude-3-5-sonnet-20240620-v1:0";
const plain: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [{ kind: "function", name: "a.b" }],
  options: {},
  extra: {},
};

function read(answer: unknown, call: ChatCall = plain): ChatAnswer | CallFailure {
  return bedrockChatWire(MODEL).write(call, { model: MODEL, dropUnknown: false }).readAnswer(answer);
}

function answer(content: unknown, more: object = {}): object {
  return { output: { message: { role: "assistant", content } }, stopReason: "end_turn", ...more };
}

function choiceOf(value: unknown, call?: ChatCall): ChatAnswer["choices"][number] {
  const read_ = read(value, call);
  if (isFailure(read_) || read_.choices[0] === undefined) throw new Error("no answer");
  return read_.choices[0];
}

describe("bedrockChatWire.readAnswer", () => {
  it("reads every kind of block in its order", () => {
    const citation = {
      title: "t",
      sourceContent: [{ text: "pas" }, { text: "sage" }],
      location: { web: { url: "https://x" } },
    };
    const { parts } = choiceOf(
      answer([
        { reasoningContent: { reasoningText: { text: "hm", signature: "sig" } } },
        { reasoningContent: { redactedContent: "cmVk" } },
        { text: "so" },
        { citationsContent: { content: [{ text: "ci" }, { text: "ted" }], citations: [citation] } },
        { toolUse: { toolUseId: "tooluse_1", name: "a_b", input: { x: "ü" } } },
        { toolUse: { toolUseId: "tooluse_2", name: "a_b" } },
        { video: { format: "mp4" } },
      ]),
    );
    expect(parts).toEqual([
      { kind: "reasoning", text: "hm", signature: "sig" },
      { kind: "redacted-reasoning", data: "cmVk" },
      { kind: "text", text: "so" },
      {
        kind: "text",
        text: "cited",
        citations: [{ wire: "bedrock", value: citation, url: "https://x", title: "t", text: "passage" }],
      },
      { kind: "tool-call", id: "tooluse_1", name: "a.b", arguments: '{"x":"ü"}' },
      { kind: "tool-call", id: "tooluse_2", name: "a.b", arguments: "{}" },
      { kind: "other", wire: "bedrock", value: { video: { format: "mp4" } } },
    ]);
  });

  it.each([
    ["end_turn", "stop"],
    ["tool_use", "tool-calls"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["stop_sequence", "stop-sequence"],
    ["guardrail_intervened", "content-filter"],
    ["content_filtered", "content-filter"],
    ["malformed_tool_use", "stop"],
    ["something_new", "stop"],
  ])("reads the end %s as %s", (stopReason, finish) => {
    const content = [{ toolUse: { toolUseId: "t", name: "n", input: {} } }];
    expect(choiceOf(answer(content, { stopReason })).finish).toBe(finish);
  });

  it("tells the stop text, the tier, and counts the cache into the input", () => {
    const usage = {
      inputTokens: 5,
      outputTokens: 3,
      totalTokens: 8,
      cacheReadInputTokens: 20,
      cacheWriteInputTokens: 10,
    };
    const read_ = read(
      answer([], {
        stopReason: "stop_sequence",
        additionalModelResponseFields: { stop_sequence: "." },
        usage,
        serviceTier: { type: "flex" },
      }),
    );
    expect(read_).toEqual({
      id: "",
      model: "",
      choices: [{ parts: [], finish: "stop-sequence", stopSequence: "." }],
      usage: tokenUsage(35, 3, { cachedInput: 20, cacheWriteInput: 10 }),
      serviceTier: "flex",
    });
  });

  it("makes a forced tool's arguments the text, and nothing said beside it", () => {
    const { finish, parts } = choiceOf(
      answer(
        [{ text: "Here it is:" }, { toolUse: { toolUseId: "t", name: "json_tool_call", input: { a: [1] } } }],
        { stopReason: "tool_use" },
      ),
      { ...plain, tools: [], format: { kind: "json" } },
    );
    expect({ finish, parts }).toEqual({ finish: "stop", parts: [{ kind: "text", text: '{"a":[1]}' }] });
  });

  it("keeps the client's own calls and texts where the answer has no form yet", () => {
    const { finish, parts } = choiceOf(
      answer([{ text: "First:" }, { toolUse: { toolUseId: "t", name: "a_b", input: {} } }], {
        stopReason: "tool_use",
      }),
      { ...plain, format: { kind: "json" } },
    );
    expect(finish).toBe("tool-calls");
    expect(parts).toEqual([
      { kind: "text", text: "First:" },
      { kind: "tool-call", id: "t", name: "a.b", arguments: "{}" },
    ]);
  });

  it.each([undefined, null, [], "text", {}, { message: "x" }, { output: {} }, { output: { message: [] } }])(
    "takes %j for no answer",
    (value) => {
      expect(read(value)).toEqual({ status: 500, message: "Bedrock's answer has no message" });
    },
  );

  it("never throws, whatever the blocks are", () => {
    const keys = fc.constantFrom(
      "text",
      "toolUse",
      "reasoningContent",
      "reasoningText",
      "citationsContent",
      "citations",
      "content",
      "input",
      "name",
      "location",
      "web",
      "sourceContent",
    );
    const odd = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.dictionary(keys, tie("value"), { maxKeys: 3 }),
        fc.array(tie("value"), { maxLength: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(odd, odd, odd, (content, usage, more) => {
        const read_ = read(
          answer(content, {
            usage,
            additionalModelResponseFields: more,
            stopReason: more,
            serviceTier: usage,
          }),
        );
        expect(isFailure(read_)).toBe(false);
      }),
    );
  });
});

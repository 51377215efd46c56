import { tokenUsage } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openaiChatWire } from "./chat-wire.ts";

function translation() {
  return openaiChatWire.write(
    { kind: "chat", from: "anthropic", stream: false, messages: [], tools: [], options: {}, extra: {} },
    { model: "m", dropUnknown: false },
  );
}

const read = (answer: unknown) => translation().readAnswer(answer);
const choice = (message: object, more: object = {}) => ({
  id: "chatcmpl-1",
  model: "m-1",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop", ...more }],
});

const tests: readonly { readonly name: string; readonly answer: object; readonly want: object }[] = [
  {
    name: "text",
    answer: choice({ content: "Grüße 🚪", refusal: null }, { logprobs: null }),
    want: { parts: [{ kind: "text", text: "Grüße 🚪" }], finish: "stop" },
  },
  { name: "nothing", answer: choice({ content: "" }), want: { parts: [], finish: "stop" } },
  {
    name: "tool calls beside text, and what each server writes of them",
    answer: choice({
      content: "Let me see.",
      tool_calls: [
        { id: "a", type: "function", function: { name: "f", arguments: '{"x": 1}' } },
        { type: "function", function: { name: "g", arguments: { y: 2 } } },
        { id: "c", function: { name: "h" }, extra_content: { google: { thought_signature: "s" } } },
        "nonsense",
      ],
    }),
    want: {
      parts: [
        { kind: "text", text: "Let me see." },
        { kind: "tool-call", id: "a", name: "f", arguments: '{"x": 1}' },
        { kind: "tool-call", id: "call_chatcmpl-1_0_1", name: "g", arguments: '{"y":2}' },
        { kind: "tool-call", id: "c", name: "h", arguments: "", signature: "s" },
      ],
      finish: "tool-calls",
    },
  },
  {
    name: "the older function call",
    answer: choice(
      { content: null, function_call: { name: "f", arguments: "{}" } },
      { finish_reason: "function_call" },
    ),
    want: {
      parts: [{ kind: "tool-call", id: "call_chatcmpl-1_0_0", name: "f", arguments: "{}" }],
      finish: "tool-calls",
    },
  },
  {
    name: "a refusal",
    answer: choice({ content: null, refusal: "I will not." }),
    want: { parts: [{ kind: "refusal", text: "I will not." }], finish: "refusal" },
  },
  {
    name: "reasoning_content",
    answer: choice({ content: "yes", reasoning_content: "hm" }),
    want: {
      parts: [
        { kind: "reasoning", text: "hm" },
        { kind: "text", text: "yes" },
      ],
    },
  },
  {
    name: "reasoning",
    answer: choice({ content: "yes", reasoning: "hm", reasoning_content: null }),
    want: {
      parts: [
        { kind: "reasoning", text: "hm" },
        { kind: "text", text: "yes" },
      ],
    },
  },
  {
    name: "LiteLLM's blocks, which say it once more",
    answer: choice({
      content: "yes",
      reasoning_content: "hm",
      thinking_blocks: [
        { type: "thinking", thinking: "hm", signature: "s" },
        { type: "redacted_thinking", data: "d" },
      ],
    }),
    want: {
      parts: [
        { kind: "reasoning", text: "hm", signature: "s" },
        { kind: "redacted-reasoning", data: "d" },
        { kind: "text", text: "yes" },
      ],
    },
  },
  {
    name: "Mistral's list of thoughts and texts",
    answer: choice({
      content: [
        {
          type: "thinking",
          thinking: [
            { type: "text", text: "h" },
            { type: "text", text: "m" },
          ],
        },
        { type: "text", text: "yes" },
      ],
    }),
    want: {
      parts: [
        { kind: "reasoning", text: "hm" },
        { kind: "text", text: "yes" },
      ],
    },
  },
  {
    name: "citations",
    answer: choice({
      content: "so it is",
      annotations: [
        {
          type: "url_citation",
          url_citation: { url: "https://a", title: "A", start_index: 0, end_index: 2 },
        },
      ],
    }),
    want: {
      parts: [
        {
          kind: "text",
          text: "so it is",
          citations: [
            {
              wire: "openai",
              url: "https://a",
              title: "A",
              value: {
                type: "url_citation",
                url_citation: { url: "https://a", title: "A", start_index: 0, end_index: 2 },
              },
            },
          ],
        },
      ],
    },
  },
  {
    name: "audio and pictures",
    answer: choice({
      content: null,
      audio: { id: "a", data: "QQ==" },
      images: [{ type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } }],
    }),
    want: {
      parts: [
        { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "QQ==" } },
        { kind: "other", wire: "openai", value: { audio: { id: "a", data: "QQ==" } } },
      ],
    },
  },
  {
    name: "a limit",
    answer: choice({ content: "a" }, { finish_reason: "length" }),
    want: { finish: "length" },
  },
  {
    name: "Mistral's limit",
    answer: choice({ content: "a" }, { finish_reason: "model_length" }),
    want: { finish: "length" },
  },
  {
    name: "a filter",
    answer: choice({ content: "" }, { finish_reason: "content_filter" }),
    want: { finish: "content-filter" },
  },
  {
    name: "vLLM's stop text",
    answer: choice({ content: "a" }, { stop_reason: "END" }),
    want: { finish: "stop-sequence", stopSequence: "END" },
  },
  {
    name: "a reason that is new",
    answer: choice({ content: "a" }, { finish_reason: "bored", logprobs: { content: [] } }),
    want: { finish: "stop", logprobs: { content: [] } },
  },
];

describe("answers", () => {
  it.each(tests)("$name", ({ answer, want }) => {
    expect(read(answer)).toMatchObject({ id: "chatcmpl-1", model: "m-1", choices: [want] });
  });

  it("several choices come in their order", () => {
    const choices = [1, 0].map((index) => ({
      index,
      message: { content: String(index) },
      finish_reason: "stop",
    }));
    expect(read({ choices, service_tier: "flex" })).toMatchObject({
      id: "",
      model: "",
      serviceTier: "flex",
      choices: [{ parts: [{ text: "0" }] }, { parts: [{ text: "1" }] }],
    });
  });

  it("calls without ids get ones that no other answer's have", () => {
    const answer = { choices: [{ message: { tool_calls: [{ function: { name: "f", arguments: "" } }] } }] };
    const ids = [read(answer), read(answer)].map(
      (one) => JSON.stringify(one).match(/"id":"(call_[^"]+)"/)?.[1],
    );
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id?.length).toBeLessThanOrEqual(40);
  });
});

describe("usage", () => {
  it.each([
    ["OpenAI's", { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 }, tokenUsage(9, 5)],
    [
      "with details",
      {
        prompt_tokens: 9,
        completion_tokens: 5,
        total_tokens: 14,
        prompt_tokens_details: { cached_tokens: 3, audio_tokens: 1, cache_write_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 4, audio_tokens: 1 },
      },
      tokenUsage(9, 5, { cachedInput: 3, cacheWriteInput: 2, audioInput: 1, reasoning: 4, audioOutput: 1 }),
    ],
    [
      "LiteLLM's",
      { prompt_tokens: 9, completion_tokens: 5, cache_read_input_tokens: 3, cache_creation_input_tokens: 2 },
      tokenUsage(9, 5, { cachedInput: 3, cacheWriteInput: 2 }),
    ],
    [
      "DeepSeek's",
      { prompt_tokens: 9, completion_tokens: 5, prompt_cache_hit_tokens: 3 },
      tokenUsage(9, 5, { cachedInput: 3 }),
    ],
    [
      "xAI's, which counts reasoning beside the rest",
      {
        prompt_tokens: 9,
        completion_tokens: 5,
        total_tokens: 21,
        completion_tokens_details: { reasoning_tokens: 7 },
      },
      tokenUsage(9, 12, { reasoning: 7 }),
    ],
    ["none", null, undefined],
    ["nonsense", { prompt_tokens: "9" }, undefined],
  ])("%s", (_, usage, want) => {
    expect(read({ choices: [], usage })).toMatchObject({ usage: want });
  });
});

describe("what is no answer", () => {
  it.each([
    ["a list", [1], { status: 500, message: "the upstream's answer has no choices" }],
    ["null", null, { status: 500 }],
    ["no choices", { id: "a" }, { status: 500 }],
    ["an error with 200", { error: { message: "busy", code: 429 } }, { status: 429, message: "busy" }],
    [
      "an error with a code",
      { error: { message: "no", code: "rate_limit_exceeded" }, choices: [] },
      { status: 429, message: "no" },
    ],
    [
      "a choice that broke off",
      choice({ content: "a" }, { finish_reason: "error", error: { code: 502, message: "gone" } }),
      { status: 502, message: "gone" },
    ],
    [
      "DeepSeek's lack of resources",
      choice({ content: "a" }, { finish_reason: "insufficient_system_resource" }),
      { status: 503 },
    ],
  ])("%s", (_, answer, want) => {
    expect(read(answer)).toMatchObject(want);
  });

  it("is never a reason to throw, whatever it is", () => {
    const anything = fc.jsonValue();
    const odd = fc.record({
      id: anything,
      choices: fc.oneof(
        anything,
        fc.array(
          fc.record({
            index: anything,
            finish_reason: fc.oneof(anything, fc.constantFrom("stop", "error")),
            message: fc.oneof(
              anything,
              fc.record({
                content: anything,
                tool_calls: fc.oneof(anything, fc.array(fc.record({ id: anything, function: anything }))),
                thinking_blocks: fc.array(
                  fc.oneof(anything, fc.record({ type: fc.constant("thinking"), thinking: anything })),
                ),
                annotations: fc.array(
                  fc.record({ type: fc.constant("url_citation"), url_citation: anything }),
                ),
                images: fc.array(anything),
                audio: anything,
                reasoning_content: anything,
              }),
            ),
          }),
        ),
      ),
      usage: fc.oneof(anything, fc.record({ prompt_tokens: anything, prompt_tokens_details: anything })),
      error: fc.oneof(fc.constant(null), anything),
    });
    fc.assert(
      fc.property(fc.oneof(anything, odd), (answer) => {
        expect(typeof read(answer)).toBe("object");
        openaiChatWire.readFailure(400, JSON.stringify(answer));
      }),
    );
  });
});

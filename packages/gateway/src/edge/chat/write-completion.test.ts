import { type ChatAnswer, type Choice, type Part, tokenUsage } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { chatApi } from "./chat-api.ts";

const context = { model: "group", callId: "11-22", time: 1_700_000_000_999, fields: {} };

function written(...choices: readonly Choice[]): {
  readonly choices: readonly { readonly message: object }[];
} {
  const answer: ChatAnswer = { id: "msg_1", model: "m", choices, usage: undefined };
  return JSON.parse(JSON.stringify(chatApi.writeAnswer(answer, context)));
}

const messageOf = (...parts: readonly Part[]) => written({ parts, finish: "stop" }).choices[0]?.message;

describe("whole answers", () => {
  it("have LiteLLM's members in its order", () => {
    const answer: ChatAnswer = {
      id: "",
      model: "m",
      choices: [{ parts: [{ kind: "text", text: "hi" }], finish: "stop" }],
      usage: tokenUsage(7, 2),
      serviceTier: "priority",
    };
    expect(JSON.stringify(chatApi.writeAnswer(answer, context))).toBe(
      '{"id":"chatcmpl-11-22","created":1700000000,"model":"group","object":"chat.completion","choices":[{"finish_reason":"stop","index":0,"message":{"content":"hi","role":"assistant"}}],"usage":{"completion_tokens":2,"prompt_tokens":7,"total_tokens":9,"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0},"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0}},"service_tier":"priority"}',
    );
  });

  it("count what was cached under Anthropic's names as well", () => {
    const usage = tokenUsage(9, 5, { cachedInput: 3, cacheWriteInput: 2, reasoning: 4, audioInput: 1 });
    const answer = chatApi.writeAnswer({ id: "a", model: "m", choices: [], usage }, context);
    expect(answer).toMatchObject({
      usage: {
        prompt_tokens_details: { cached_tokens: 3, audio_tokens: 1, cache_write_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 4 },
        cache_creation_input_tokens: 2,
        cache_read_input_tokens: 3,
      },
    });
  });

  it("reasoning, text, and calls", () => {
    const message = messageOf(
      { kind: "reasoning", text: "h", signature: "s" },
      { kind: "redacted-reasoning", data: "d" },
      { kind: "reasoning", text: "m" },
      { kind: "tool-call", id: "a", name: "f", arguments: "" },
      { kind: "tool-call", id: "", name: "g", arguments: '{"x":1}', signature: "t" },
    );
    expect(message).toEqual({
      content: null,
      role: "assistant",
      tool_calls: [
        { id: "a", type: "function", function: { arguments: "{}", name: "f" } },
        {
          id: "call_1122_0_1",
          type: "function",
          function: { arguments: '{"x":1}', name: "g" },
          provider_specific_fields: { thought_signature: "t" },
        },
      ],
      reasoning_content: "hm",
      thinking_blocks: [
        { type: "thinking", thinking: "h", signature: "s" },
        { type: "redacted_thinking", data: "d" },
      ],
    });
  });

  it("citations with an address are annotations of their text, others stay as they came", () => {
    const cited = { type: "char_location", cited_text: "c", document_index: 0 };
    const own = { type: "url_citation", url_citation: { url: "https://b", start_index: 9 } };
    const message = messageOf(
      { kind: "text", text: "abc" },
      {
        kind: "text",
        text: "de",
        citations: [
          { wire: "anthropic", value: { type: "web_search_result_location" }, url: "https://a", title: "A" },
          { wire: "anthropic", value: cited },
          { wire: "openai", value: own, url: "https://b" },
        ],
      },
    );
    expect(message).toEqual({
      content: "abcde",
      role: "assistant",
      annotations: [
        {
          type: "url_citation",
          url_citation: { start_index: 3, end_index: 5, url: "https://a", title: "A" },
        },
        own,
      ],
      provider_specific_fields: { citations: [[cited]] },
    });
  });

  it("a refusal, audio, and pictures", () => {
    expect(messageOf({ kind: "refusal", text: "no" })).toEqual({
      content: null,
      role: "assistant",
      refusal: "no",
      provider_specific_fields: { refusal: "no" },
    });
    const source = { kind: "base64", mediaType: "image/png", data: "QQ==" } as const;
    expect(
      messageOf(
        { kind: "image", source },
        { kind: "other", wire: "openai", value: { audio: { id: "a" } } },
        { kind: "other", wire: "anthropic", value: { type: "server_tool_use" } },
      ),
    ).toEqual({
      content: null,
      role: "assistant",
      images: [{ type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } }],
      audio: { id: "a" },
    });
  });

  it.each([
    ["stop", "stop"],
    ["stop-sequence", "stop"],
    ["length", "length"],
    ["tool-calls", "tool_calls"],
    ["content-filter", "content_filter"],
    ["refusal", "content_filter"],
    ["pause", "stop"],
  ] as const)("%s finishes as %s", (finish, reason) => {
    const logprobs = { content: [] };
    expect(written({ parts: [], finish }, { parts: [], finish, logprobs })).toMatchObject({
      choices: [
        { finish_reason: reason, index: 0, message: { content: "" } },
        { finish_reason: reason, index: 1, logprobs },
      ],
    });
  });
});

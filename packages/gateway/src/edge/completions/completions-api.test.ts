import { type ChatEvent, type Fields, tokenUsage } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completionsApi } from "./completions-api.ts";

const context = { model: "group", callId: "11-22", time: 1_700_000_000_000, fields: {} };

describe("requests", () => {
  it.each<[name: string, fields: Fields, want: object]>([
    ["a text", { prompt: "hi" }, {}],
    ["a list of one text", { prompt: ["hi"] }, {}],
    [
      "logprobs and alternatives",
      { prompt: "hi", logprobs: 3 },
      { options: { logprobs: true, top_logprobs: 3 } },
    ],
    ["logprobs alone", { prompt: "hi", logprobs: 0 }, { options: { logprobs: true } }],
    [
      "what chats have",
      { prompt: "hi", max_tokens: 3, stop: ".", stream: true, n: 2, best_of: 2, echo: false, suffix: null },
      { options: { max_tokens: 3, stop: ["."], n: 2 }, stream: true },
    ],
    ["what nobody knows", { prompt: "hi", custom: 1, stream_options: {} }, { extra: { custom: 1 } }],
  ])("%s", (_, fields, want) => {
    expect(completionsApi.read(fields)).toEqual({
      kind: "chat",
      from: "openai",
      stream: false,
      messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
      tools: [],
      options: {},
      extra: {},
      ...want,
    });
  });

  it.each<[field: string, fields: Fields, message: string]>([
    ["prompt", {}, "The request has no `prompt`"],
    ["prompt", { prompt: ["a", "b"] }, "one text that is not empty"],
    ["prompt", { prompt: [1, 2] }, "one text that is not empty"],
    ["prompt", { prompt: "" }, "one text that is not empty"],
    ["suffix", { prompt: "hi", suffix: "b" }, "has to be absent"],
    ["echo", { prompt: "hi", echo: true }, "has to be absent"],
    ["best_of", { prompt: "hi", best_of: 2 }, "has to be absent"],
    ["logprobs", { prompt: "hi", logprobs: true }, "a number"],
  ])("%s: %j is refused", (field, fields, message) => {
    expect(completionsApi.read(fields)).toMatchObject({
      status: 400,
      body: { error: { param: field, message: expect.stringContaining(message) } },
    });
  });

  it("are never a reason to throw", () => {
    const names = ["prompt", "suffix", "echo", "best_of", "n", "logprobs", "stop", "stream"];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (fields) => {
        expect(typeof completionsApi.read(fields)).toBe("object");
      }),
    );
  });
});

describe("answers", () => {
  it("have LiteLLM's members, and only what was said", () => {
    const answer = completionsApi.writeAnswer(
      {
        id: "msg_1",
        model: "m",
        choices: [
          {
            parts: [
              { kind: "reasoning", text: "hm" },
              { kind: "text", text: "a" },
              { kind: "text", text: "b" },
            ],
            finish: "stop-sequence",
          },
        ],
        usage: tokenUsage(7, 2, { cachedInput: 1 }),
      },
      context,
    );
    expect(JSON.stringify(answer)).toBe(
      '{"id":"msg_1","created":1700000000,"model":"group","object":"text_completion","choices":[{"finish_reason":"stop","index":0,"text":"ab","logprobs":null}],"usage":{"completion_tokens":2,"prompt_tokens":7,"total_tokens":9,"completion_tokens_details":null,"prompt_tokens_details":null}}',
    );
  });

  it("stream in chunks of text", () => {
    const writer = completionsApi.writeStream({
      ...context,
      fields: { stream_options: { include_usage: true } },
    });
    const logprobs = { content: [{ token: "b", logprob: -1, top_logprobs: [] }] };
    const events: readonly ChatEvent[] = [
      { kind: "start", id: "", model: "m" },
      { kind: "reasoning", choice: 0, text: "hm" },
      { kind: "text", choice: 0, text: "a" },
      { kind: "text", choice: 0, text: "b", logprobs },
      { kind: "finish", choice: 0, reason: "length" },
      { kind: "usage", usage: tokenUsage(7, 2) },
      { kind: "end" },
    ];
    const frames = events
      .map((event) => writer.write(event))
      .join("")
      .split("\n\n")
      .slice(0, -1);
    expect(frames.at(-1)).toBe("data: [DONE]");
    const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame.slice(6)) as { choices: unknown[] });
    expect(chunks.map(({ choices }) => choices[0])).toEqual([
      { index: 0, text: "a" },
      {
        index: 0,
        text: "b",
        logprobs: { text_offset: [1], token_logprobs: [-1], tokens: ["b"], top_logprobs: [{}] },
      },
      { index: 0, text: "", finish_reason: "length" },
      { index: 0, text: "" },
    ]);
    expect(chunks[0]).toMatchObject({ id: "cmpl-11-22", object: "text_completion", model: "group" });
    expect(chunks.at(-1)).toMatchObject({ usage: { prompt_tokens: 7, completion_tokens_details: null } });
  });
});

import type { ChatCall, Fields, Message, Part } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { CallRefusal } from "../wire.ts";
import { ollamaChatWire } from "./chat-wire.ts";

const question: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [],
  options: {},
  extra: {},
};
const plainBody = { model: "llama3.2", messages: [{ role: "user", content: "hi" }], stream: false };

function write(more: Partial<ChatCall>, dropUnknown = false, model = "llama3.2") {
  return ollamaChatWire(model).write({ ...question, ...more }, { model, dropUnknown });
}

function messages(...list: readonly Message[]): unknown {
  return write({ messages: list }).body["messages"];
}

const text = (words: string): Part => ({ kind: "text", text: words });
const image: Part = { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "aGk=" } };

describe("messages", () => {
  it("have the roles that Ollama knows, and their texts in one", () => {
    expect(
      messages(
        { role: "system", parts: [text("be")] },
        { role: "developer", parts: [text("brief")] },
        { role: "user", parts: [text("a"), image, text("b")], name: "ann" },
        { role: "assistant", parts: [text("a"), { kind: "refusal", text: "b" }] },
      ),
    ).toEqual([
      { role: "system", content: "be" },
      { role: "system", content: "brief" },
      { role: "user", content: "a\n\nb", images: ["aGk="] },
      { role: "assistant", content: "ab" },
    ]);
  });

  it("carry calls with their arguments as an object, and results by name and id", () => {
    const call = (id: string, json: string): Part => ({
      kind: "tool-call",
      id,
      name: "look",
      arguments: json,
    });
    expect(
      messages(
        {
          role: "assistant",
          parts: [
            { kind: "reasoning", text: "Hm.", signature: "sig" },
            { kind: "redacted-reasoning", data: "x" },
            call("1", '{"a":1}'),
            call("2", ""),
            call("3", "[1"),
          ],
        },
        {
          role: "user",
          parts: [
            text("and now?"),
            {
              kind: "tool-result",
              id: "1",
              name: "look",
              content: [text("one") as never, image as never],
              isError: true,
            },
            { kind: "tool-result", id: "2", content: [], isError: false },
          ],
        },
      ),
    ).toEqual([
      {
        role: "assistant",
        content: "",
        thinking: "Hm.",
        tool_calls: [
          { id: "1", function: { name: "look", arguments: { a: 1 } } },
          { id: "2", function: { name: "look", arguments: {} } },
          { id: "3", function: { name: "look", arguments: { arguments: "[1" } } },
        ],
      },
      { role: "tool", content: "one", images: ["aGk="], tool_name: "look", tool_call_id: "1" },
      { role: "tool", content: "", tool_call_id: "2" },
      { role: "user", content: "and now?" },
    ]);
  });

  it("hold documents of text below their names", () => {
    const document: Part = { kind: "document", source: { kind: "text", text: "c" }, name: "a", context: "b" };
    expect(messages({ role: "user", parts: [document] })).toEqual([{ role: "user", content: "a\n\nb\n\nc" }]);
  });

  it.each<[string, Part]>([
    ["an image by its address", { kind: "image", source: { kind: "url", url: "https://example.org/a.png" } }],
    [
      "a document of bytes",
      { kind: "document", source: { kind: "base64", mediaType: "application/pdf", data: "" } },
    ],
  ])("of a tool do not hold %s", (_, part) => {
    const result: Part = { kind: "tool-result", id: "1", content: [part as never], isError: false };
    expect(() => messages({ role: "user", parts: [result] })).toThrow(CallRefusal);
  });

  it("that say nothing are left out, and are no question when they are all", () => {
    const nothing: Message = { role: "assistant", parts: [{ kind: "redacted-reasoning", data: "x" }] };
    expect(messages(nothing, ...question.messages)).toEqual(plainBody.messages);
    expect(() => messages(nothing)).toThrow(CallRefusal);
  });
});

describe("tools", () => {
  const tools = [
    { kind: "function", name: "a", description: "A", parameters: { type: "object", properties: { x: {} } } },
    { kind: "function", name: "b", strict: true },
  ] as const;
  const [a, b] = [
    { type: "function", function: { name: "a", description: "A", parameters: tools[0].parameters } },
    { type: "function", function: { name: "b", parameters: { type: "object", properties: {} } } },
  ];

  it.each<[string, ChatCall["toolChoice"], readonly Fields[] | undefined]>([
    ["all, without a choice", undefined, [a, b]],
    ["all, as it likes", { kind: "auto" }, [a, b]],
    ["none", { kind: "none" }, undefined],
    ["the allowed ones", { kind: "allowed", required: true, names: ["b"] }, [b]],
  ])("are offered: %s", (_, toolChoice, want) => {
    expect(write({ tools, ...(toolChoice === undefined ? {} : { toolChoice }) }).body["tools"]).toEqual(want);
  });
});

describe("parameters", () => {
  it("are options of the model, or members of the body", () => {
    const stop = ["."];
    const options = {
      max_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      seed: 1,
      stop,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      logprobs: true,
      top_logprobs: 2,
    };
    const { logprobs, max_tokens: num_predict, top_logprobs, ...same } = options;
    expect(write({ options, stream: true }).body).toEqual({
      ...plainBody,
      stream: true,
      logprobs,
      top_logprobs,
      options: { num_predict, ...same },
    });
  });

  it("that Ollama's own contradict give way to these", () => {
    const extra = { options: { num_predict: -1, temperature: 0 } };
    expect(write({ extra, options: { max_tokens: 9, temperature: 1, top_p: 0.5 } }).body).toEqual({
      ...plainBody,
      options: { num_predict: -1, temperature: 0, top_p: 0.5 },
    });
  });

  it("of Ollama's own go where they belong, unknown ones to the model's options", () => {
    const extra = { num_ctx: 8192, keep_alive: "10m", options: { min_p: 0.1 }, new_option: 1 };
    expect(write({ extra })).toMatchObject({
      body: { ...plainBody, keep_alive: "10m", options: { num_ctx: 8192, min_p: 0.1, new_option: 1 } },
      ignored: [],
    });
    for (const ignored of [write({ extra }, true), write({ extra, from: "anthropic" })]) {
      expect(ignored).toMatchObject({
        body: { options: { num_ctx: 8192, min_p: 0.1 } },
        ignored: ["new_option"],
      });
    }
  });

  it.each<[string, ChatCall["reasoning"], unknown]>([
    ["llama3.2", undefined, undefined],
    ["qwen3", { enabled: true, effort: "high" }, true],
    ["qwen3", { enabled: true, budgetTokens: 1024 }, true],
    ["qwen3", { enabled: false }, false],
    ["gpt-oss:20b", { enabled: true, effort: "minimal" }, "low"],
    ["gpt-oss:20b", { enabled: true, effort: "medium" }, "medium"],
    ["gpt-oss", { enabled: true, effort: "xhigh" }, "high"],
    ["mine/gpt-oss:120b-cloud", { enabled: true, budgetTokens: 2048 }, "medium"],
    ["gpt-oss", { enabled: true }, true],
  ])("of thinking for %s: %j", (model, reasoning, want) => {
    expect(write(reasoning === undefined ? {} : { reasoning }, false, model).body["think"]).toBe(want);
  });

  it("name the form of the answer", () => {
    const schema = { type: "object" };
    expect(write({ format: { kind: "json" } }).body["format"]).toBe("json");
    expect(write({ format: { kind: "schema", name: "x", schema } }).body["format"]).toBe(schema);
  });
});

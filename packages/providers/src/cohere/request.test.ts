import type { ChatCall, Fields } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { CallRefusal } from "../wire.ts";
import { cohereChatWire } from "./chat-wire.ts";
import { cohere } from "./provider.ts";

const upstream = { model: "command-a", dropUnknown: false };
const plain: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [],
  options: {},
  extra: {},
};
const tools = [
  { kind: "function", name: "a", strict: true },
  { kind: "function", name: "b", strict: true, parameters: { type: "object" } },
] as const;

function bodyOf(more: Partial<ChatCall>, to = upstream): Fields {
  return cohereChatWire.write({ ...plain, ...more }, to).body;
}

describe("a chat in Cohere's wire", () => {
  it.each<[string, Partial<ChatCall>, Fields]>([
    ["a plain question", {}, { model: "command-a", messages: [{ role: "user", content: "hi" }] }],
    ["a stream", { stream: true }, { stream: true }],
    [
      "sampling under its own names",
      { options: { top_p: 0.5, top_k: 3, stop: ["."], seed: 7, max_tokens: 9 } },
      { p: 0.5, k: 3, stop_sequences: ["."], seed: 7, max_tokens: 9 },
    ],
    [
      "sampling within its upper bounds",
      { options: { top_p: 1, top_k: 1000, frequency_penalty: 2, presence_penalty: 1.5 } },
      { p: 0.99, k: 500, frequency_penalty: 1, presence_penalty: 1 },
    ],
    [
      "sampling within its lower bounds",
      { options: { top_p: 0, frequency_penalty: -2, presence_penalty: -0.5 } },
      { p: 0.01, frequency_penalty: 0, presence_penalty: 0 },
    ],
    [
      "a budget for an effort",
      { reasoning: { enabled: true, effort: "high" } },
      { thinking: { type: "enabled", token_budget: 4096 } },
    ],
    ["no thinking", { reasoning: { enabled: false } }, { thinking: { type: "disabled" } }],
    [
      "a schema",
      { format: { kind: "schema", name: "x", schema: { type: "object" } } },
      { response_format: { type: "json_object", json_schema: { type: "object" } } },
    ],
    ["tools that are all strict", { tools }, { strict_tools: true }],
    [
      "a tool that has to be called",
      { tools, toolChoice: { kind: "required" } },
      { tool_choice: "REQUIRED" },
    ],
    ["no tool", { tools, toolChoice: { kind: "none" } }, { tool_choice: "NONE" }],
    [
      "one tool that has to be called",
      { tools, toolChoice: { kind: "tool", name: "b" } },
      {
        tool_choice: "REQUIRED",
        tools: [{ type: "function", function: { name: "b", parameters: { type: "object" } } }],
      },
    ],
    [
      "parameters it does not know",
      { extra: { safety_mode: "OFF", novel: 1 } },
      { safety_mode: "OFF", novel: 1 },
    ],
  ])("%s", (_, more, want) => {
    expect(bodyOf(more)).toMatchObject(want);
  });

  it("is strict about no tool where one of them is not to be", () => {
    const mixed = [...tools, { kind: "function", name: "c" }] as const;
    expect(bodyOf({ tools: mixed })).not.toHaveProperty("strict_tools");
  });

  it("a conversation with reasoning, calls and results", () => {
    const messages: ChatCall["messages"] = [
      { role: "developer", parts: [{ kind: "text", text: "be brief" }] },
      {
        role: "user",
        parts: [
          { kind: "text", text: "see" },
          { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AA" }, detail: "low" },
          {
            kind: "document",
            source: { kind: "text", text: "a door" },
            name: "doors.txt",
            context: "of wood",
          },
        ],
      },
      {
        role: "assistant",
        parts: [
          { kind: "reasoning", text: "I look it up" },
          { kind: "text", text: "" },
          { kind: "tool-call", id: "1", name: "a", arguments: "" },
        ],
      },
      {
        role: "user",
        parts: [
          { kind: "tool-result", id: "1", isError: true, content: [{ kind: "text", text: "gone" }] },
          { kind: "text", text: "well?" },
        ],
      },
      {
        role: "assistant",
        parts: [
          { kind: "reasoning", text: "hm" },
          { kind: "text", text: "Closed." },
        ],
      },
    ];
    expect(bodyOf({ messages })["messages"]).toEqual([
      { role: "system", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "see" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AA", detail: "low" } },
          { type: "text", text: "doors.txt\n\nof wood\n\na door" },
        ],
      },
      {
        role: "assistant",
        tool_plan: "I look it up",
        tool_calls: [{ id: "1", type: "function", function: { name: "a", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "1", content: "Error:\ngone" },
      { role: "user", content: "well?" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm" },
          { type: "text", text: "Closed." },
        ],
      },
    ]);
  });

  it("leaves out what it does not know of other APIs, and where the deployment says so", () => {
    const messages = cohereChatWire.write({ ...plain, from: "anthropic", extra: { novel: 1 } }, upstream);
    expect([messages.body["novel"], messages.ignored]).toEqual([undefined, ["novel"]]);
    const dropped = cohereChatWire.write(
      { ...plain, extra: { novel: 1 } },
      { ...upstream, dropUnknown: true },
    );
    expect(dropped.ignored).toEqual(["novel"]);
  });

  it("refuses results of tools that hold more than text", () => {
    const content = [{ kind: "image", source: { kind: "url", url: "https://example.com/a.png" } }] as const;
    const messages = [
      { role: "user", parts: [{ kind: "tool-result", id: "1", isError: false, content }] },
    ] as const;
    expect(() => bodyOf({ messages })).toThrow(CallRefusal);
  });

  it.each([
    [498, '{"message":"invalid api token"}', { status: 401, message: "invalid api token" }],
    [499, "", { status: 408, message: "Cohere gave no reason" }],
    [
      400,
      '{"message":"too many tokens: the limit is 8"}',
      { status: 400, message: "too many tokens: the limit is 8", kind: "context-window" },
    ],
    [
      400,
      '{"message":"blocked output: please try again"}',
      { status: 400, message: "blocked output: please try again", kind: "content-policy" },
    ],
    [502, "<html>", { status: 502, message: "<html>" }],
  ])("reads an error of status %i: %s", (status, text, want) => {
    expect(cohereChatWire.readFailure(status, text)).toEqual(want);
  });

  it("renames tools that Cohere would not take, and undoes it", () => {
    const translation = cohereChatWire.write(
      { ...plain, tools: [{ kind: "function", name: "a.b c" }] },
      upstream,
    );
    const [tool] = translation.body["tools"] as { function: { name: string } }[];
    const name = tool?.function.name ?? "";
    expect(name).toMatch(/^[a-zA-Z0-9_-]+$/);
    const answer = translation.readAnswer({
      message: { tool_calls: [{ id: "1", function: { name, arguments: "{}" } }] },
      finish_reason: "TOOL_CALL",
    });
    expect(answer).toMatchObject({ choices: [{ parts: [{ kind: "tool-call", name: "a.b c" }] }] });
  });

  it.each([
    ["https://api.cohere.com", "chat", "https://api.cohere.com/v2/chat"],
    ["https://api.cohere.com/v2/", "embedding", "https://api.cohere.com/v2/embed"],
    ["https://api.cohere.com/v1", "chat", "https://api.cohere.com/v2/chat"],
    ["https://proxy/cohere/v2/chat?a=b", "rerank", "https://proxy/cohere/v2/rerank?a=b"],
  ] as const)("finds %s for %s", (baseUrl, operation, want) => {
    const { origin, path } = cohere.target(operation, { baseUrl, model: "m", apiVersion: undefined }, false);
    expect(origin + path).toBe(want);
  });
});

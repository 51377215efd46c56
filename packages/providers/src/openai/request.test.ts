import type { ChatCall, Fields, Message, Part } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import type { ChatWire } from "../wire.ts";
import { openaiChatWire, openaiChatWireOf, openaiCompatibleChatWire } from "./chat-wire.ts";

const compatible = openaiCompatibleChatWire({});
const litellm = openaiCompatibleChatWire({ reasoning: "blocks", cacheMarks: true });

function call(more: Partial<ChatCall> = {}): ChatCall {
  return {
    kind: "chat",
    from: "anthropic",
    stream: false,
    messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
    tools: [],
    options: {},
    extra: {},
    ...more,
  };
}

function written(more: Partial<ChatCall>, wire: ChatWire = openaiChatWire): Fields {
  return wire.write(call(more), { model: "gpt-5", dropUnknown: false }).body;
}

function messagesOf(messages: readonly Message[], wire?: ChatWire): unknown {
  return written({ messages }, wire)["messages"];
}

const user = (...parts: readonly Part[]): Message => ({ role: "user", parts });
const assistant = (...parts: readonly Part[]): Message => ({ role: "assistant", parts });
const text = (said: string): Part => ({ kind: "text", text: said });
const toolCall = (id: string, name = "look_up"): Part => ({ kind: "tool-call", id, name, arguments: "{}" });
const look = { kind: "function", name: "look_up", parameters: { type: "object" } } as const;
const time = { kind: "function", name: "time" } as const;

describe("parameters", () => {
  const tests: readonly {
    readonly name: string;
    readonly call: Partial<ChatCall>;
    readonly wire?: ChatWire;
    readonly want: Fields;
  }[] = [
    {
      name: "a stream asks for its usage",
      call: { stream: true },
      want: { stream: true, stream_options: { include_usage: true } },
    },
    {
      name: "a stream of a server that refuses to be asked",
      call: { stream: true },
      wire: openaiCompatibleChatWire({ streamOptions: false }),
      want: { stream: true },
    },
    {
      name: "OpenAI's newer name of the token limit",
      call: { options: { max_tokens: 7 } },
      want: { max_completion_tokens: 7 },
    },
    {
      name: "the name that compatible servers know",
      call: { options: { max_tokens: 7 } },
      wire: compatible,
      want: { max_tokens: 7 },
    },
    {
      name: "a budget is an effort",
      call: { reasoning: { enabled: true, budgetTokens: 2048 } },
      want: { reasoning_effort: "medium" },
    },
    {
      name: "an effort goes before a budget",
      call: { reasoning: { enabled: true, effort: "xhigh", budgetTokens: 1024 } },
      want: { reasoning_effort: "xhigh" },
    },
    {
      name: "thinking that is off, or has no size, is left to the model",
      call: { reasoning: { enabled: false } },
      want: {},
    },
    {
      name: "no effort where there is none",
      call: { reasoning: { enabled: true, effort: "low" } },
      wire: openaiCompatibleChatWire({ reasoningEffort: false }),
      want: {},
    },
    {
      name: "what OpenAI has",
      call: { options: { user: "u", store: false, service_tier: "flex", top_k: 4, stop: ["."] } },
      want: { user: "u", store: false, service_tier: "flex", stop: ["."] },
    },
    {
      name: "what compatible servers have",
      call: { options: { user: "u", store: false, verbosity: "low", temperature: 0.5, seed: 1 } },
      wire: compatible,
      want: { temperature: 0.5, seed: 1 },
    },
    {
      name: "top_k where it is taken",
      call: { options: { top_k: 4 } },
      wire: openaiCompatibleChatWire({ topK: true }),
      want: { top_k: 4 },
    },
    {
      name: "parallel calls and a choice say nothing without tools",
      call: { options: { parallel_tool_calls: true }, toolChoice: { kind: "none" } },
      want: {},
    },
    {
      name: "allowed tools",
      call: { tools: [look, time], toolChoice: { kind: "allowed", required: true, names: ["time"] } },
      want: {
        tools: [
          { type: "function", function: { name: "look_up", parameters: { type: "object" } } },
          { type: "function", function: { name: "time" } },
        ],
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "time" } }] },
        },
      },
    },
    {
      name: "only the allowed tools, for servers without allowed_tools",
      call: { tools: [look, time], toolChoice: { kind: "allowed", required: true, names: ["time"] } },
      wire: openaiCompatibleChatWire({ requiredTool: "any" }),
      want: { tools: [{ type: "function", function: { name: "time" } }], tool_choice: "any" },
    },
    {
      name: "tools of OpenAI's own, and of no other API",
      call: {
        tools: [
          { kind: "other", wire: "openai", value: { type: "custom", custom: { name: "c" } } },
          { kind: "other", wire: "anthropic", value: { type: "bash_20250124", name: "bash" } },
        ],
      },
      want: { tools: [{ type: "custom", custom: { name: "c" } }] },
    },
    {
      name: "a schema in words",
      call: { format: { kind: "schema", name: "a", schema: { type: "object" }, strict: true } },
      wire: openaiCompatibleChatWire({ jsonSchema: false }),
      want: {
        messages: [
          {
            role: "system",
            content: 'Answer with one JSON object that follows this JSON schema: {"type":"object"}',
          },
          { role: "user", content: "hi" },
        ],
        response_format: { type: "json_object" },
      },
    },
  ];

  it.each(tests)("$name", ({ call: more, want, wire }) => {
    expect(written(more, wire)).toEqual({
      model: "gpt-5",
      messages: [{ role: "user", content: "hi" }],
      ...want,
    });
  });

  it.each([
    [
      "is kept where OpenAI can keep to it",
      { type: "object", properties: {}, additionalProperties: false },
      true,
    ],
    ["is not demanded where members may be absent", { type: "object", properties: { a: {} } }, false],
    [
      "is not demanded where an inner object is open",
      {
        type: "object",
        properties: { a: { type: "array", items: { type: "object" } } },
        required: ["a"],
        additionalProperties: false,
      },
      false,
    ],
  ])("strictness that another API demands %s", (_, schema, strict) => {
    const { response_format: format } = written({
      format: { kind: "schema", name: "a", schema, strict: true },
    });
    expect(format).toEqual({ type: "json_schema", json_schema: { name: "a", schema, strict } });
  });

  it("unknown ones are sent for clients of this API only, unless they are to be dropped", () => {
    const extra = { custom: 1 };
    const upstream = { model: "m", dropUnknown: false };
    const own = openaiChatWire.write(call({ from: "openai", extra }), upstream);
    expect([own.body["custom"], own.ignored]).toEqual([1, []]);
    const other = openaiChatWire.write(call({ extra }), upstream);
    expect([other.body["custom"], other.ignored]).toEqual([undefined, ["custom"]]);
    const dropped = openaiChatWire.write(call({ from: "openai", extra }), { model: "m", dropUnknown: true });
    expect(dropped.ignored).toEqual(["custom"]);
  });
});

describe("messages", () => {
  it("a developer is a system where there are none", () => {
    const messages: Message[] = [{ role: "developer", parts: [text("be brief")], name: "boss" }];
    expect(messagesOf(messages)).toEqual([{ role: "developer", content: "be brief", name: "boss" }]);
    expect(messagesOf(messages, compatible)).toEqual([{ role: "system", content: "be brief" }]);
  });

  it("results come first, each a message; what is no text follows the last of them", () => {
    const image: Part = { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "QQ==" } };
    const messages = [
      assistant(toolCall("a"), toolCall("b")),
      user({ kind: "tool-result", id: "a", name: "look_up", content: [image], isError: false } as Part),
      user(text("go on"), {
        kind: "tool-result",
        id: "b",
        content: [{ kind: "text", text: "no" }],
        isError: true,
      }),
    ];
    expect(messagesOf(messages)).toEqual([
      {
        role: "assistant",
        content: null,
        tool_calls: ["a", "b"].map((id) => ({
          id,
          type: "function",
          function: { name: "look_up", arguments: "{}" },
        })),
      },
      { role: "tool", tool_call_id: "a", content: "" },
      { role: "tool", tool_call_id: "b", content: "no" },
      {
        role: "user",
        content: [
          { type: "text", text: "This belongs to the result of look_up (a):" },
          { type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } },
        ],
      },
      { role: "user", content: "go on" },
    ]);
  });

  it("attachments of the last result are not forgotten, and documents that are text are its text", () => {
    const result: Part = {
      kind: "tool-result",
      id: "a",
      content: [
        { kind: "document", source: { kind: "text", text: "b" }, name: "c" },
        { kind: "document", source: { kind: "file", id: "file-1" } },
      ],
      isError: false,
    };
    expect(messagesOf([assistant(toolCall("a")), user(result)])).toMatchObject([
      { role: "assistant" },
      { role: "tool", content: "c\n\nb" },
      {
        role: "user",
        content: [{ text: "This belongs to the result of a:" }, { file: { file_id: "file-1" } }],
      },
    ]);
  });

  it("documents, audio and refusals", () => {
    const messages = [
      user(
        { kind: "document", source: { kind: "base64", mediaType: "application/pdf", data: "QQ==" } },
        { kind: "document", source: { kind: "file", id: "file-1" }, name: "n" },
        { kind: "document", source: { kind: "url", url: "https://example.org/a.pdf" } },
        { kind: "audio", data: "QQ==", format: "wav" },
      ),
      assistant({ kind: "refusal", text: "no" }),
    ];
    expect(messagesOf(messages)).toEqual([
      {
        role: "user",
        content: [
          { type: "file", file: { filename: "document.pdf", file_data: "data:application/pdf;base64,QQ==" } },
          { type: "file", file: { file_id: "file-1" } },
          { type: "input_audio", input_audio: { data: "QQ==", format: "wav" } },
        ],
      },
      { role: "assistant", content: [{ type: "refusal", refusal: "no" }] },
    ]);
  });

  it("reasoning goes back as far as the server takes it", () => {
    const turn = assistant(
      { kind: "reasoning", text: "a", signature: "s" },
      { kind: "redacted-reasoning", data: "d" },
      { kind: "reasoning", text: "b" },
      text("yes"),
    );
    expect(messagesOf([turn])).toEqual([{ role: "assistant", content: "yes" }]);
    expect(messagesOf([turn], openaiCompatibleChatWire({ reasoning: "text" }))).toEqual([
      { role: "assistant", content: "yes", reasoning_content: "ab" },
    ]);
    expect(messagesOf([turn], litellm)).toEqual([
      {
        role: "assistant",
        content: "yes",
        reasoning_content: "ab",
        thinking_blocks: [
          { type: "thinking", thinking: "a", signature: "s" },
          { type: "redacted_thinking", data: "d" },
        ],
      },
    ]);
  });

  it("marks of the cache and signatures of calls stay where LiteLLM reads them", () => {
    const messages = [
      user({ kind: "text", text: "a", cache: { ttl: "1h" } }),
      assistant({ kind: "tool-call", id: "a", name: "look_up", arguments: "", signature: "s", cache: {} }),
    ];
    expect(messagesOf(messages, litellm)).toEqual([
      {
        role: "user",
        content: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } }],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "a",
            type: "function",
            function: { name: "look_up", arguments: "{}" },
            provider_specific_fields: { thought_signature: "s" },
            cache_control: { type: "ephemeral" },
          },
        ],
      },
    ]);
    expect(messagesOf(messages)).toMatchObject([{ content: "a" }, { content: null }]);
  });

  it("names and ids that OpenAI does not take are others on the way, and the client's own in the answer", () => {
    const long = `mcp__server__${"x".repeat(80)}`;
    const id = "call_".padEnd(60, "y");
    const translation = openaiChatWire.write(
      call({
        messages: [
          user(text("hi")),
          assistant(toolCall(id, long), toolCall(`${id}2`, "a.b")),
          user({ kind: "tool-result", id, content: [{ kind: "text", text: "r" }], isError: false }),
        ],
        tools: [{ kind: "function", name: long }],
        toolChoice: { kind: "tool", name: long },
      }),
      { model: "m", dropUnknown: false },
    );
    const short = long.slice(0, 64);
    expect(translation.body).toMatchObject({
      messages: [
        {},
        {
          tool_calls: [
            { id: id.slice(0, 40), function: { name: short } },
            { id: `${id.slice(0, 38)}_2`, function: { name: "a_b" } },
          ],
        },
        { tool_call_id: id.slice(0, 40) },
      ],
      tools: [{ function: { name: short } }],
      tool_choice: { function: { name: short } },
    });
    const answer = {
      choices: [{ message: { tool_calls: [{ id: "c", function: { name: short, arguments: "{}" } }] } }],
    };
    expect(translation.readAnswer(answer)).toMatchObject({ choices: [{ parts: [{ id: "c", name: long }] }] });
  });
});

describe("the prefix openai/", () => {
  it.each(["gpt-4o", "o3-mini", "chatgpt-4o-latest", "ft:gpt-4.1:acme::1", "gpt-5.1-codex"])(
    "%s is OpenAI's",
    (model) => {
      expect(openaiChatWireOf(model)).toBe(openaiChatWire);
    },
  );

  it.each(["gpt-oss-120b", "Qwen/Qwen3-32B", "llama3.2", "olmo-2"])(
    "%s is on somebody else's server",
    (model) => {
      expect(openaiChatWireOf(model).fidelity.developer).toBe("mapped: system");
    },
  );
});

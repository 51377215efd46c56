import type { ChatCall, Fields, Message, Part, Tool } from "@gatewright/call";
import { lossesOf } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { CallRefusal } from "../wire.ts";
import { anthropicChatWire } from "./chat-wire.ts";

const hello: Message = { role: "user", parts: [{ kind: "text", text: "Hello" }] };
const mark = { cache_control: { type: "ephemeral" } };

function call(more: Partial<ChatCall> = {}): ChatCall {
  return {
    kind: "chat",
    from: "openai",
    stream: false,
    messages: [hello],
    tools: [],
    options: {},
    extra: {},
    ...more,
  };
}

function translated(more: Partial<ChatCall>, model = "claude-sonnet-4-5", dropUnknown = false) {
  return anthropicChatWire(model).write(call(more), { model, dropUnknown });
}

function body(more: Partial<ChatCall>, model = "claude-sonnet-4-5"): Fields {
  return translated(more, model).body;
}

function said(role: Message["role"], ...parts: readonly Part[]): Message {
  return { role, parts };
}

function text(words: string): Part {
  return { kind: "text", text: words };
}

const lookUp: Tool = {
  kind: "function",
  name: "look_up",
  description: "Looks it up",
  parameters: { type: "object", properties: { topic: { type: "string", maxLength: 9 } } },
};
const calls: Part = { kind: "tool-call", id: "call_1", name: "look_up", arguments: '{"topic":"a"}' };
const result: Part = { kind: "tool-result", id: "call_1", content: [text("A") as never], isError: false };

describe("messages", () => {
  it("are the shortest request for a greeting", () => {
    expect(body({})).toEqual({
      model: "claude-sonnet-4-5",
      max_tokens: 4096,
      messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
    });
  });

  it("put system and developer texts ahead, with their marks", () => {
    const messages = [
      said("system", { kind: "text", text: "Be brief", cache: { ttl: "1h" } }),
      said("developer", text("In French")),
      hello,
    ];
    expect(body({ messages })["system"]).toEqual([
      { type: "text", text: "Be brief", cache_control: { type: "ephemeral", ttl: "1h" } },
      { type: "text", text: "In French" },
    ]);
  });

  it.each([
    { model: "claude-sonnet-4-5", system: ["one", "two"], roles: ["user", "assistant", "user"] },
    { model: "claude-opus-4-8", system: ["one"], roles: ["user", "assistant", "user", "system"] },
  ])("of the system in the middle stay there where $model takes them", ({ model, system, roles }) => {
    const messages = [
      said("system", text("one")),
      hello,
      said("assistant", text("Hi")),
      hello,
      said("system", text("two")),
    ];
    const written = body({ messages }, model);
    expect((written["system"] as Fields[]).map((block) => block["text"])).toEqual(system);
    expect((written["messages"] as Fields[]).map(({ role }) => role)).toEqual(roles);
  });

  it("of one role are joined, and results of tools come first", () => {
    const messages = [
      hello,
      said("assistant", text("I look.")),
      said("assistant", calls, { ...calls, id: "call_2" }),
      said("user", text("And?"), result),
      said("user", { ...result, id: "call_2", isError: true, cache: {} }),
    ];
    expect(body({ messages, tools: [lookUp] })["messages"]).toEqual([
      { role: "user", content: [{ type: "text", text: "Hello" }] },
      {
        role: "assistant",
        content: [
          { type: "text", text: "I look." },
          { type: "tool_use", id: "call_1", name: "look_up", input: { topic: "a" } },
          { type: "tool_use", id: "call_2", name: "look_up", input: { topic: "a" } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "call_1", content: [{ type: "text", text: "A" }] },
          {
            type: "tool_result",
            tool_use_id: "call_2",
            content: [{ type: "text", text: "A" }],
            is_error: true,
            ...mark,
          },
          { type: "text", text: "And?" },
        ],
      },
    ]);
  });

  it("leave out blank texts, and messages of nothing else", () => {
    const messages = [said("user", text("  "), text("Hello")), said("assistant", text("")), hello];
    expect(body({ messages })["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Hello" },
          { type: "text", text: "Hello" },
        ],
      },
    ]);
  });

  it("have no white space at the end of what the model is to go on from", () => {
    const messages = [hello, said("assistant", text("The answer is "))];
    expect(body({ messages })["messages"]).toMatchObject([{}, { content: [{ text: "The answer is" }] }]);
  });

  it("are needed beside the system prompt", () => {
    expect(() => body({ messages: [said("system", text("Be brief"))] })).toThrow(CallRefusal);
  });
});

const parts: readonly { readonly name: string; readonly part: Part; readonly want: Fields | undefined }[] = [
  {
    name: "an image by URL",
    part: { kind: "image", source: { kind: "url", url: "https://a/b.png" }, cache: {} },
    want: { type: "image", source: { type: "url", url: "https://a/b.png" }, ...mark },
  },
  {
    name: "an image as base64",
    part: { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } },
    want: { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
  },
  {
    name: "an uploaded image",
    part: { kind: "image", source: { kind: "file", id: "file_1" } },
    want: { type: "image", source: { type: "file", file_id: "file_1" } },
  },
  {
    name: "a PDF with all about it",
    part: {
      kind: "document",
      source: { kind: "base64", mediaType: "application/pdf", data: "AA==" },
      name: "Doors",
      context: "from 1999",
      cite: true,
      cache: {},
    },
    want: {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: "AA==" },
      title: "Doors",
      context: "from 1999",
      citations: { enabled: true },
      ...mark,
    },
  },
  {
    name: "plain text as base64, which Anthropic takes as text only",
    part: {
      kind: "document",
      source: { kind: "base64", mediaType: "text/plain", data: Buffer.from("Grüße").toString("base64") },
    },
    want: { type: "document", source: { type: "text", media_type: "text/plain", data: "Grüße" } },
  },
  {
    name: "a document as text",
    part: { kind: "document", source: { kind: "text", text: "Grüße" } },
    want: { type: "document", source: { type: "text", media_type: "text/plain", data: "Grüße" } },
  },
  {
    name: "signed thinking",
    part: { kind: "reasoning", text: "Hm.", signature: "sig" },
    want: { type: "thinking", thinking: "Hm.", signature: "sig" },
  },
  {
    name: "thinking without a signature, which Anthropic would refuse",
    part: { kind: "reasoning", text: "Hm." },
    want: undefined,
  },
  {
    name: "redacted thinking",
    part: { kind: "redacted-reasoning", data: "xyz" },
    want: { type: "redacted_thinking", data: "xyz" },
  },
  {
    name: "a refusal, as text",
    part: { kind: "refusal", text: "No." },
    want: { type: "text", text: "No." },
  },
  {
    name: "a part of this API",
    part: { kind: "other", wire: "anthropic", value: { type: "server_tool_use", id: "srvtoolu_1" } },
    want: { type: "server_tool_use", id: "srvtoolu_1" },
  },
  {
    name: "a part of another API",
    part: { kind: "other", wire: "responses", value: { type: "web_search_call" } },
    want: undefined,
  },
  {
    name: "a text with citations of which only Anthropic's go back",
    part: {
      kind: "text",
      text: "So.",
      citations: [
        { wire: "anthropic", value: { type: "char_location" } },
        { wire: "openai", value: { type: "url_citation" } },
      ],
    },
    want: { type: "text", text: "So.", citations: [{ type: "char_location" }] },
  },
  {
    name: "arguments that are no object, as text",
    part: { kind: "tool-call", id: "a.b:0", name: "look.up", arguments: '{"topic' },
    want: { type: "tool_use", id: "a_b_0", name: "look_up", input: { arguments: '{"topic' } },
  },
];

it.each(parts)("writes $name", ({ part, want }) => {
  const [, message] = body({ messages: [hello, said("assistant", text("-"), part), hello] })[
    "messages"
  ] as Fields[];
  expect((message?.["content"] as Fields[] | undefined)?.[1]).toEqual(want);
});

describe("tools", () => {
  it("are written with their schemas and marks, those of the provider as they are", () => {
    const search = { type: "web_search_20250305", name: "web_search" };
    const tools: Tool[] = [
      { ...lookUp, cache: {} } as Tool,
      { kind: "function", name: "now" },
      { kind: "other", wire: "anthropic", value: search },
      { kind: "other", wire: "responses", value: { type: "web_search" } },
    ];
    expect(body({ tools })["tools"]).toEqual([
      {
        name: "look_up",
        description: "Looks it up",
        input_schema: { type: "object", properties: { topic: { type: "string", maxLength: 9 } } },
        ...mark,
      },
      { name: "now", input_schema: { type: "object" } },
      search,
    ]);
  });

  it("are strict with a schema that Claude can be held to, on models that can be held to one", () => {
    const tools = [{ ...lookUp, strict: true } as Tool];
    expect(body({ tools })["tools"]).toMatchObject([
      {
        strict: true,
        input_schema: {
          type: "object",
          properties: { topic: { type: "string", description: "{maxLength: 9}" } },
          additionalProperties: false,
        },
      },
    ]);
    expect(body({ tools }, "claude-3-7-sonnet-latest")["tools"]).toEqual([
      expect.not.objectContaining({ strict: true }),
    ]);
  });

  it.each([
    { choice: undefined, parallel: undefined, want: undefined },
    { choice: undefined, parallel: false, want: { type: "auto", disable_parallel_tool_use: true } },
    { choice: { kind: "auto" }, parallel: true, want: { type: "auto" } },
    { choice: { kind: "none" }, parallel: false, want: { type: "none" } },
    { choice: { kind: "required" }, parallel: false, want: { type: "any", disable_parallel_tool_use: true } },
    {
      choice: { kind: "tool", name: "look_up" },
      parallel: undefined,
      want: { type: "tool", name: "look_up" },
    },
    {
      choice: { kind: "allowed", required: true, names: ["look_up"] },
      parallel: undefined,
      want: { type: "any" },
    },
  ] as const)("are chosen from: $choice, parallel $parallel", ({ choice, parallel, want }) => {
    const written = body({
      tools: [lookUp, { kind: "function", name: "now" }],
      ...(choice === undefined ? {} : { toolChoice: choice }),
      options: parallel === undefined ? {} : { parallel_tool_calls: parallel },
    });
    expect(written["tool_choice"]).toEqual(want);
    expect(written["tools"]).toHaveLength(choice?.kind === "allowed" ? 1 : 2);
  });

  it("have no choice where there are none", () => {
    expect(body({ toolChoice: { kind: "auto" } })).not.toHaveProperty("tool_choice");
  });

  it("are not demanded of models that refuse it, and the gateway knows", () => {
    const wanted = call({ tools: [lookUp], toolChoice: { kind: "required" } });
    const wire = anthropicChatWire("claude-opus-5-5");
    expect(lossesOf(wanted, wire).dropped).toEqual(["tool_choice_required"]);
    const { body: written } = wire.write(wanted, { model: "claude-opus-5-5", dropUnknown: false });
    expect(written["tool_choice"]).toEqual({ type: "auto" });
  });

  it("search the web as OpenAI's clients ask for it", () => {
    const web_search_options = {
      search_context_size: "low",
      user_location: { type: "approximate", approximate: { country: "DE" } },
    };
    expect(body({ options: { web_search_options } })["tools"]).toEqual([
      {
        type: "web_search_20250305",
        name: "web_search",
        max_uses: 1,
        user_location: { type: "approximate", country: "DE" },
      },
    ]);
  });
});

const schema = { type: "object", properties: { n: { type: "integer", minimum: 1 } }, required: ["n"] };
const door = { kind: "schema", name: "door", schema } as const;

describe("the answer's format", () => {
  it("is native where the model has it, in the keywords that Claude can be held to", () => {
    expect(body({ format: door })["output_config"]).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: { n: { type: "integer", description: "{minimum: 1}" } },
          required: ["n"],
          additionalProperties: false,
        },
      },
    });
  });

  it("is a forced tool elsewhere, and undone in the answer and the stream", () => {
    const translation = translated({ format: door }, "claude-3-7-sonnet-latest");
    const written = translation.body;
    expect(written["tools"]).toMatchObject([{ name: "json_tool_call", input_schema: schema }]);
    expect(written["tool_choice"]).toEqual({
      type: "tool",
      name: "json_tool_call",
      disable_parallel_tool_use: true,
    });
    const answer = translation.readAnswer({
      content: [{ type: "tool_use", id: "toolu_1", name: "json_tool_call", input: { n: 2 } }],
      stop_reason: "tool_use",
    });
    expect(answer).toMatchObject({
      choices: [{ parts: [{ kind: "text", text: '{"n":2}' }], finish: "stop" }],
    });
  });

  it("leaves the choice between that tool and the client's", () => {
    const written = body({ format: { kind: "json" }, tools: [lookUp] });
    expect(written["tool_choice"]).toEqual({ type: "any" });
    expect(written["tools"]).toHaveLength(2);
  });

  it("gives way to a call that is demanded", () => {
    const written = body({ format: { kind: "json" }, tools: [lookUp], toolChoice: { kind: "required" } });
    expect(written["tools"]).toHaveLength(1);
  });

  it.each([
    {
      model: "claude-3-7-sonnet-latest",
      more: { format: door, reasoning: { enabled: true, effort: "low" } },
    },
    { model: "claude-opus-5-5", more: { format: { kind: "json" } as const } },
  ])("is asked for in words where nothing can be forced: $model", ({ model, more }) => {
    const written = body(more, model);
    expect(written).not.toHaveProperty("tools");
    expect(JSON.stringify(written["system"])).toContain("JSON only");
  });
});

describe("thinking", () => {
  it.each([
    {
      model: "claude-sonnet-4-5",
      reasoning: { enabled: true, effort: "high" },
      thinking: { type: "enabled", budget_tokens: 4096 },
      max: 8192,
    },
    {
      model: "claude-sonnet-4-5",
      reasoning: { enabled: true, budgetTokens: 10 },
      thinking: { type: "enabled", budget_tokens: 1024 },
      max: 5120,
    },
    { model: "claude-sonnet-4-5", reasoning: { enabled: false }, thinking: { type: "disabled" }, max: 4096 },
    {
      model: "claude-opus-4-6",
      reasoning: { enabled: true, budgetTokens: 2000 },
      thinking: { type: "enabled", budget_tokens: 2000 },
      max: 6096,
    },
    {
      model: "claude-opus-4-6",
      reasoning: { enabled: true, effort: "xhigh" },
      thinking: { type: "adaptive" },
      effort: "max",
      max: 20_480,
    },
    {
      model: "us.anthropic.claude-opus-4-8-v1:0",
      reasoning: { enabled: true, effort: "minimal" },
      thinking: { type: "adaptive", display: "summarized" },
      effort: "low",
      max: 5120,
    },
    {
      model: "claude-sonnet-5",
      reasoning: { enabled: true, budgetTokens: 5000 },
      thinking: { type: "adaptive", display: "summarized" },
      effort: "high",
      max: 8192,
    },
    {
      model: "claude-sonnet-5-5",
      reasoning: { enabled: false },
      thinking: { type: "between_tools" },
      max: 4096,
    },
    { model: "claude-fable-5", reasoning: { enabled: false }, thinking: undefined, effort: "low", max: 4096 },
    { model: "claude-haiku-5-5", reasoning: { enabled: false }, thinking: { type: "disabled" }, max: 4096 },
    {
      model: "claude-3-5-haiku-20241022",
      reasoning: { enabled: true, effort: "high" },
      thinking: undefined,
      max: 4096,
    },
    {
      model: "our-alias",
      reasoning: { enabled: true, effort: "medium" },
      thinking: { type: "enabled", budget_tokens: 2048 },
      max: 6144,
    },
  ])("of $model with $reasoning", ({ model, reasoning, thinking, effort, max }) => {
    const written = body({ reasoning }, model);
    expect(written["thinking"]).toEqual(thinking);
    expect(written["output_config"]).toEqual(effort === undefined ? undefined : { effort });
    expect(written["max_tokens"]).toBe(max);
  });

  it("raises max_tokens above the budget only where it is not", () => {
    const reasoning = { enabled: true, budgetTokens: 2000 };
    expect(body({ reasoning, options: { max_tokens: 2000 } })["max_tokens"]).toBe(4000);
    expect(body({ reasoning, options: { max_tokens: 2001 } })["max_tokens"]).toBe(2001);
  });

  it("leaves out the parameters that Anthropic refuses beside it, and says so", () => {
    const { body: written, ignored } = translated({
      reasoning: { enabled: true, effort: "low" },
      options: { temperature: 0.5, top_p: 0.5, top_k: 5 },
    });
    expect(written).not.toHaveProperty("temperature");
    expect(written).not.toHaveProperty("top_p");
    expect(written).not.toHaveProperty("top_k");
    expect(ignored).toEqual(["temperature", "top_p", "top_k"]);
  });

  it("is left out where a call is demanded", () => {
    const written = body({
      reasoning: { enabled: true, effort: "low" },
      tools: [lookUp],
      toolChoice: { kind: "required" },
    });
    expect(written).not.toHaveProperty("thinking");
    expect(written["tool_choice"]).toEqual({ type: "any" });
  });

  it("is left out for the rest of a turn whose thinking the client did not keep", () => {
    const reasoning = { enabled: true, effort: "low" };
    const turn = [hello, said("assistant", calls), said("user", result)];
    expect(body({ reasoning, messages: turn, tools: [lookUp] })).not.toHaveProperty("thinking");
    const kept = [
      hello,
      said("assistant", { kind: "reasoning", text: "Hm.", signature: "s" }, calls),
      said("user", result),
    ];
    expect(body({ reasoning, messages: kept, tools: [lookUp] })).toHaveProperty("thinking");
  });
});

describe("parameters", () => {
  it("have Anthropic's names", () => {
    const options = {
      max_tokens: 9,
      temperature: 1.5,
      top_k: 3,
      stop: ["END", "\n"],
      user: "u-1",
      service_tier: "default",
    };
    expect(body({ options, stream: true })).toMatchObject({
      max_tokens: 9,
      temperature: 1,
      top_k: 3,
      stop_sequences: ["END"],
      metadata: { user_id: "u-1" },
      service_tier: "standard_only",
      stream: true,
    });
  });

  it("of sampling: one, both or none, by model", () => {
    const options = { temperature: 0.5, top_p: 0.5 };
    expect(body({ options }, "claude-3-7-sonnet-latest")).toMatchObject(options);
    expect(body({ options }, "claude-sonnet-4-5")).not.toHaveProperty("top_p");
    expect(translated({ options }).ignored).toEqual(["top_p"]);
    expect(body({ options }, "claude-opus-4-7")).not.toHaveProperty("temperature");
    expect(lossesOf(call({ options }), anthropicChatWire("claude-opus-4-7")).dropped).toEqual([
      "temperature",
      "top_p",
    ]);
  });

  it.each(["me@example.org", "+49 170 1234567"])("do not tell who the user is: %s", (user) => {
    expect(body({ options: { user } })).not.toHaveProperty("metadata");
  });

  it("that are not known go on from chats, unless they are to be dropped; Anthropic's own always do", () => {
    const extra = { mcp_servers: [], frobnicate: 1 };
    expect(translated({ extra })).toMatchObject({ body: extra, ignored: [] });
    const dropped = translated({ extra }, "claude-sonnet-4-5", true);
    expect(dropped).toMatchObject({ body: { mcp_servers: [] }, ignored: ["frobnicate"] });
    expect(dropped.body).not.toHaveProperty("frobnicate");
    expect(translated({ extra, from: "responses" }).ignored).toEqual(["frobnicate"]);
    expect(translated({ extra, from: "anthropic" }, "claude-sonnet-4-5", true).ignored).toEqual([]);
  });
});

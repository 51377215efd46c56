import type { ChatCall, Fields } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { readRequest } from "./read-request.ts";

const hello = [{ role: "user", content: "Hello" }];

function read(fields: Fields): ChatCall {
  const call = readRequest({ model: "claude", max_tokens: 9, messages: hello, ...fields });
  if ("status" in call) throw new Error(JSON.stringify(call.body));
  return call;
}

function messagesOf(...messages: readonly Fields[]): ChatCall["messages"] {
  return read({ messages }).messages;
}

function partsOf(...content: readonly Fields[]): ChatCall["messages"][number]["parts"] {
  return messagesOf({ role: "user", content })[0]?.parts ?? [];
}

describe("a request", () => {
  it("is read with its parameters under OpenAI's names", () => {
    const call = read({
      stream: true,
      system: "Be brief",
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ["END"],
      metadata: { user_id: "u-1" },
      service_tier: "standard_only",
      container: "c-1",
      context_management: null,
    });
    expect(call).toEqual({
      kind: "chat",
      from: "anthropic",
      stream: true,
      messages: [
        { role: "system", parts: [{ kind: "text", text: "Be brief" }] },
        { role: "user", parts: [{ kind: "text", text: "Hello" }] },
      ],
      tools: [],
      options: {
        max_tokens: 9,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 5,
        stop: ["END"],
        user: "u-1",
        service_tier: "default",
      },
      extra: { container: "c-1" },
    });
  });

  it("has system texts with marks, and system messages in their place", () => {
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const call = read({
      system: [{ type: "text", text: "one", cache_control }],
      messages: [...hello, { role: "system", content: [{ type: "text", text: "two" }] }],
    });
    expect(call.messages).toEqual([
      { role: "system", parts: [{ kind: "text", text: "one", cache: { ttl: "1h" } }] },
      { role: "user", parts: [{ kind: "text", text: "Hello" }] },
      { role: "system", parts: [{ kind: "text", text: "two" }] },
    ]);
  });

  it.each([
    { type: "disabled", want: { enabled: false } },
    { type: "between_tools", want: { enabled: false } },
    { type: "adaptive", want: { enabled: true } },
    { type: "enabled", budget_tokens: 2048, want: { enabled: true, budgetTokens: 2048 } },
  ])("thinks: $type", ({ want, ...thinking }) => {
    expect(read({ thinking }).reasoning).toEqual(want);
  });

  it("thinks with an effort, and has a format", () => {
    const schema = { type: "object" };
    const call = read({
      output_config: { effort: "low", format: { type: "json_schema", schema }, task_budget: { total: 9 } },
    });
    expect(call.reasoning).toEqual({ enabled: true, effort: "low" });
    expect(call.format).toEqual({ kind: "schema", name: "answer", schema, strict: true });
    expect(call.extra).toEqual({ output_config: { task_budget: { total: 9 } } });
    expect(read({ output_format: { type: "json_schema", schema } }).format).toEqual(call.format);
  });

  it("has tools of the client's and of Anthropic's", () => {
    const bash = { type: "bash_20250124", name: "bash" };
    const input_schema = { type: "object", properties: {} };
    const tool = { name: "look_up", description: "Looks up", input_schema, strict: true };
    const marked = { type: "custom", name: "now", input_schema, cache_control: { type: "ephemeral" } };
    expect(read({ tools: [tool, marked, bash] }).tools).toEqual([
      { kind: "function", name: "look_up", description: "Looks up", parameters: input_schema, strict: true },
      { kind: "function", name: "now", parameters: input_schema, cache: {} },
      { kind: "other", wire: "anthropic", value: bash },
    ]);
  });

  it.each([
    { choice: { type: "auto" }, kind: { kind: "auto" }, parallel: undefined },
    { choice: { type: "none" }, kind: { kind: "none" }, parallel: undefined },
    { choice: { type: "any", disable_parallel_tool_use: true }, kind: { kind: "required" }, parallel: false },
    {
      choice: { type: "tool", name: "look_up", disable_parallel_tool_use: false },
      kind: { kind: "tool", name: "look_up" },
      parallel: true,
    },
  ])("chooses a tool: $choice", ({ choice, kind, parallel }) => {
    const call = read({ tool_choice: choice });
    expect(call.toolChoice).toEqual(kind);
    expect(call.options.parallel_tool_calls).toBe(parallel);
  });
});

describe("content", () => {
  it("of all kinds is read", () => {
    const cache_control = { type: "ephemeral" };
    const pdf = { type: "base64", media_type: "application/pdf", data: "AA==" };
    expect(
      partsOf(
        { type: "text", text: "Hi", cache_control },
        { type: "image", source: { type: "url", url: "https://a/b.png" } },
        { type: "image", source: { type: "file", file_id: "file_1" }, cache_control },
        {
          type: "document",
          source: pdf,
          title: "D",
          context: "c",
          citations: { enabled: true },
          cache_control,
        },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "words" } },
        { type: "document", source: { type: "content", content: "words" } },
        { type: "search_result", source: "https://a", title: "A", content: [] },
      ),
    ).toEqual([
      { kind: "text", text: "Hi", cache: {} },
      { kind: "image", source: { kind: "url", url: "https://a/b.png" } },
      { kind: "image", source: { kind: "file", id: "file_1" }, cache: {} },
      {
        kind: "document",
        source: { kind: "base64", mediaType: "application/pdf", data: "AA==" },
        name: "D",
        context: "c",
        cite: true,
        cache: {},
      },
      { kind: "document", source: { kind: "text", text: "words" } },
      { kind: "document", source: { kind: "text", text: "words" } },
      {
        kind: "other",
        wire: "anthropic",
        value: { type: "search_result", source: "https://a", title: "A", content: [] },
      },
    ]);
  });

  it("of a document that is put together of blocks stays Anthropic's", () => {
    const document = {
      type: "document",
      source: { type: "content", content: [{ type: "text", text: "a" }] },
    };
    expect(partsOf(document)).toEqual([{ kind: "other", wire: "anthropic", value: document }]);
  });

  it("of a turn with tools is read with ids, names and everything thought", () => {
    const messages = messagesOf(
      ...hello,
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: "sig" },
          { type: "thinking", thinking: "Unsigned.", signature: "" },
          { type: "redacted_thinking", data: "xyz" },
          { type: "redacted_thinking", data: "gatewright:1:call:gemini's" },
          { type: "tool_use", id: "toolu_1", name: "look_up", input: { a: 1 } },
          { type: "redacted_thinking", data: 'gatewright:1:part:{"wire":"responses","value":{"type":"x"}}' },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", content: "A", is_error: true },
          {
            type: "tool_result",
            tool_use_id: "toolu_2",
            content: [
              { type: "image", source: { type: "url", url: "https://a" } },
              { type: "tool_reference", tool_name: "now" },
            ],
          },
          { type: "tool_result", tool_use_id: "toolu_3" },
        ],
      },
    );
    expect(messages.slice(1)).toEqual([
      {
        role: "assistant",
        parts: [
          { kind: "reasoning", text: "Hm.", signature: "sig" },
          { kind: "reasoning", text: "Unsigned." },
          { kind: "redacted-reasoning", data: "xyz" },
          { kind: "tool-call", id: "toolu_1", name: "look_up", arguments: '{"a":1}', signature: "gemini's" },
          { kind: "other", wire: "responses", value: { type: "x" } },
        ],
      },
      {
        role: "user",
        parts: [
          {
            kind: "tool-result",
            id: "toolu_1",
            name: "look_up",
            content: [{ kind: "text", text: "A" }],
            isError: true,
          },
          {
            kind: "tool-result",
            id: "toolu_2",
            content: [
              { kind: "image", source: { kind: "url", url: "https://a" } },
              { kind: "text", text: '{"type":"tool_reference","tool_name":"now"}' },
            ],
            isError: false,
          },
          { kind: "tool-result", id: "toolu_3", content: [], isError: false },
        ],
      },
    ]);
  });

  it("is cited from, but not by citations that were made up for other APIs", () => {
    const own = { type: "char_location", cited_text: "a" };
    const citations = [own, { type: "web_search_result_location", url: "https://a", encrypted_index: "" }];
    expect(partsOf({ type: "text", text: "So.", citations })).toEqual([
      { kind: "text", text: "So.", citations: [{ wire: "anthropic", value: own }] },
    ]);
  });
});

describe("what cannot be read is named", () => {
  const problems: readonly (readonly [field: string, fields: Fields, wanted?: string])[] = [
    ["messages", { messages: undefined }],
    ["messages", { messages: "Hello" }, "a list"],
    ["messages[0]", { messages: ["Hello"] }, "an object"],
    ["messages[0].role", { messages: [{ content: "Hello" }] }],
    ["messages[0].role", { messages: [{ role: "tool", content: "Hello" }] }, "user, assistant or system"],
    ["messages[0].content", { messages: [{ role: "user" }] }],
    [
      "messages[0].content[1].type",
      { messages: [{ role: "user", content: [{ type: "text", text: "" }, {}] }] },
    ],
    [
      "messages[0].content[0].source",
      { messages: [{ role: "user", content: [{ type: "image", source: "https://a" }] }] },
      "an object",
    ],
    [
      "messages[0].content[0].source.type",
      { messages: [{ role: "user", content: [{ type: "image", source: { type: "text", data: "a" } }] }] },
      "base64, url or file",
    ],
    [
      "messages[0].content[0].tool_use_id",
      { messages: [{ role: "user", content: [{ type: "tool_result" }] }] },
    ],
    [
      "messages[0].content[0].input",
      { messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "b", input: "c" }] }] },
      "an object",
    ],
    ["system[0].type", { system: [{ type: "image" }] }, "text"],
    ["max_tokens", { max_tokens: "9" }, "a number"],
    ["stream", { stream: "yes" }, "true or false"],
    ["stop_sequences[0]", { stop_sequences: [7] }, "a string"],
    ["metadata.user_id", { metadata: { user_id: 7 } }, "a string"],
    ["tools[0].input_schema", { tools: [{ name: "a" }] }],
    ["tools[0].name", { tools: [{ input_schema: {} }] }],
    ["tool_choice.type", { tool_choice: { type: "required" } }, "auto, any, tool or none"],
    ["tool_choice.name", { tool_choice: { type: "tool" } }],
    ["thinking.type", { thinking: {} }],
    ["thinking.budget_tokens", { thinking: { type: "enabled" } }],
    ["output_config.format.type", { output_config: { format: { type: "json_object" } } }, "json_schema"],
  ];

  it.each(problems.map(([field, fields, wanted]) => ({ field, fields, wanted })))(
    "$field of $fields",
    (problem) => {
      const { field, fields, wanted } = problem;
      const error = readRequest({ model: "claude", max_tokens: 9, messages: hello, ...fields }) as ApiError;
      expect(error.status).toBe(400);
      const message =
        wanted === undefined
          ? `no \`${field}\`, which this route needs`
          : `\`${field}\` has to be ${wanted}.`;
      expect(error.body).toMatchObject({
        error: { param: field, message: expect.stringContaining(message) },
      });
    },
  );
});

import type { ChatCall, Fields } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatApi } from "./chat-api.ts";

function read(fields: Fields): ChatCall {
  const call = chatApi.read({ messages: [], ...fields });
  if ("status" in call) throw new Error(JSON.stringify(call.body));
  return call;
}

const messagesOf = (...messages: readonly unknown[]) => read({ messages }).messages;
const partsOf = (...content: readonly unknown[]) => messagesOf({ role: "user", content })[0]?.parts;

describe("parameters", () => {
  const tests: readonly {
    readonly name: string;
    readonly fields: Fields;
    readonly want: Partial<ChatCall>;
  }[] = [
    {
      name: "the newer name of the token limit",
      fields: { max_completion_tokens: 7, max_tokens: 9 },
      want: { options: { max_tokens: 7 } },
    },
    { name: "the older one", fields: { max_tokens: 9 }, want: { options: { max_tokens: 9 } } },
    { name: "one stop text", fields: { stop: "." }, want: { options: { stop: ["."] } } },
    { name: "several", fields: { stop: [".", "!"] }, want: { options: { stop: [".", "!"] } } },
    {
      name: "null says nothing",
      fields: {
        stop: null,
        temperature: null,
        tools: null,
        tool_choice: null,
        response_format: null,
        custom: null,
      },
      want: { options: {}, extra: {} },
    },
    {
      name: "neither do defaults that clients send with everything",
      fields: {
        n: 1,
        frequency_penalty: 0,
        presence_penalty: 0,
        logprobs: false,
        parallel_tool_calls: true,
        modalities: ["text"],
      },
      want: { options: {} },
    },
    {
      name: "options as they are",
      fields: {
        temperature: 0,
        top_k: 3,
        seed: 0,
        n: 2,
        logit_bias: {},
        user: "u",
        store: false,
        parallel_tool_calls: false,
      },
      want: {
        options: {
          temperature: 0,
          top_k: 3,
          seed: 0,
          n: 2,
          logit_bias: {},
          user: "u",
          store: false,
          parallel_tool_calls: false,
        },
      },
    },
    {
      name: "what nobody knows is kept",
      fields: { model: "m", stream: true, stream_options: {}, chat_template_kwargs: { a: 1 } },
      want: { stream: true, extra: { chat_template_kwargs: { a: 1 } } },
    },
    {
      name: "an effort",
      fields: { reasoning_effort: "high" },
      want: { reasoning: { enabled: true, effort: "high" } },
    },
    {
      name: "no effort",
      fields: { reasoning_effort: "none" },
      want: { reasoning: { enabled: false, effort: "none" } },
    },
    {
      name: "LiteLLM's effort with a summary",
      fields: { reasoning_effort: { effort: "low", summary: "auto" } },
      want: { reasoning: { enabled: true, effort: "low", summary: "auto" } },
    },
    {
      name: "Anthropic's thinking",
      fields: { thinking: { type: "enabled", budget_tokens: 2000 } },
      want: { reasoning: { enabled: true, budgetTokens: 2000 } },
    },
    {
      name: "thinking that is off",
      fields: { thinking: { type: "disabled" } },
      want: { reasoning: { enabled: false } },
    },
    {
      name: "both",
      fields: { thinking: { type: "adaptive" }, reasoning_effort: "low" },
      want: { reasoning: { enabled: true, effort: "low" } },
    },
    { name: "text as the format is nothing", fields: { response_format: { type: "text" } }, want: {} },
    {
      name: "JSON",
      fields: { response_format: { type: "json_object" } },
      want: { format: { kind: "json" } },
    },
    {
      name: "a schema",
      fields: {
        response_format: {
          type: "json_schema",
          json_schema: { name: "a", schema: { type: "object" }, strict: true },
        },
      },
      want: { format: { kind: "schema", name: "a", schema: { type: "object" }, strict: true } },
    },
    {
      name: "LiteLLM's older schema",
      fields: { response_format: { type: "json_object", response_schema: { type: "object" } } },
      want: { format: { kind: "schema", name: "answer", schema: { type: "object" } } },
    },
  ];

  it.each(tests)("$name", ({ fields, want }) => {
    expect(read(fields)).toEqual({
      kind: "chat",
      from: "openai",
      stream: false,
      messages: [],
      tools: [],
      options: {},
      extra: {},
      ...want,
    });
  });
});

describe("tools", () => {
  it("functions, OpenAI's own, Anthropic's own, and Gemini's", () => {
    const custom = { type: "custom", custom: { name: "c" } };
    const bash = { type: "bash_20250124", name: "bash" };
    const search = { googleSearch: {} };
    const tools = [
      {
        type: "function",
        function: { name: "f", description: "d", parameters: { type: "object" }, strict: true },
        cache_control: { type: "ephemeral", ttl: "1h" },
      },
      { function: { name: "g", cache_control: { type: "ephemeral" } } },
      custom,
      bash,
      search,
    ];
    expect(read({ tools, functions: [{ name: "h", parameters: {} }] }).tools).toEqual([
      {
        kind: "function",
        name: "f",
        description: "d",
        parameters: { type: "object" },
        strict: true,
        cache: { ttl: "1h" },
      },
      { kind: "function", name: "g", cache: {} },
      { kind: "other", wire: "openai", value: custom },
      { kind: "other", wire: "anthropic", value: bash },
      { kind: "other", wire: "openai", value: search },
      { kind: "function", name: "h", parameters: {} },
    ]);
  });

  it.each([
    [{ tool_choice: "auto" }, { kind: "auto" }],
    [{ tool_choice: "none" }, { kind: "none" }],
    [{ tool_choice: "required" }, { kind: "required" }],
    [{ tool_choice: "any" }, { kind: "required" }],
    [{ tool_choice: { type: "function", function: { name: "f" } } }, { kind: "tool", name: "f" }],
    [{ tool_choice: { type: "custom", custom: { name: "c" } } }, { kind: "tool", name: "c" }],
    [
      {
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "f" } }] },
        },
      },
      { kind: "allowed", required: false, names: ["f"] },
    ],
    [{ function_call: { name: "f" } }, { kind: "tool", name: "f" }],
    [{ function_call: "none" }, { kind: "none" }],
    [{}, undefined],
  ])("choice %j", (fields, want) => {
    expect(read(fields).toolChoice).toEqual(want);
  });
});

describe("content", () => {
  const png = "data:image/png;base64,QQ==";
  const image = { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "QQ==" } };
  const pdf = { kind: "base64", mediaType: "application/pdf", data: "QQ==" };

  it.each<[name: string, part: Fields, want: object]>([
    ["text", { type: "text", text: "a" }, { kind: "text", text: "a" }],
    [
      "text with a mark",
      { type: "text", text: "a", cache_control: { type: "ephemeral" } },
      { kind: "text", text: "a", cache: {} },
    ],
    [
      "text with OpenAI's mark",
      { type: "text", text: "a", prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } },
      { kind: "text", text: "a", cache: { ttl: "1h" } },
    ],
    [
      "an image's address",
      { type: "image_url", image_url: { url: "https://a/b.png", detail: "low" } },
      { kind: "image", source: { kind: "url", url: "https://a/b.png" }, detail: "low" },
    ],
    ["an image", { type: "image_url", image_url: { url: png } }, image],
    ["an image in LiteLLM's short form", { type: "image_url", image_url: png }, image],
    [
      "a document where an image belongs",
      { type: "image_url", image_url: { url: "data:application/pdf;base64,QQ==", detail: "low" } },
      { kind: "document", source: pdf },
    ],
    [
      "audio",
      { type: "input_audio", input_audio: { data: "QQ==", format: "wav" } },
      { kind: "audio", data: "QQ==", format: "wav" },
    ],
    [
      "a file",
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,QQ==" } },
      { kind: "document", source: pdf, name: "a.pdf" },
    ],
    [
      "a file without a type",
      { type: "file", file: { file_data: "QQ==" } },
      { kind: "document", source: pdf },
    ],
    [
      "a file in LiteLLM's form",
      { type: "file", file: { file_data: "QQ==", format: "text/csv" } },
      { kind: "document", source: { kind: "base64", mediaType: "text/csv", data: "QQ==" } },
    ],
    ["an image where a file belongs", { type: "file", file: { file_data: png } }, image],
    [
      "an uploaded file",
      { type: "file", file: { file_id: "file-1" } },
      { kind: "document", source: { kind: "file", id: "file-1" } },
    ],
    [
      "a file's address",
      { type: "file", file: { file_id: "gs://a/b.pdf" } },
      { kind: "document", source: { kind: "url", url: "gs://a/b.pdf" } },
    ],
    [
      "Anthropic's document",
      {
        type: "document",
        source: { type: "text", media_type: "text/plain", data: "b" },
        title: "t",
        context: "c",
        citations: { enabled: true },
      },
      { kind: "document", source: { kind: "text", text: "b" }, name: "t", context: "c", cite: true },
    ],
    [
      "what is new",
      { type: "video_url", video_url: {} },
      { kind: "other", wire: "openai", value: { type: "video_url", video_url: {} } },
    ],
  ])("%s", (_, part, want) => {
    expect(partsOf(part)).toEqual([want]);
  });
});

describe("messages", () => {
  it("roles, names, and a mark of the whole message", () => {
    const cache_control = { type: "ephemeral" };
    expect(
      messagesOf(
        { role: "system", content: "s", cache_control },
        { role: "developer", content: [{ type: "text", text: "d" }], name: "boss" },
        { role: "user", content: "" },
      ),
    ).toEqual([
      { role: "system", parts: [{ kind: "text", text: "s", cache: {} }] },
      { role: "developer", parts: [{ kind: "text", text: "d" }], name: "boss" },
      { role: "user", parts: [] },
    ]);
  });

  it("tool calls and their results, which are named after them", () => {
    const messages = messagesOf(
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "a", type: "function", function: { name: "f", arguments: '{"x": 1}' } },
          {
            id: "b",
            function: { name: "g", arguments: "" },
            provider_specific_fields: { thought_signature: "s" },
            cache_control: { type: "ephemeral" },
          },
          {
            id: "c",
            function: { name: "g", arguments: "{}" },
            extra_content: { google: { thought_signature: "t" } },
          },
        ],
      },
      {
        role: "tool",
        tool_call_id: "b",
        content: [
          { type: "text", text: "1" },
          { type: "image_url", image_url: { url: "https://a" } },
        ],
      },
      { role: "tool", tool_call_id: "a", content: "2", cache_control: { type: "ephemeral", ttl: "5m" } },
      { role: "tool", tool_call_id: "x", name: "y", content: null },
    );
    expect(messages).toEqual([
      {
        role: "assistant",
        parts: [
          { kind: "tool-call", id: "a", name: "f", arguments: '{"x": 1}' },
          { kind: "tool-call", id: "b", name: "g", arguments: "", signature: "s", cache: {} },
          { kind: "tool-call", id: "c", name: "g", arguments: "{}", signature: "t" },
        ],
      },
      {
        role: "user",
        parts: [
          {
            kind: "tool-result",
            id: "b",
            name: "g",
            content: [
              { kind: "text", text: "1" },
              { kind: "image", source: { kind: "url", url: "https://a" } },
            ],
            isError: false,
          },
        ],
      },
      {
        role: "user",
        parts: [
          {
            kind: "tool-result",
            id: "a",
            name: "f",
            content: [{ kind: "text", text: "2" }],
            isError: false,
            cache: { ttl: "5m" },
          },
        ],
      },
      { role: "user", parts: [{ kind: "tool-result", id: "x", name: "y", content: [], isError: false }] },
    ]);
  });

  it("function calls of the time before tools get ids", () => {
    const call = (name: string) => ({
      role: "assistant",
      content: null,
      function_call: { name, arguments: "{}" },
    });
    const messages = messagesOf(call("f"), { role: "function", name: "f", content: "1" }, call("g"), {
      role: "function",
      name: "g",
      content: "2",
    });
    expect(messages.flatMap(({ parts }) => parts)).toMatchObject([
      { kind: "tool-call", id: "call_function_1", name: "f" },
      { kind: "tool-result", id: "call_function_1", name: "f", content: [{ text: "1" }] },
      { kind: "tool-call", id: "call_function_2", name: "g" },
      { kind: "tool-result", id: "call_function_2", name: "g", content: [{ text: "2" }] },
    ]);
  });

  it("what the assistant thought, said, and would not", () => {
    const thoughts = [
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "redacted_thinking", data: "d" },
    ];
    const want = [
      { kind: "reasoning", text: "hm", signature: "s" },
      { kind: "redacted-reasoning", data: "d" },
      { kind: "text", text: "a" },
    ];
    const turn = (more: object) => messagesOf({ role: "assistant", ...more })[0]?.parts;
    expect(turn({ content: "a", reasoning_content: "hm", thinking_blocks: thoughts })).toEqual(want);
    expect(turn({ content: [...thoughts, { type: "text", text: "a" }] })).toEqual(want);
    expect(turn({ content: "a", reasoning_content: "hm", thinking_blocks: null })).toEqual([
      { kind: "reasoning", text: "hm" },
      { kind: "text", text: "a" },
    ]);
    expect(turn({ content: "", refusal: "no" })).toEqual([{ kind: "refusal", text: "no" }]);
    expect(turn({ content: [{ type: "refusal", refusal: "no" }] })).toEqual([
      { kind: "refusal", text: "no" },
    ]);
    expect(turn({ audio: { id: "a" } })).toEqual([
      { kind: "other", wire: "openai", value: { audio: { id: "a" } } },
    ]);
  });
});

describe("what cannot be read", () => {
  const asks = (...messages: readonly unknown[]): Fields => ({ messages });

  it.each<[field: string, fields: Fields, message: string]>([
    ["messages", { messages: undefined }, "The request has no `messages`, which this route needs."],
    ["messages", { messages: "hi" }, "`messages` has to be a list."],
    ["messages[0]", asks("hi"), "`messages[0]` has to be an object."],
    ["messages[0].role", asks({ content: "a" }), "no `messages[0].role`"],
    ["messages[0].role", asks({ role: "boss", content: "a" }), "has to be system, developer"],
    ["messages[0].content", asks({ role: "user" }), "no `messages[0].content`"],
    ["messages[0].content", asks({ role: "user", content: 7 }), "has to be a string or a list of parts"],
    [
      "messages[1].content[0].text",
      asks({ role: "user", content: "a" }, { role: "user", content: [{ type: "text" }] }),
      "no `messages[1].content[0].text`",
    ],
    [
      "messages[0].content[0].type",
      asks({ role: "user", content: [{}] }),
      "no `messages[0].content[0].type`",
    ],
    [
      "messages[0].content[0].image_url.url",
      asks({ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png,QQ" } }] }),
      "data URL with base64",
    ],
    [
      "messages[0].content[0].file.file_data",
      asks({ role: "user", content: [{ type: "file", file: {} }] }),
      "no `messages[0].content[0].file.file_data`",
    ],
    [
      "messages[0].content[0].type",
      asks({ role: "tool", tool_call_id: "a", content: [{ type: "refusal", refusal: "b" }] }),
      "has to be text, image_url or file",
    ],
    ["messages[0].tool_call_id", asks({ role: "tool", content: "a" }), "no `messages[0].tool_call_id`"],
    [
      "messages[0].tool_calls[0].id",
      asks({ role: "assistant", tool_calls: [{ function: { name: "f", arguments: "" } }] }),
      "no `messages[0].tool_calls[0].id`",
    ],
    [
      "messages[0].tool_calls[0].function.arguments",
      asks({ role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: {} } }] }),
      "has to be a string",
    ],
    [
      "messages[0].tool_calls[0].type",
      asks({ role: "assistant", tool_calls: [{ type: "custom" }] }),
      "has to be function",
    ],
    [
      "tools[0].function.name",
      { tools: [{ type: "function", function: {} }] },
      "no `tools[0].function.name`",
    ],
    ["tool_choice", { tool_choice: "maybe" }, "has to be auto, none, required or an object"],
    ["temperature", { temperature: "0.5" }, "has to be a number"],
    ["stop[1]", { stop: ["a", 1] }, "has to be a string"],
    [
      "response_format.type",
      { response_format: { type: "xml" } },
      "has to be text, json_object or json_schema",
    ],
    [
      "response_format.json_schema.name",
      { response_format: { type: "json_schema", json_schema: {} } },
      "no `response_format.json_schema.name`",
    ],
    ["thinking.type", { thinking: { type: "deep" } }, "has to be enabled, disabled or adaptive"],
    ["stream", { stream: "yes" }, "has to be true or false"],
  ])("%s", (field, fields, message) => {
    const error = chatApi.read({ messages: [], ...fields });
    expect(error).toMatchObject({
      status: 400,
      body: {
        error: { param: field, type: "invalid_request_error", message: expect.stringContaining(message) },
      },
    });
  });

  it("is always an answer with 400, whatever it is", () => {
    const anything = fc.jsonValue();
    const odd = fc.dictionary(
      fc.constantFrom(
        "messages",
        "tools",
        "tool_choice",
        "response_format",
        "stop",
        "thinking",
        "functions",
        "stream",
        "n",
        "reasoning_effort",
      ),
      fc.oneof(
        anything,
        fc.array(
          fc.dictionary(
            fc.constantFrom(
              "role",
              "content",
              "type",
              "function",
              "tool_calls",
              "tool_call_id",
              "thinking_blocks",
            ),
            fc.oneof(anything, fc.constantFrom("user", "assistant", "tool", "function")),
          ),
        ),
      ),
    );
    fc.assert(
      fc.property(odd, (fields) => {
        const read = chatApi.read(fields);
        if ("status" in read) expect(read.status).toBe(400);
      }),
    );
  });
});

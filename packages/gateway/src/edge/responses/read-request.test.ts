import type { ChatCall, Fields } from "@gatewright/call";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRequest } from "./read-request.ts";

function callOf(fields: Fields): ChatCall {
  const call = readRequest({ model: "m", input: "hello", ...fields });
  if ("status" in call) throw new Error(JSON.stringify(call.body));
  return call;
}

const weather = { type: "function", name: "weather", parameters: { type: "object" }, strict: true };

interface Reading {
  readonly name: string;
  readonly fields: Fields;
  readonly want: Partial<ChatCall>;
}

const readings: readonly Reading[] = [
  {
    name: "nothing but a text",
    fields: {},
    want: {
      kind: "chat",
      from: "responses",
      stream: false,
      messages: [{ role: "user", parts: [{ kind: "text", text: "hello" }] }],
      tools: [],
      options: {},
      extra: {},
    },
  },
  {
    name: "null is absence",
    fields: {
      instructions: null,
      temperature: null,
      tools: null,
      tool_choice: null,
      text: null,
      reasoning: { effort: null, summary: null },
      stream: null,
      previous_response_id: null,
      conversation: null,
      include: null,
      metadata: null,
      truncation: null,
      background: false,
    },
    want: { stream: false, tools: [], options: {}, extra: {} },
  },
  {
    name: "instructions come first, as the system's",
    fields: { instructions: "Be short.", input: [{ role: "developer", content: "Or not." }] },
    want: {
      messages: [
        { role: "system", parts: [{ kind: "text", text: "Be short." }] },
        { role: "developer", parts: [{ kind: "text", text: "Or not." }] },
      ],
    },
  },
  {
    name: "parameters, under the call form's names",
    fields: {
      stream: true,
      max_output_tokens: 10,
      temperature: 0.5,
      top_p: 0.9,
      parallel_tool_calls: false,
      user: "u",
      safety_identifier: "s",
      prompt_cache_key: "k",
      prompt_cache_retention: "24h",
      service_tier: "flex",
      store: true,
      metadata: { a: "b" },
      text: { verbosity: "low" },
    },
    want: {
      stream: true,
      options: {
        max_tokens: 10,
        temperature: 0.5,
        top_p: 0.9,
        parallel_tool_calls: false,
        user: "u",
        safety_identifier: "s",
        prompt_cache_key: "k",
        prompt_cache_retention: "24h",
        service_tier: "flex",
        store: true,
        metadata: { a: "b" },
        verbosity: "low",
      },
      extra: {},
    },
  },
  {
    name: "logprobs, asked for by name",
    fields: { include: ["message.output_text.logprobs", "reasoning.encrypted_content"] },
    want: { options: { logprobs: true }, extra: {} },
  },
  {
    name: "logprobs, asked for by number",
    fields: { top_logprobs: 3 },
    want: { options: { logprobs: true, top_logprobs: 3 } },
  },
  {
    name: "what the call form has no word for is kept",
    fields: {
      truncation: "auto",
      max_tool_calls: 3,
      top_k: 5,
      stream_options: { include_obfuscation: false },
    },
    want: { options: {}, extra: { truncation: "auto", max_tool_calls: 3, top_k: 5 } },
  },
  {
    name: "truncation by default is what every provider does",
    fields: { truncation: "disabled" },
    want: { extra: {} },
  },
  {
    name: "a schema for the answer",
    fields: {
      text: { format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true } },
    },
    want: { format: { kind: "schema", name: "n", schema: { type: "object" }, strict: true } },
  },
  { name: "JSON", fields: { text: { format: { type: "json_object" } } }, want: { format: { kind: "json" } } },
  {
    name: "reasoning",
    fields: { reasoning: { effort: "high", summary: "auto" } },
    want: { reasoning: { enabled: true, effort: "high", summary: "auto" } },
  },
  {
    name: "no reasoning at all",
    fields: { reasoning: { effort: "none" } },
    want: { reasoning: { enabled: false, effort: "none" } },
  },
  {
    name: "functions, and tools that OpenAI runs",
    fields: {
      tools: [
        { ...weather, description: "Tells it." },
        { type: "function", name: "clock", parameters: null, strict: null },
        { type: "web_search", search_context_size: "low" },
        { type: "custom", name: "poem" },
      ],
    },
    want: {
      tools: [
        {
          kind: "function",
          name: "weather",
          description: "Tells it.",
          parameters: { type: "object" },
          strict: true,
        },
        { kind: "function", name: "clock" },
        { kind: "other", wire: "responses", value: { type: "web_search", search_context_size: "low" } },
        { kind: "other", wire: "responses", value: { type: "custom", name: "poem" } },
      ],
    },
  },
  {
    name: "a choice in a word",
    fields: { tool_choice: "required" },
    want: { toolChoice: { kind: "required" } },
  },
  {
    name: "a function that is to be called",
    fields: { tool_choice: { type: "function", name: "weather" } },
    want: { toolChoice: { kind: "tool", name: "weather" } },
  },
  {
    name: "functions that may be called",
    fields: {
      tool_choice: {
        type: "allowed_tools",
        mode: "required",
        tools: [{ type: "function", name: "weather" }],
      },
    },
    want: { toolChoice: { kind: "allowed", required: true, names: ["weather"] } },
  },
];

describe("a request is read", () => {
  test.each(readings)("$name", ({ fields, want }) => {
    const call = callOf(fields);
    expect(call).toMatchObject(want);
    // Absent is not the same as undefined or empty to `toMatchObject`.
    if (want.options !== undefined) expect(call.options).toEqual(want.options);
    if (want.extra !== undefined) expect(call.extra).toEqual(want.extra);
    for (const name of ["toolChoice", "format", "reasoning"] as const) {
      expect(call[name]).toEqual(want[name]);
    }
  });
});

const item = (value: unknown): Fields => ({ input: [{ role: "user", content: "a" }, value] });
const content = (value: unknown): Fields => ({ input: [{ role: "user", content: [value] }] });

/** What is wrong, the field that is named, and words of the message. */
const refusals: readonly (readonly [name: string, fields: Fields, param: string, words: string])[] = [
  ["no input", { input: undefined }, "input", "no `input`"],
  ["input of another type", { input: 5 }, "input", "a string or a list of items"],
  ["state", { previous_response_id: "resp_1" }, "previous_response_id", "Send the earlier turns"],
  ["a conversation", { conversation: { id: "conv_1" } }, "conversation", "keeps no conversations"],
  ["a stored prompt", { prompt: { id: "pmpt_1" } }, "prompt", "keeps no prompts"],
  ["work in the background", { background: true }, "background", "absent or false"],
  ["a reference", item({ type: "item_reference", id: "msg_1" }), "input[1]", "an item itself"],
  ["a reference without a type", item({ id: "msg_1" }), "input[1]", "an item itself"],
  ["an item that is none", item("hello"), "input[1]", "an object"],
  ["an item without a type", item({}), "input[1].type", "no `input[1].type`"],
  ["an unknown role", item({ role: "robot", content: "a" }), "input[1].role", "user, assistant"],
  ["no content", item({ role: "user" }), "input[1].content", "no `input[1].content`"],
  ["content of another type", item({ role: "user", content: 5 }), "input[1].content", "a list of parts"],
  ["unknown content", content({ type: "text", text: "a" }), "input[0].content[0].type", "input_text"],
  ["a text that is none", content({ type: "input_text", text: 5 }), "input[0].content[0].text", "a string"],
  [
    "an image that is nowhere",
    content({ type: "input_image" }),
    "input[0].content[0].image_url",
    "no `input",
  ],
  [
    "an image as data that is not base64",
    content({ type: "input_image", image_url: "data:image/svg+xml,%3Csvg" }),
    "input[0].content[0].image_url",
    "a data URL with base64",
  ],
  [
    "a file as bare base64",
    content({ type: "input_file", file_data: "JVBERi0=" }),
    "input[0].content[0].file_data",
    "data:application/pdf;base64",
  ],
  [
    "a call without an id",
    item({ type: "function_call", id: "fc_1", name: "a", arguments: "" }),
    "input[1].call_id",
    "no `input[1].call_id`",
  ],
  [
    "a result that is none",
    item({ type: "function_call_output", call_id: "a", output: {} }),
    "input[1].output",
    "a string or a list",
  ],
  [
    "a result that is heard",
    item({
      type: "function_call_output",
      call_id: "a",
      output: [{ type: "input_audio", input_audio: { data: "", format: "wav" } }],
    }),
    "input[1].output[0].type",
    "input_text, input_image or input_file",
  ],
  ["tools that are no list", { tools: {} }, "tools", "a list"],
  ["a tool without a type", { tools: [{}] }, "tools[0].type", "no `tools[0].type`"],
  [
    "a function in the form of chat completions",
    { tools: [{ type: "function", function: { name: "a" } }] },
    "tools[0].name",
    "no `tools[0].name`",
  ],
  ["a choice nobody knows", { tool_choice: "any" }, "tool_choice", "auto, none, required"],
  [
    "a choice of what OpenAI runs",
    { tool_choice: { type: "web_search" } },
    "tool_choice",
    "run at OpenAI only",
  ],
  [
    "an allowed tool that OpenAI runs",
    { tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "mcp" }] } },
    "tool_choice.tools[0].type",
    "function",
  ],
  [
    "a schema without a name",
    { text: { format: { type: "json_schema", schema: {} } } },
    "text.format.name",
    "no",
  ],
  ["a format nobody knows", { text: { format: { type: "xml" } } }, "text.format.type", "json_schema"],
  ["a number in words", { temperature: "hot" }, "temperature", "a number"],
  ["a flag in words", { stream: "yes" }, "stream", "true or false"],
];

describe("what cannot be read is refused with its path", () => {
  test.each(refusals)("%s", (_, fields, param, words) => {
    expect(readRequest({ model: "m", input: "hello", ...fields })).toMatchObject({
      status: 400,
      exceptionClass: "BadRequestError",
      body: { error: { type: "invalid_request_error", param, message: expect.stringContaining(words) } },
    });
  });
});

test("whatever JSON comes, it is read or refused", () => {
  const names = ["input", "tools", "tool_choice", "text", "reasoning", "include", "metadata", "instructions"];
  const itemLike = fc.record(
    {
      type: fc.constantFrom(
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "x_output",
        null,
      ),
      role: fc.constantFrom("user", "assistant", "system"),
      content: fc.oneof(
        fc.jsonValue(),
        fc.array(fc.dictionary(fc.constantFrom("type", "text"), fc.jsonValue())),
      ),
      summary: fc.jsonValue(),
      encrypted_content: fc.constantFrom("gatewright:1:part:{", "gatewright:1:part:[]", "gatewright:1", "x"),
      call_id: fc.string(),
    },
    { requiredKeys: [] },
  );
  const fields = fc.oneof(
    fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
    fc.record({ input: fc.array(itemLike) }),
  );
  fc.assert(
    fc.property(fields, (any) => {
      const call = readRequest(any);
      expect("kind" in call || call.status === 400).toBe(true);
    }),
  );
});

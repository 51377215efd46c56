import type { ChatAnswer, Citation, FinishReason, Part } from "@gatewright/call";
import { tokenUsage } from "@gatewright/call";
import { describe, expect, test } from "vitest";
import { writeResponse } from "./write-response.ts";

const text: Part = { kind: "text", text: "Grüße 🌍" };

function responseOf(
  parts: readonly Part[],
  finish: FinishReason = "stop",
  fields: { readonly [field: string]: unknown } = {},
): unknown {
  const answer: ChatAnswer = { id: "x", model: "m", choices: [{ parts, finish }], usage: undefined };
  const context = { model: "m", callId: "a-b", time: 1_500, fields };
  return JSON.parse(JSON.stringify(writeResponse(answer, context)));
}

test("a response has every member of the reference, with what is known of it", () => {
  expect(responseOf([text])).toEqual({
    id: "resp_ab",
    object: "response",
    created_at: 1,
    status: "completed",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    model: "m",
    output: [
      {
        id: "msg_ab_0",
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "Grüße 🌍", annotations: [], logprobs: [] }],
      },
    ],
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: null,
    store: false,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_logprobs: 0,
    top_p: null,
    truncation: "disabled",
    usage: null,
    user: null,
  });
});

test("it repeats the request", () => {
  const fields = {
    instructions: "Be short.",
    max_output_tokens: 5,
    metadata: { a: "b" },
    parallel_tool_calls: false,
    reasoning: { effort: "low" },
    store: true,
    temperature: 0,
    text: { verbosity: "low", format: { type: "json_object" } },
    tool_choice: { type: "function", name: "a" },
    tools: [{ type: "function", name: "a" }],
    truncation: "auto",
    user: "u",
  };
  expect(responseOf([text], "stop", fields)).toMatchObject({
    ...fields,
    reasoning: { effort: "low", summary: null },
  });
});

const incomplete: readonly (readonly [FinishReason, readonly Part[], string | undefined])[] = [
  ["stop", [text], undefined],
  ["stop-sequence", [text], undefined],
  ["tool-calls", [text], undefined],
  ["length", [text], "max_output_tokens"],
  ["content-filter", [text], "content_filter"],
  ["refusal", [{ kind: "refusal", text: "No." }], undefined],
  // Nothing in it would tell that the model refused.
  ["refusal", [text], "content_filter"],
];

describe("how an answer ended", () => {
  test.each(incomplete)("%s", (finish, parts, reason) => {
    const status = reason === undefined ? "completed" : "incomplete";
    expect(responseOf([{ kind: "reasoning", text: "Hm" }, ...parts], finish)).toMatchObject({
      status,
      incomplete_details: reason === undefined ? null : { reason },
      output: [{ type: "reasoning" }, { type: "message", status }],
    });
  });
});

const citations: readonly (readonly [name: string, citation: Citation, annotation: object])[] = [
  [
    "chat completions'",
    {
      wire: "openai",
      value: {
        type: "url_citation",
        url_citation: { url: "https://a.example/", title: "A", start_index: 2, end_index: 4 },
      },
      url: "https://a.example/",
    },
    { type: "url_citation", url: "https://a.example/", title: "A", start_index: 2, end_index: 4 },
  ],
  [
    "another API's, of a page",
    {
      wire: "anthropic",
      value: { type: "web_search_result_location" },
      url: "https://a.example/",
      title: "A",
    },
    { type: "url_citation", url: "https://a.example/", title: "A", start_index: 0, end_index: 8 },
  ],
  [
    "another API's, of a document",
    { wire: "anthropic", value: { type: "char_location", document_index: 1, file_id: "f" }, title: "A" },
    { type: "file_citation", file_id: "f", filename: "A", index: 1 },
  ],
];

describe("citations are annotations", () => {
  test.each(citations)("%s", (_, citation, annotation) => {
    expect(responseOf([{ kind: "text", text: "Grüße 🌍", citations: [citation] }])).toMatchObject({
      output: [{ content: [{ annotations: [annotation] }] }],
    });
  });
});

test("logprobs of chat completions stand in the text", () => {
  const tokens = [{ token: "a", logprob: -1, bytes: [97], top_logprobs: [] }];
  const answer: ChatAnswer = {
    id: "x",
    model: "m",
    choices: [
      {
        parts: [{ kind: "reasoning", text: "Hm" }, text, text],
        finish: "stop",
        logprobs: { content: tokens },
      },
    ],
    usage: tokenUsage(1, 2),
    serviceTier: "flex",
  };
  expect(writeResponse(answer, { model: "m", callId: "a", time: 0, fields: {} })).toMatchObject({
    output: [{}, { content: [{ logprobs: tokens }, { logprobs: [] }] }],
    service_tier: "flex",
    usage: { total_tokens: 3 },
  });
});

test("a call without an id or arguments gets what clients need of both", () => {
  expect(responseOf([{ kind: "tool-call", id: "", name: "clock", arguments: "" }])).toMatchObject({
    output: [{ id: "fc_ab_0", call_id: "fc_ab_0", name: "clock", arguments: "{}" }],
  });
});

import { describe, expect, it } from "vitest";
import { openaiChatWire } from "./chat-wire.ts";

const tests: readonly {
  readonly name: string;
  readonly status: number;
  readonly body: unknown;
  readonly want: object;
}[] = [
  {
    name: "OpenAI's code of a prompt that is too long",
    status: 400,
    body: { error: { message: "too long", type: "invalid_request_error", code: "context_length_exceeded" } },
    want: { status: 400, message: "too long", kind: "context-window" },
  },
  {
    name: "vLLM's words for it",
    status: 400,
    body: {
      object: "error",
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
      type: "BadRequestError",
      code: 400,
    },
    want: { status: 400, kind: "context-window" },
  },
  {
    name: "Mistral's words for it",
    status: 400,
    body: { message: "Prompt contains 40000 tokens, too large for model with 32768 maximum context length" },
    want: { status: 400, kind: "context-window" },
  },
  {
    name: "Azure's filter",
    status: 400,
    body: {
      error: {
        message: "The response was filtered",
        code: "content_filter",
        innererror: { code: "ResponsibleAIPolicyViolation" },
      },
    },
    want: { status: 400, message: "The response was filtered", kind: "content-policy" },
  },
  {
    name: "a prompt that was flagged",
    status: 400,
    body: { error: { message: "Invalid prompt: …", code: "invalid_prompt" } },
    want: { kind: "content-policy" },
  },
  {
    name: "too many tokens a minute are no context window",
    status: 429,
    body: { error: { message: "Limit 30000 tokens per min, too many tokens", code: "rate_limit_exceeded" } },
    want: { status: 429, message: "Limit 30000 tokens per min, too many tokens" },
  },
  {
    name: "FastAPI's list of what is wrong",
    status: 422,
    body: { detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] },
    want: { status: 422, message: "body.messages: Field required" },
  },
  {
    name: "FastAPI's text",
    status: 401,
    body: { detail: "Unauthorized" },
    want: { status: 401, message: "Unauthorized" },
  },
  {
    name: "an error that is only text",
    status: 404,
    body: { error: "model 'x' not found" },
    want: { status: 404, message: "model 'x' not found" },
  },
  {
    name: "Google's list",
    status: 400,
    body: [{ error: { code: 400, message: "bad", status: "INVALID_ARGUMENT" } }],
    want: { status: 400, message: "bad" },
  },
  { name: "JSON without words", status: 500, body: { a: 1 }, want: { status: 500, message: '{"a":1}' } },
];

describe("error answers", () => {
  it.each(tests)("$name", ({ body, status, want }) => {
    const failure = openaiChatWire.readFailure(status, JSON.stringify(body));
    expect(failure).toMatchObject(want);
    if (!("kind" in want)) expect(failure.kind).toBeUndefined();
  });

  it.each([
    ["<html>Bad gateway</html>", "<html>Bad gateway</html>"],
    ["", "the upstream gave no reason"],
  ])("text that is no JSON: %j", (text, message) => {
    expect(openaiChatWire.readFailure(502, text)).toEqual({ status: 502, message });
  });
});

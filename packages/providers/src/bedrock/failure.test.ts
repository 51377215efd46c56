import { describe, expect, it } from "vitest";
import { readBedrockFailure } from "./failure.ts";

describe("readBedrockFailure", () => {
  it.each([
    [
      400,
      '{"message":"The provided model identifier is invalid."}',
      { status: 400, message: "The provided model identifier is invalid." },
    ],
    [
      403,
      '{"Message":"User is not authorized to perform: bedrock:InvokeModel"}',
      { status: 403, message: "User is not authorized to perform: bedrock:InvokeModel" },
    ],
    [
      400,
      '{"__type":"com.amazon.coral.service#ThrottlingException","message":"Too many tokens, please wait before trying again."}',
      { status: 429, message: "Too many tokens, please wait before trying again." },
    ],
    [
      400,
      '{"__type":"ServiceQuotaExceededException:http://x","message":"quota"}',
      { status: 429, message: "quota" },
    ],
    [408, '{"message":"Model has timed out"}', { status: 408, message: "Model has timed out" }],
    [
      424,
      '{"message":"The model failed","originalStatusCode":500}',
      { status: 500, message: "The model failed" },
    ],
    [
      424,
      '{"message":"The system encountered an unexpected error"}',
      { status: 500, message: "The system encountered an unexpected error" },
    ],
    [
      503,
      '{"message":"Bedrock is unable to process your request."}',
      { status: 503, message: "Bedrock is unable to process your request." },
    ],
    [
      403,
      '{"message":"The security token included in the request is invalid."}',
      { status: 401, message: "The security token included in the request is invalid." },
    ],
    [
      403,
      '{"message":"The security token included in the request is expired"}',
      { status: 401, message: "The security token included in the request is expired" },
    ],
    [
      403,
      '{"message":"The request signature we calculated does not match the signature you provided."}',
      {
        status: 401,
        message: "The request signature we calculated does not match the signature you provided.",
      },
    ],
    ...[
      "Input is too long for requested model.",
      "The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum",
      "The model returned the following errors: too many total text bytes: 1 > 2",
      "Too many input tokens. Max input tokens: 8192",
      "The model returned the following errors: input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
      "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length.",
      "Malformed input request: expected maxLength: 42000, actual: 46735, please reformat your input and try again.",
      "This model's maximum context length is 8192 tokens.",
    ].map(
      (message) =>
        [400, JSON.stringify({ message }), { status: 400, message, kind: "context-window" }] as const,
    ),
    ...[
      "The model returned the following errors: Output blocked by content filtering policy",
      "This request has been blocked by our content filters.",
    ].map(
      (message) =>
        [400, JSON.stringify({ message }), { status: 400, message, kind: "content-policy" }] as const,
    ),
    [502, "<html>bad gateway</html>", { status: 502, message: "<html>bad gateway</html>" }],
    [500, "", { status: 500, message: "Bedrock gave no reason" }],
    [500, "[1]", { status: 500, message: "[1]" }],
    [500, '{"message":5}', { status: 500, message: '{"message":5}' }],
  ] as const)("reads %i %s", (status, text, want) => {
    expect(readBedrockFailure(status, text)).toEqual(want);
  });
});

import { describe, expect, it } from "vitest";
import { failureInStream, readGeminiFailure } from "./failure.ts";

const body = (error: object): string => JSON.stringify({ error });

describe("a failure of Gemini's", () => {
  it.each([
    {
      name: "its words",
      status: 403,
      text: body({ code: 403, message: "no permission", status: "PERMISSION_DENIED" }),
      want: { status: 403, message: "no permission" },
    },
    {
      name: "in a list, as some streams begin",
      status: 404,
      text: `[${body({ code: 404, message: "no such model", status: "NOT_FOUND" })}]`,
      want: { status: 404, message: "no such model" },
    },
    {
      name: "when to ask again",
      status: 429,
      text: body({
        code: 429,
        message: "quota",
        status: "RESOURCE_EXHAUSTED",
        details: [
          { "@type": "type.googleapis.com/google.rpc.QuotaFailure" },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "16.2s" },
        ],
      }),
      want: { status: 429, message: "quota", retryAfter: 17 },
    },
    {
      name: "a wrong key, which is an invalid argument to Google",
      status: 400,
      text: body({
        code: 400,
        message: "API key not valid. Please pass a valid API key.",
        status: "INVALID_ARGUMENT",
        details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }],
      }),
      want: { status: 401, message: "API key not valid. Please pass a valid API key." },
    },
    {
      name: "a prompt that is too long",
      status: 400,
      text: body({
        code: 400,
        message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        status: "INVALID_ARGUMENT",
      }),
      want: {
        status: 400,
        message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        kind: "context-window",
      },
    },
    {
      name: "a prompt that is not wanted",
      status: 400,
      text: body({
        code: 400,
        message: "The prompt was blocked due to safety reasons.",
        status: "INVALID_ARGUMENT",
      }),
      want: { status: 400, message: "The prompt was blocked due to safety reasons.", kind: "content-policy" },
    },
    { name: "a page of a proxy", status: 502, text: "<html>\n", want: { status: 502, message: "<html>" } },
    { name: "nothing", status: 500, text: "", want: { status: 500, message: "Gemini gave no reason" } },
  ])("tells $name", ({ status, text, want }) => {
    expect(readGeminiFailure(status, text)).toEqual(want);
  });

  it.each([
    [{ code: 503, message: "overloaded", status: "UNAVAILABLE" }, 503],
    [{ message: "overloaded", status: "UNAVAILABLE" }, 503],
    [{ code: 13, message: "overloaded", status: "INTERNAL" }, 500],
  ])("in a stream, %j, has the status %i", (error, status) => {
    expect(failureInStream(error)).toEqual({ status, message: "overloaded" });
  });
});

import { describe, expect, it } from "vitest";
import { providerHeaders } from "./response-headers.ts";

describe("providerHeaders", () => {
  it("passes on limits as they are, everything with the prefix, and nothing of the connection", () => {
    const headers = {
      "x-ratelimit-remaining-requests": "7",
      "retry-after": "3",
      "x-request-id": "up",
      "x-twice": ["a", "b"],
      ...{ "set-cookie": "a=b", connection: "close", "content-length": "3", "content-type": "x" },
    };
    expect(providerHeaders(headers).split("\r\n")).toEqual([
      "x-ratelimit-remaining-requests: 7",
      "llm_provider-x-ratelimit-remaining-requests: 7",
      "retry-after: 3",
      "llm_provider-retry-after: 3",
      "llm_provider-x-request-id: up",
      "llm_provider-x-twice: a, b",
      "",
    ]);
  });

  it("writes one line for each value, also of characters that are a line end once they are Latin-1 (U+010A)", () => {
    const lines = providerHeaders({ "x-a": "1\u010d\u010ax-litellm-response-cost: 0", "x-b": "2\u0001" });
    expect(Buffer.from(lines, "latin1").toString("latin1").split("\r\n")).toEqual([
      "llm_provider-x-a: 1%C4%8D%C4%8Ax-litellm-response-cost:%200",
      "llm_provider-x-b: 2%20",
      "",
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { estimate } from "./token-estimate.ts";

describe("estimate", () => {
  it.each<[string, number, Record<string, unknown>, boolean, { input: number; output: number }]>([
    ["the limit of the answer", 401, { max_tokens: 50 }, false, { input: 101, output: 50 }],
    [
      "the newer limit first",
      4,
      { max_tokens: 50, max_completion_tokens: 60 },
      false,
      { input: 1, output: 60 },
    ],
    ["1,024 tokens without a limit", 0, {}, false, { input: 0, output: 1024 }],
    ["1,024 tokens for a limit that is none", 0, { max_tokens: "all" }, false, { input: 0, output: 1024 }],
    ["no answer for an embedding", 8, { max_tokens: 5 }, true, { input: 2, output: 0 }],
  ])("takes %s", (_, bytes, fields, embedding, want) => {
    expect(estimate(bytes, fields, embedding)).toEqual(want);
  });
});

import { describe, expect, it } from "vitest";
import { estimate } from "./token-estimate.ts";

describe("estimate", () => {
  it.each<[string, number, Record<string, unknown>, boolean, { input: number; output: number }]>([
    ["the limit of the answer", 401, { max_tokens: 50 }, true, { input: 101, output: 50 }],
    [
      "the newer limit first",
      4,
      { max_tokens: 50, max_completion_tokens: 60 },
      true,
      { input: 1, output: 60 },
    ],
    ["Responses' limit", 4, { max_output_tokens: 70 }, true, { input: 1, output: 70 }],
    ["1,024 tokens without a limit", 0, {}, true, { input: 0, output: 1024 }],
    ["1,024 tokens for a limit that is none", 0, { max_tokens: "all" }, true, { input: 0, output: 1024 }],
    ["no answer for an embedding", 8, { max_tokens: 5 }, false, { input: 2, output: 0 }],
  ])("takes %s", (_, bytes, fields, writesText, want) => {
    expect(estimate(bytes, fields, writesText)).toEqual(want);
  });
});

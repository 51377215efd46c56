import { describe, expect, it } from "vitest";
import { TokenCounter } from "./token-counter.ts";
import { answerText, estimate } from "./token-estimate.ts";

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

describe("answerText", () => {
  it.each<[string, unknown, string]>([
    ["a chat answer", { choices: [{ message: { content: "a" } }, { message: { content: "b" } }] }, "ab"],
    ["a completion", { choices: [{ text: "a" }] }, "a"],
    [
      "tool calls",
      { choices: [{ message: { content: null, tool_calls: [{ function: { arguments: "{}" } }] } }] },
      "{}",
    ],
    ["reasoning", { choices: [{ message: { reasoning_content: "hm", content: "a" } }] }, "ahm"],
    ["an embedding", { data: [] }, ""],
    ["anything else", [1], ""],
  ])("finds the text of %s", (_, answer, want) => {
    expect(answerText(Buffer.from(JSON.stringify(answer)))).toBe(want);
  });

  it("finds nothing in what is no JSON", () => {
    expect(answerText(Buffer.from("{"))).toBe("");
  });
});

describe("TokenCounter", () => {
  it("counts by length until the encoding is there, then exactly", async () => {
    const counter = new TokenCounter();
    const text = "The quick brown fox jumps over the lazy dog.";
    expect(counter.count(text, "gpt-4o-mini")).toBe(11);
    await counter.prepare("gpt-4o-mini");
    await counter.prepare("gpt-4-turbo");
    expect(counter.count(text, "gpt-4o-mini")).toBe(10);
    expect(counter.count(text, "gpt-4-turbo")).toBe(10);
    expect(counter.count("<|endoftext|>", "gpt-4o")).toBeGreaterThan(1);
    expect(counter.count("x".repeat(1 << 20), "gpt-4o")).toBe((1 << 20) / 4);
  });

  it("loads each encoding once, and goes by length when it cannot be had", async () => {
    const asked: string[] = [];
    const counter = new TokenCounter(async (encoding) => {
      asked.push(encoding);
      throw new Error("not there");
    });
    for (const model of ["gpt-4o", "llama-3", "gpt-4", "gpt-3.5-turbo", "gpt-4.1", "gpt-4-0613"])
      await counter.prepare(model);
    expect(counter.count("12345678", "gpt-4o")).toBe(2);
    expect(asked).toEqual(["o200k_base", "cl100k_base"]);
  });
});

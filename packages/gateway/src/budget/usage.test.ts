import { tokenUsage, type Usage } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usageText } from "../wire/usage.ts";
import { usageJson, usageOf, usageOfText } from "./usage.ts";

const nothing: Usage = tokenUsage(0, 0);

describe("usageOf", () => {
  it.each<[string, unknown, Partial<Usage> | undefined]>([
    ["a chat answer", { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }, { input: 9, output: 3 }],
    ["an embedding", { prompt_tokens: 8, total_tokens: 8 }, { input: 8 }],
    ["a total alone", { total_tokens: 8 }, { input: 8 }],
    ["a total without the prompt", { completion_tokens: 3, total_tokens: 12 }, { input: 9, output: 3 }],
    [
      "details",
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        prompt_tokens_details: { cached_tokens: 40, audio_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 7 },
      },
      { input: 100, output: 50, cachedInput: 40, audioInput: 5, reasoning: 30, audioOutput: 7 },
    ],
    [
      "a Responses answer",
      {
        input_tokens: 100,
        output_tokens: 50,
        total_tokens: 150,
        input_tokens_details: { cached_tokens: 40 },
        output_tokens_details: { reasoning_tokens: 30 },
      },
      { input: 100, output: 50, cachedInput: 40, reasoning: 30 },
    ],
    [
      "Anthropic's, which counts cached tokens beside the others",
      { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 40, cache_creation_input_tokens: 50 },
      { input: 100, output: 5, cachedInput: 40, cacheWriteInput: 50 },
    ],
    ["images that were made", { images: 2 }, { images: 2 }],
    ["audio by its length", { type: "duration", seconds: 12 }, { seconds: 12 }],
    [
      "LiteLLM's cache writes",
      { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cache_creation_tokens: 60 } },
      { input: 100, output: 1, cacheWriteInput: 60 },
    ],
    [
      "OpenRouter's cache writes",
      { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cache_write_tokens: 60 } },
      { input: 100, output: 1, cacheWriteInput: 60 },
    ],
    [
      "Anthropic's names beside OpenAI's",
      {
        prompt_tokens: 100,
        completion_tokens: 1,
        cache_creation_input_tokens: 20,
        cache_read_input_tokens: 70,
      },
      { input: 100, output: 1, cachedInput: 70, cacheWriteInput: 20 },
    ],
    [
      "DeepSeek's cache hits",
      { prompt_tokens: 100, completion_tokens: 1, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 },
      { input: 100, output: 1, cachedInput: 64 },
    ],
    [
      "details larger than their whole",
      { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 40 } },
      { input: 10, output: 1, cachedInput: 10 },
    ],
    [
      "garbage beside a count",
      {
        prompt_tokens: 10,
        completion_tokens: "many",
        prompt_tokens_details: [],
        completion_tokens_details: 4,
      },
      { input: 10 },
    ],
    ["negative and broken numbers", { prompt_tokens: -4, completion_tokens: 2.9 }, { output: 2 }],
    ["more than there can be", { prompt_tokens: 1e300 }, { input: 1e8 }],
    ["null", null, undefined],
    ["a text", "9", undefined],
    ["nothing that counts", { tokens: 4, prompt_tokens: null }, undefined],
    ["a list", [1, 2], undefined],
  ])("reads %s", (_, value, want) => {
    expect(usageOf(value)).toEqual(want === undefined ? undefined : { ...nothing, ...want });
  });
});

describe("the usage of an answer", () => {
  const count = fc.nat(1000);
  const usage = fc.oneof(
    fc.record({ prompt_tokens: count, completion_tokens: count }),
    fc.record({ prompt_tokens: count, prompt_tokens_details: fc.record({ cached_tokens: count }) }),
    fc.constant(null),
    fc.string(),
  );
  const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string({ unit: "binary" }),
      fc.constantFrom('"usage":{"prompt_tokens":5}', ',"usage":', 'usage"', "\\", '{"usage"', "usage"),
      fc.integer(),
      fc.constantFrom(null, true),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom("usage", '"usage"', 'a,"usage"', '\\"usage'), fc.string()),
        fc.oneof(usage, tie("value")),
        { maxKeys: 4 },
      ),
    ),
  })).value;
  const answer = fc
    .tuple(
      fc.dictionary(fc.string(), value, { maxKeys: 4 }),
      fc.option(usage),
      fc.dictionary(fc.string(), value),
    )
    .map(([before, own, after]) =>
      own === null ? { ...before, ...after } : { ...before, usage: own, ...after },
    );

  it("finds what JSON.parse finds, however the answer is laid out", () => {
    fc.assert(
      fc.property(answer, fc.constantFrom(undefined, 1, "\t"), (body, space) => {
        const bytes = Buffer.from(JSON.stringify(body, undefined, space));
        const parsed = JSON.parse(bytes.toString()) as { usage?: unknown };
        expect(usageOfText(usageText(bytes))).toEqual(
          usageOf(Object.hasOwn(parsed, "usage") ? parsed.usage : undefined),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, string, number | undefined]>([
    ["the last of two", '{"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}', 2],
    ["its own, not a choice's", '{"usage":{"prompt_tokens":1},"choices":[{"usage":{"prompt_tokens":2}}]}', 1],
    ["its own, not one inside itself", '{"usage":{"prompt_tokens":1,"usage":{"prompt_tokens":2}}}', 1],
    ["none in an answer cut off", '{"usage":{"prompt_tokens":1', undefined],
    ["none in nothing", "", undefined],
    ["none in a text", '"usage"', undefined],
  ])("finds %s", (_, body, want) => {
    expect(usageOfText(usageText(Buffer.from(body)))?.input).toBe(want);
  });
});

describe("usageJson", () => {
  it("is read back as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 7, maxLength: 7 }), (counts) => {
        const [
          cachedInput = 0,
          cacheWriteInput = 0,
          more = 0,
          reasoning = 0,
          plain = 0,
          images = 0,
          seconds = 0,
        ] = counts;
        const usage = tokenUsage(cachedInput + cacheWriteInput + more, reasoning + plain, {
          cachedInput,
          cacheWriteInput,
          reasoning,
          images,
          seconds,
        });
        expect(usageOfText(usageJson(usage))).toEqual(usage);
      }),
    );
    expect(usageJson(undefined)).toBeUndefined();
  });
});

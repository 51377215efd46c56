import { type Fields, tokenUsage } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEmbeddingCall, writeEmbeddingAnswer } from "./embeddings-api.ts";

describe("requests", () => {
  it.each<[name: string, input: unknown, want: unknown]>([
    ["a text", "a", ["a"]],
    ["texts", ["a", ""], ["a", ""]],
    ["tokens", [1, 2], [[1, 2]]],
    ["lists of tokens", [[1, 2], [3]], [[1, 2], [3]]],
    ["both", ["a", [1]], ["a", [1]]],
  ])("%s", (_, input, want) => {
    expect(readEmbeddingCall({ model: "m", input })).toEqual({
      kind: "embedding",
      input: want,
      encoding: "float",
      extra: {},
    });
  });

  it("parameters, and what nobody knows", () => {
    const fields = {
      input: "a",
      dimensions: 3,
      encoding_format: "base64",
      user: "u",
      input_type: "search_query",
      truncate: "END",
      task: null,
    };
    expect(readEmbeddingCall(fields)).toEqual({
      kind: "embedding",
      input: ["a"],
      encoding: "base64",
      dimensions: 3,
      user: "u",
      inputType: "search_query",
      extra: { truncate: "END" },
    });
  });

  it.each<[field: string, fields: Fields]>([
    ["input", {}],
    ["input", { input: [] }],
    ["input", { input: 7 }],
    ["input[1]", { input: ["a", {}] }],
    ["input[0]", { input: [[], "a"] }],
    ["encoding_format", { input: "a", encoding_format: "int8" }],
    ["dimensions", { input: "a", dimensions: "3" }],
  ])("%s: %j is refused", (field, fields) => {
    expect(readEmbeddingCall(fields)).toMatchObject({ status: 400, body: { error: { param: field } } });
  });

  it("are never a reason to throw", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        expect(typeof readEmbeddingCall({ input })).toBe("object");
      }),
    );
  });
});

describe("answers", () => {
  it("have LiteLLM's members in its order", () => {
    const answer = { model: "m", vectors: [[0.5, -1], [2]], usage: tokenUsage(4, 0) };
    expect(JSON.stringify(writeEmbeddingAnswer(answer, { model: "group", encoding: "float" }))).toBe(
      '{"model":"group","data":[{"embedding":[0.5,-1],"index":0,"object":"embedding"},{"embedding":[2],"index":1,"object":"embedding"}],"object":"list","usage":{"completion_tokens":0,"prompt_tokens":4,"total_tokens":4,"completion_tokens_details":null,"prompt_tokens_details":null}}',
    );
  });

  it("are 32-bit floats in base64 when that was asked for", () => {
    const answer = { model: "m", vectors: [[0.5, -1, 0.1]], usage: undefined };
    const written = writeEmbeddingAnswer(answer, { model: "group", encoding: "base64" }) as {
      readonly data: readonly { readonly embedding: string }[];
    };
    expect(written).toMatchObject({ usage: { prompt_tokens: 0, total_tokens: 0 } });
    const bytes = new Uint8Array(Buffer.from(written.data[0]?.embedding ?? "", "base64"));
    expect([...new Float32Array(bytes.buffer)]).toEqual([0.5, -1, Math.fround(0.1)]);
  });
});

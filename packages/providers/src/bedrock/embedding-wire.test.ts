import { type EmbeddingCall, tokenUsage } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { CallRefusal, type EmbeddingTranslation } from "../wire.ts";
import { bedrockEmbeddingWire } from "./embedding-wire.ts";

const TITAN = "amazon.titan-embed-text-v2:0";
const COHERE = "cohere.embed-multilingual-v3";

function write(model: string, changes: Partial<EmbeddingCall>, dropUnknown = false): EmbeddingTranslation {
  const call: EmbeddingCall = { kind: "embedding", input: ["a"], encoding: "float", extra: {}, ...changes };
  return bedrockEmbeddingWire.write(call, { model, dropUnknown });
}

describe("bedrockEmbeddingWire", () => {
  it.each([
    {
      model: TITAN,
      call: { dimensions: 256, extra: { normalize: false } },
      body: { inputText: "a", dimensions: 256, normalize: false },
      ignored: [],
    },
    {
      model: "amazon.titan-embed-text-v1",
      call: { dimensions: 256, user: "u" },
      body: { inputText: "a" },
      ignored: ["user", "dimensions"],
    },
    {
      model: COHERE,
      call: { input: ["a", "b"] },
      body: { texts: ["a", "b"], input_type: "search_document" },
      ignored: [],
    },
    {
      model: COHERE,
      call: { dimensions: 256, inputType: "search_query" },
      body: { texts: ["a"], input_type: "search_query" },
      ignored: ["dimensions"],
    },
    {
      model: "eu.cohere.embed-v4:0",
      call: { dimensions: 256, extra: { truncate: "END" } },
      body: { texts: ["a"], input_type: "search_document", output_dimension: 256, truncate: "END" },
      ignored: [],
    },
  ])("writes for $model", ({ model, call, body, ignored }) => {
    const written = write(model, call);
    expect(written.body).toEqual(body);
    expect(written.ignored).toEqual(ignored);
  });

  it("leaves unknown parameters out when told to", () => {
    const { body, ignored } = write(TITAN, { extra: { normalize: true } }, true);
    expect({ body, ignored }).toEqual({ body: { inputText: "a" }, ignored: ["normalize"] });
  });

  it.each([
    {
      why: "more inputs than one",
      model: TITAN,
      input: ["a", "b"],
      says: "one input in a call, and this call has 2",
    },
    { why: "none", model: TITAN, input: [], says: "one input in a call, and this call has 0" },
    { why: "tokens", model: COHERE, input: [[1, 2]], says: "not of tokens" },
    { why: "other models", model: "meta.llama3", input: ["a"], says: "meta.llama3 is not known" },
  ])("refuses $why", ({ input, model, says }) => {
    expect(() => write(model, { input })).toThrow(CallRefusal);
    expect(() => write(model, { input })).toThrow(says);
  });

  it("reads the vectors, and the tokens where they are told", () => {
    expect(write(TITAN, {}).readAnswer({ embedding: [1, 2], inputTextTokenCount: 3 })).toEqual({
      model: "",
      vectors: [[1, 2]],
      usage: tokenUsage(3, 0),
    });
    const want = { model: "", vectors: [[1], [2]], usage: undefined };
    expect(
      write(COHERE, {}).readAnswer({ embeddings: [[1], [2]], response_type: "embeddings_floats" }),
    ).toEqual(want);
    expect(
      write(COHERE, {}).readAnswer({
        embeddings: { float: [[1], [2]] },
        response_type: "embeddings_by_type",
      }),
    ).toEqual(want);
  });

  it.each([
    undefined,
    [],
    {},
    { embedding: [] },
    { embedding: ["x"] },
    { embeddings: [] },
    { embeddings: [["x"]] },
    { embeddings: { int8: [[1]] } },
  ])("takes %j for no answer", (value) => {
    const failure = { status: 500, message: "Bedrock's answer has no embedding" };
    expect([write(TITAN, {}).readAnswer(value), write(COHERE, {}).readAnswer(value)]).toEqual([
      failure,
      failure,
    ]);
  });
});

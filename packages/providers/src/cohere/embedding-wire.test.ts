import { type EmbeddingCall, tokenUsage } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { CallRefusal } from "../wire.ts";
import { cohereEmbeddingWire } from "./embedding-wire.ts";

const plain: EmbeddingCall = { kind: "embedding", input: ["a", "b"], encoding: "float", extra: {} };
const upstream = { model: "embed-v4.0", dropUnknown: false };

describe("embeddings in Cohere's wire", () => {
  it.each<[string, Partial<EmbeddingCall>, object]>([
    ["documents, where nothing is said", {}, { input_type: "search_document" }],
    ["what they are for", { inputType: "search_query" }, { input_type: "search_query" }],
    ["a number of dimensions", { dimensions: 256 }, { output_dimension: 256 }],
    [
      "parameters of Cohere's own",
      { extra: { truncate: "START", novel: 1 } },
      { truncate: "START", novel: 1 },
    ],
  ])("%s", (_, more, want) => {
    expect(cohereEmbeddingWire.write({ ...plain, ...more }, upstream).body).toEqual({
      model: "embed-v4.0",
      texts: ["a", "b"],
      input_type: "search_document",
      embedding_types: ["float"],
      ...want,
    });
  });

  it("leaves out who asks, and what it does not know where the deployment says so", () => {
    const call = { ...plain, user: "me", extra: { truncate: "END", novel: 1 } };
    const { body, ignored } = cohereEmbeddingWire.write(call, { ...upstream, dropUnknown: true });
    expect(body).toMatchObject({ truncate: "END" });
    expect(body).not.toHaveProperty("novel");
    expect(ignored).toEqual(["user", "novel"]);
  });

  it("refuses tokens", () => {
    expect(() => cohereEmbeddingWire.write({ ...plain, input: [[1, 2]] }, upstream)).toThrow(CallRefusal);
  });

  it("reads vectors and what was billed", () => {
    const translation = cohereEmbeddingWire.write(plain, upstream);
    const answer = {
      embeddings: { float: [[0.5], [1]] },
      meta: { billed_units: { input_tokens: 4 } },
    };
    expect(translation.readAnswer(answer)).toEqual({
      model: "",
      vectors: [[0.5], [1]],
      usage: tokenUsage(4, 0),
    });
    expect(translation.readAnswer({ ...answer, meta: {} })).toMatchObject({ usage: undefined });
  });

  it.each([
    [{}],
    [{ embeddings: { float: [] } }],
    [{ embeddings: { float: [[]] } }],
    [{ embeddings: { float: [["1"]] } }],
    [null],
  ])("%j is no answer", (answer) => {
    const translation = cohereEmbeddingWire.write(plain, upstream);
    expect(translation.readAnswer(answer)).toMatchObject({ status: 500 });
  });
});

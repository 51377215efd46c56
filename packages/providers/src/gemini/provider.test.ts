import { describe, expect, it } from "vitest";
import type { Operation, Place } from "../provider.ts";
import { CallRefusal } from "../wire.ts";
import { geminiEmbeddingWire } from "./embedding-wire.ts";
import { gemini } from "./provider.ts";

const google = "https://generativelanguage.googleapis.com";

function address(place: Partial<Place>, operation: Operation = "chat", stream = false): string {
  const { origin, path } = gemini.target(
    operation,
    { baseUrl: google, model: "gemini-2.5-pro", apiVersion: undefined, ...place },
    stream,
  );
  return `${origin}${path}`;
}

describe("Google AI Studio", () => {
  it("has an address for each thing that is asked of a model", () => {
    const model = `${google}/v1beta/models/gemini-2.5-pro`;
    expect(address({})).toBe(`${model}:generateContent`);
    expect(address({}, "chat", true)).toBe(`${model}:streamGenerateContent?alt=sse`);
    expect(address({}, "embedding")).toBe(`${model}:batchEmbedContents`);
    expect(address({ model: "tunedModels/mine" })).toBe(`${google}/v1beta/tunedModels/mine:generateContent`);
  });

  it.each([
    ["http://proxy/google/", "http://proxy/google/v1beta/models/gemini-2.5-pro:generateContent"],
    ["http://proxy/v1", "http://proxy/v1/models/gemini-2.5-pro:generateContent"],
    ["http://proxy/x/models/other", "http://proxy/x/models/other:generateContent"],
    ["http://proxy?tenant=a", "http://proxy/v1beta/models/gemini-2.5-pro:generateContent?tenant=a"],
  ])("takes the base URL %s", (baseUrl, want) => {
    expect(address({ baseUrl })).toBe(want);
  });

  it("makes embeddings of all texts in one request", () => {
    const upstream = { model: "gemini-embedding-001", dropUnknown: false };
    const embedding = geminiEmbeddingWire.write(
      {
        kind: "embedding",
        input: ["a", "b"],
        dimensions: 2,
        encoding: "float",
        user: "u",
        inputType: "search_query",
        extra: { title: "t" },
      },
      upstream,
    );
    const more = {
      model: "models/gemini-embedding-001",
      taskType: "RETRIEVAL_QUERY",
      outputDimensionality: 2,
      title: "t",
    };
    expect(embedding.body).toEqual({
      requests: [
        { content: { parts: [{ text: "a" }] }, ...more },
        { content: { parts: [{ text: "b" }] }, ...more },
      ],
    });
    expect(embedding.ignored).toEqual(["user"]);
    expect(embedding.readAnswer({ embeddings: [{ values: [1, 2] }, { values: [3, 4] }] })).toEqual({
      model: "",
      vectors: [
        [1, 2],
        [3, 4],
      ],
      usage: undefined,
    });
    expect(embedding.readAnswer({ embeddings: [{ values: ["x"] }] })).toMatchObject({ status: 500 });
    expect(
      embedding.readAnswer({ embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: 3 } }),
    ).toMatchObject({
      usage: { input: 3, output: 0 },
    });
  });

  it("makes no embeddings of tokens", () => {
    expect(() =>
      geminiEmbeddingWire.write(
        { kind: "embedding", input: [[1, 2]], encoding: "float", extra: {} },
        { model: "gemini-embedding-001", dropUnknown: false },
      ),
    ).toThrow(CallRefusal);
  });
});

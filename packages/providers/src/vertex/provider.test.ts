import { describe, expect, it } from "vitest";
import { exampleCall } from "../gemini/example-call.ts";
import type { Operation, Place } from "../provider.ts";
import { claudeChatWire } from "./claude-chat-wire.ts";
import { vertexEmbeddingWire } from "./embedding-wire.ts";
import { vertex } from "./provider.ts";

const own = vertex.baseUrl ?? "";

const targets: readonly {
  readonly why: string;
  readonly place?: Partial<Place>;
  readonly operation?: Operation;
  readonly stream?: boolean;
  readonly want: string;
}[] = [
  {
    why: "Gemini in a region",
    want: "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4/publishers/google/models/gemini-2.5-pro:generateContent",
  },
  {
    why: "a stream",
    stream: true,
    want: "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
  },
  {
    why: "everywhere",
    place: { location: "global" },
    want: "https://aiplatform.googleapis.com/v1/projects/acme/locations/global/publishers/google/models/gemini-2.5-pro:generateContent",
  },
  {
    why: "Europe",
    place: { location: "eu" },
    want: "https://aiplatform.eu.rep.googleapis.com/v1/projects/acme/locations/eu/publishers/google/models/gemini-2.5-pro:generateContent",
  },
  {
    why: "Claude",
    place: { model: "claude-sonnet-4-5@20250929" },
    want: "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict",
  },
  {
    why: "a stream of Claude",
    place: { model: "claude-sonnet-4-5" },
    stream: true,
    want: "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4/publishers/anthropic/models/claude-sonnet-4-5:streamRawPredict",
  },
  {
    why: "embeddings",
    place: { model: "text-embedding-005" },
    operation: "embedding",
    want: "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4/publishers/google/models/text-embedding-005:predict",
  },
  {
    why: "a tuned Gemini",
    place: { model: "gemini/123456" },
    want: "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4/endpoints/123456:generateContent",
  },
  {
    why: "a base of one's own",
    place: { baseUrl: "http://proxy/google" },
    want: "http://proxy/google/v1/projects/acme/locations/europe-west4/publishers/google/models/gemini-2.5-pro:generateContent",
  },
  {
    why: "a base with a version",
    place: { baseUrl: "http://proxy/v1beta1/" },
    want: "http://proxy/v1beta1/projects/acme/locations/europe-west4/publishers/google/models/gemini-2.5-pro:generateContent",
  },
  {
    why: "a base that is a model's whole address",
    place: { baseUrl: "http://proxy/v1/projects/p/locations/l/publishers/google/models/gemini" },
    want: "http://proxy/v1/projects/p/locations/l/publishers/google/models/gemini:generateContent",
  },
];

describe("Vertex AI", () => {
  it.each(targets)("has an address for $why", ({ operation = "chat", place, stream = false, want }) => {
    const { origin, path } = vertex.target(
      operation,
      {
        baseUrl: own,
        model: "gemini-2.5-pro",
        apiVersion: undefined,
        project: "acme",
        location: "europe-west4",
        ...place,
      },
      stream,
    );
    expect(`${origin}${path}`).toBe(want);
  });

  it("has the address of express mode without a project", () => {
    const place = { baseUrl: own, model: "gemini-2.5-pro", apiVersion: undefined, location: "us-central1" };
    const { origin, path } = vertex.target("chat", place, false);
    expect(`${origin}${path}`).toBe(
      "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-2.5-pro:generateContent",
    );
  });

  it.each([
    ["chat", "gemini-2.5-pro", "translated"],
    ["message", "claude-sonnet-4-5@20250929", "translated"],
    ["embedding", "text-embedding-005", "translated"],
    ["embedding", "claude-sonnet-4-5", { refused: "Claude makes no embeddings" }],
    ["rerank", "gemini-2.5-pro", { refused: "Vertex AI is asked for chats and embeddings only" }],
    [
      "chat",
      "meta/llama-4-maverick",
      { refused: "of Vertex AI, Gemini and Claude are served, not the models of meta" },
    ],
    [
      "chat",
      "mistral-large@2411",
      { refused: "of Vertex AI, Gemini and Claude are served, not the models of mistral" },
    ],
  ] as const)("serves %s of %s: %j", (operation, model, want) => {
    expect(vertex.service(operation, model)).toEqual(want);
  });

  it("speaks each model's own API", () => {
    expect(
      ["gemini-2.5-pro", "claude-sonnet-4-5", "google/gemini-2.5-pro", "anthropic/claude"].map(
        (model) => vertex.chat(model).name,
      ),
    ).toEqual(["gemini", "anthropic", "gemini", "anthropic"]);
  });

  it("tells Claude the version in the body, and the model in the address only", () => {
    const { body } = claudeChatWire("claude-sonnet-4-5").write(exampleCall({ stream: true }), {
      model: "claude-sonnet-4-5",
      dropUnknown: false,
    });
    expect(body).toMatchObject({ anthropic_version: "vertex-2023-10-16", stream: true });
    expect(body).not.toHaveProperty("model");
  });

  it("reads errors of Claude's in Google's form and in Anthropic's", () => {
    const wire = claudeChatWire("claude-sonnet-4-5");
    const google = { error: { code: 429, message: "quota", status: "RESOURCE_EXHAUSTED" } };
    expect(wire.readFailure(429, JSON.stringify([google]))).toEqual({ status: 429, message: "quota" });
    expect(wire.readFailure(429, JSON.stringify(google))).toEqual({ status: 429, message: "quota" });
    const anthropic = { type: "error", error: { type: "invalid_request_error", message: "no" } };
    expect(wire.readFailure(400, JSON.stringify(anthropic))).toEqual({ status: 400, message: "no" });
  });

  it("makes embeddings of all texts in one request", () => {
    const embedding = vertexEmbeddingWire.write(
      {
        kind: "embedding",
        input: ["a", "b"],
        dimensions: 2,
        encoding: "float",
        inputType: "RETRIEVAL_DOCUMENT",
        extra: { title: "t", auto_truncate: false },
      },
      { model: "text-embedding-005", dropUnknown: false },
    );
    const instance = { task_type: "RETRIEVAL_DOCUMENT", title: "t" };
    expect(embedding.body).toEqual({
      instances: [
        { content: "a", ...instance },
        { content: "b", ...instance },
      ],
      parameters: { outputDimensionality: 2, autoTruncate: false },
    });
    expect(embedding.ignored).toEqual([]);
    const prediction = (values: readonly number[]) => ({
      embeddings: { values, statistics: { token_count: 4 } },
    });
    expect(embedding.readAnswer({ predictions: [prediction([1, 2]), prediction([3, 4])] })).toMatchObject({
      vectors: [
        [1, 2],
        [3, 4],
      ],
      usage: { input: 8, output: 0 },
    });
    expect(embedding.readAnswer({ predictions: [{}] })).toMatchObject({ status: 500 });
  });
});

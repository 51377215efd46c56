import { describe, expect, it } from "vitest";
import type { Operation, Provider } from "../provider.ts";
import { CallRefusal } from "../wire.ts";
import { ollamaEmbeddingWire } from "./embedding-wire.ts";
import { ollamaChat } from "./native-provider.ts";
import { ollama } from "./provider.ts";

function address(provider: Provider, baseUrl: string, operation: Operation = "chat"): string {
  const place = { baseUrl, model: "llama3.2", apiVersion: undefined };
  const { origin, path } = provider.target(operation, place, false);
  return `${origin}${path}`;
}

describe("Ollama's addresses", () => {
  it.each([
    ["http://ollama:11434", "http://ollama:11434", ""],
    ["http://ollama:11434/", "http://ollama:11434", ""],
    ["http://ollama:11434/v1", "http://ollama:11434", ""],
    ["http://proxy/ollama/v1/", "http://proxy/ollama", ""],
    ["http://proxy/ollama/api", "http://proxy/ollama", ""],
    ["http://proxy/api/chat", "http://proxy", ""],
    ["http://proxy/v1?tenant=a", "http://proxy", "?tenant=a"],
  ])("of its own API are found from %s", (baseUrl, root, query) => {
    expect(address(ollamaChat, baseUrl)).toBe(`${root}/api/chat${query}`);
    expect(address(ollamaChat, baseUrl, "message")).toBe(`${root}/api/chat${query}`);
    expect(address(ollamaChat, baseUrl, "embedding")).toBe(`${root}/api/embed${query}`);
  });

  it.each([
    ["http://ollama:11434", "http://ollama:11434/v1/chat/completions"],
    ["http://proxy/ollama/v1/", "http://proxy/ollama/v1/chat/completions"],
  ])("of OpenAI's API are found from %s", (baseUrl, want) => {
    expect(address(ollama, baseUrl)).toBe(want);
  });
});

it("each prefix has its own way", () => {
  expect([ollama.service("chat", "m"), ollamaChat.service("chat", "m")]).toEqual(["passed", "translated"]);
  expect(ollamaChat.service("messageTokens", "m")).toBe("translated");
  expect(ollamaChat.service("rerank", "m")).toEqual({
    refused: "Ollama is asked for chats and embeddings only",
  });
});

describe("embeddings", () => {
  const upstream = { model: "nomic-embed-text", dropUnknown: false };
  const call = { kind: "embedding", input: ["a", "b"], encoding: "float", extra: {} } as const;

  it("are asked for in one request", () => {
    const extra = { truncate: false, num_ctx: 512, other: 1 };
    const asked = { ...call, dimensions: 2, user: "u", inputType: "search_query", extra };
    const body = { model: "nomic-embed-text", input: ["a", "b"], dimensions: 2, truncate: false };
    expect(ollamaEmbeddingWire.write(asked, upstream)).toMatchObject({
      body: { ...body, options: { num_ctx: 512, other: 1 } },
      ignored: ["user", "input_type"],
    });
    expect(ollamaEmbeddingWire.write(asked, { ...upstream, dropUnknown: true })).toMatchObject({
      body: { ...body, options: { num_ctx: 512 } },
      ignored: ["user", "input_type", "other"],
    });
  });

  it("are made of texts only", () => {
    expect(() => ollamaEmbeddingWire.write({ ...call, input: [[1, 2]] }, upstream)).toThrow(CallRefusal);
  });

  it.each([
    [
      { model: "m", embeddings: [[1, 2], [3]], prompt_eval_count: 4 },
      { model: "m", vectors: [[1, 2], [3]], usage: { input: 4, output: 0 } },
    ],
    [{ embeddings: [[1]] }, { model: "", vectors: [[1]], usage: undefined }],
    [{ embeddings: [[]] }, { status: 500 }],
    [{ embeddings: [["1"]] }, { status: 500 }],
    [{ error: "the input length exceeds the context length" }, { status: 400, kind: "context-window" }],
    [null, { status: 500 }],
  ])("are read: %j", (answer, want) => {
    expect(ollamaEmbeddingWire.write(call, upstream).readAnswer(answer)).toMatchObject(want);
  });
});

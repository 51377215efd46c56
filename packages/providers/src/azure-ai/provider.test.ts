import { describe, expect, it } from "vitest";
import type { CredentialSettings, Operation, Service } from "../provider.ts";
import { azureAi } from "./provider.ts";

const RESOURCE = "https://r.services.ai.azure.com";
const ENDPOINT = "https://mistral-abc.eastus2.inference.ai.azure.com";
const secret = (text: string): { reveal(): string } => ({ reveal: () => text });

function urlOf(operation: Operation, baseUrl: string, model = "mistral-large", apiVersion?: string): string {
  const { origin, path } = azureAi.target(operation, { baseUrl, model, apiVersion }, false);
  return `${origin}${path}`;
}

describe("azure_ai", () => {
  it.each([
    ["a resource is asked through its v1 API", RESOURCE, `${RESOURCE}/openai/v1/chat/completions`],
    ["an API that is written is kept", `${RESOURCE}/openai/v1/`, `${RESOURCE}/openai/v1/chat/completions`],
    [
      "the model inference API wants a version",
      `${RESOURCE}/models`,
      `${RESOURCE}/models/chat/completions?api-version=2024-05-01-preview`,
    ],
    [
      "a whole address is kept",
      `${RESOURCE}/models/chat/completions?api-version=2025-01-01-preview`,
      `${RESOURCE}/models/chat/completions?api-version=2025-01-01-preview`,
    ],
    ["an endpoint of one model has its API below /v1", `${ENDPOINT}/`, `${ENDPOINT}/v1/chat/completions`],
    ["nothing is added to other hosts", "http://proxy:1/a", "http://proxy:1/a/chat/completions"],
    ["nor to their roots", "http://proxy:1", "http://proxy:1/chat/completions"],
  ])("%s", (_, baseUrl, want) => {
    expect(urlOf("chat", baseUrl)).toBe(want);
  });

  it("takes the version of the model inference API from api_version", () => {
    expect(urlOf("embedding", `${RESOURCE}/models`, "embed", "2025-04-01")).toBe(
      `${RESOURCE}/models/embeddings?api-version=2025-04-01`,
    );
  });

  it.each([
    ["a resource", RESOURCE],
    ["its Anthropic API", `${RESOURCE}/anthropic`],
    ["the whole address", `${RESOURCE}/anthropic/v1/messages`],
  ])("asks Claude through Anthropic's API, given %s", (_, baseUrl) => {
    expect(urlOf("message", baseUrl, "claude-sonnet-4-5")).toBe(`${RESOURCE}/anthropic/v1/messages`);
  });

  it.each<readonly [model: string, operation: Operation, want: Service]>([
    ["mistral-large", "chat", "passed"],
    ["mistral-large", "message", "translated"],
    ["mistral-large", "rerank", { refused: "Azure AI has no reranking" }],
    ["claude-sonnet-4-5", "chat", "translated"],
    ["claude-sonnet-4-5", "message", "passed"],
  ])("%s: %s", (model, operation, want) => {
    expect(azureAi.service(operation, model)).toEqual(want);
  });

  it("speaks each vendor's wire", () => {
    expect(azureAi.chat("claude-sonnet-4-5").name).toBe("anthropic");
    expect(azureAi.chat("mistral-large").name).toBe("openai");
  });

  it("gives its key to an endpoint of one model as bearer token, to a resource in api-key", () => {
    const place = (baseUrl: string) => ({ baseUrl, model: "m", apiVersion: undefined });
    const settings: CredentialSettings = { key: secret("k") };
    const request = { origin: ENDPOINT, path: "/", body: Buffer.alloc(0), time: 0 };
    expect(azureAi.authorizer?.(settings, place(ENDPOINT))?.authorize(request)).toEqual([
      "authorization",
      "Bearer k",
    ]);
    expect(azureAi.authorizer?.(settings, place(RESOURCE))).toBeUndefined();
    expect(azureAi.authorization).toBe("api-key");
  });
});

import { describe, expect, it } from "vitest";
import { providerNamed, providers, providersToCome } from "./index.ts";
import type { Operation } from "./provider.ts";

const targets: readonly {
  readonly why: string;
  readonly provider: string;
  readonly baseUrl: string;
  readonly model?: string;
  readonly apiVersion?: string;
  readonly operation?: Operation;
  readonly want: string;
}[] = [
  {
    why: "nothing is added to OpenAI's base",
    provider: "openai",
    baseUrl: "https://api.openai.com/v1",
    want: "https://api.openai.com/v1/chat/completions",
  },
  {
    why: "a trailing slash is not doubled",
    provider: "openai",
    baseUrl: "http://mock:9000/",
    want: "http://mock:9000/chat/completions",
  },
  {
    why: "a query survives",
    provider: "openai",
    baseUrl: "http://mock/v1?tenant=a",
    operation: "embedding",
    want: "http://mock/v1/embeddings?tenant=a",
  },
  {
    why: "Ollama's root gets /v1",
    provider: "ollama",
    baseUrl: "http://ollama:11434",
    want: "http://ollama:11434/v1/chat/completions",
  },
  {
    why: "Ollama's /v1 is not doubled",
    provider: "ollama_chat",
    baseUrl: "http://ollama:11434/v1/",
    want: "http://ollama:11434/v1/chat/completions",
  },
  {
    why: "Azure addresses the deployment and the version",
    provider: "azure",
    baseUrl: "https://r.openai.azure.com/",
    model: "gpt-4 x",
    apiVersion: "2025-01-01-preview",
    want: "https://r.openai.azure.com/openai/deployments/gpt-4%20x/chat/completions?api-version=2025-01-01-preview",
  },
  {
    why: "an Azure base that names a deployment is kept",
    provider: "azure",
    baseUrl: "https://r.openai.azure.com/openai/deployments/other",
    model: "gpt-4",
    apiVersion: "1",
    operation: "completion",
    want: "https://r.openai.azure.com/openai/deployments/other/completions?api-version=1",
  },
  {
    why: "Azure's version-less API takes OpenAI's paths",
    provider: "azure",
    baseUrl: "https://r.openai.azure.com/openai/v1/",
    apiVersion: "1",
    want: "https://r.openai.azure.com/openai/v1/chat/completions",
  },
];

describe("provider", () => {
  it.each(targets)("$provider: $why", ({ provider, baseUrl, model, apiVersion, operation, want }) => {
    const target = providerNamed(provider)?.target(operation ?? "chat", {
      baseUrl,
      model: model ?? "gpt-4",
      apiVersion,
    });
    expect(`${target?.origin}${target?.path}`).toBe(want);
  });

  it("gives each prefix to one provider, and to none that is still to come", () => {
    const names = [
      ...providers.flatMap((provider) => [provider.name, ...(provider.aliases ?? [])]),
      ...providersToCome,
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it("has a base URL that is one", () => {
    for (const provider of providers) {
      if (provider.baseUrl !== undefined)
        expect(() =>
          provider.target("chat", { baseUrl: provider.baseUrl ?? "", model: "m", apiVersion: undefined }),
        ).not.toThrow();
    }
  });
});

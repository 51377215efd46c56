import { describe, expect, it } from "vitest";
import { providerNamed, providers, providersToCome } from "./index.ts";
import { type Operation, operations, type Place, type Service } from "./provider.ts";

/** OpenAI's paths below a base URL. The other providers' addresses are tested in their folders. */
const openaiPaths: { readonly [O in Operation]: string } = {
  chat: "/chat/completions",
  completion: "/completions",
  embedding: "/embeddings",
  response: "/responses",
  message: "/messages",
  messageTokens: "/messages/count_tokens",
  imageGeneration: "/images/generations",
  imageEdit: "/images/edits",
  imageVariation: "/images/variations",
  speech: "/audio/speech",
  transcription: "/audio/transcriptions",
  audioTranslation: "/audio/translations",
  moderation: "/moderations",
  rerank: "/rerank",
};

const services: readonly (readonly [provider: string, operation: Operation, want: Service])[] = [
  ["openai", "chat", "passed"],
  ["openai", "completion", "passed"],
  ["openai", "embedding", "passed"],
  ["openai", "response", "passed"],
  ["openai", "imageGeneration", "passed"],
  ["openai", "imageEdit", "passed"],
  ["openai", "imageVariation", "passed"],
  ["openai", "speech", "passed"],
  ["openai", "transcription", "passed"],
  ["openai", "audioTranslation", "passed"],
  ["openai", "moderation", "passed"],
  ["openai", "message", "translated"],
  ["openai", "messageTokens", "translated"],
  ["openai", "rerank", { refused: "OpenAI has no reranking" }],
  ["azure", "chat", "passed"],
  ["azure", "response", "passed"],
  ["azure", "imageEdit", "passed"],
  ["azure", "message", "translated"],
  ["azure", "moderation", { refused: "Azure OpenAI has no moderations" }],
  ["azure", "imageVariation", { refused: "Azure OpenAI has no image variations" }],
];

function openaiAddress(operation: Operation, baseUrl: string): string {
  const target = providerNamed("openai")?.target(
    operation,
    { baseUrl, model: "gpt-4", apiVersion: undefined },
    false,
  );
  return `${target?.origin}${target?.path}`;
}

/** A place in which every provider finds what it needs. */
function placeOf(baseUrl: string | undefined): Place {
  return {
    baseUrl: baseUrl ?? "https://upstream.example/v1",
    model: "m",
    apiVersion: undefined,
    region: "eu-west-1",
    project: "acme",
    location: "europe-west4",
  };
}

describe("OpenAI's addresses", () => {
  it.each(Object.entries(openaiPaths))("%s", (operation, path) => {
    expect(openaiAddress(operation as Operation, "https://api.openai.com/v1")).toBe(
      `https://api.openai.com/v1${path}`,
    );
  });

  it.each([
    ["nothing is added to the base", "http://mock:9000", "http://mock:9000/chat/completions"],
    ["a slash is not doubled", "http://mock:9000/", "http://mock:9000/chat/completions"],
    ["a query survives", "http://mock/v1?tenant=a", "http://mock/v1/chat/completions?tenant=a"],
  ])("%s", (_, baseUrl, want) => {
    expect(openaiAddress("chat", baseUrl)).toBe(want);
  });
});

describe("provider", () => {
  it.each(services)("%s: %s", (name, operation, want) => {
    expect(providerNamed(name)?.service(operation, "m")).toEqual(want);
  });

  it("gives each prefix to one provider, and to none that is still to come", () => {
    const names = [
      ...providers.flatMap((provider) => [provider.name, ...(provider.aliases ?? [])]),
      ...providersToCome,
    ];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(providers.map((provider) => [provider.name, provider] as const))(
    "%s has an address for all it serves, and a sentence for what it does not",
    (_, provider) => {
      for (const operation of operations) {
        const service = provider.service(operation, "m");
        if (typeof service === "object") expect(service.refused).toMatch(/^\S.+ .+[^.]$/);
        if (service !== "passed") continue;
        const { origin, path } = provider.target(operation, placeOf(provider.baseUrl), false);
        expect(new URL(path, origin).href).toBe(`${origin}${path}`);
      }
    },
  );

  it("never sends a key over an open line", () => {
    for (const { name, baseUrl } of providers) {
      if (baseUrl !== undefined)
        expect(`${name} ${baseUrl}`).toMatch(/ https:\/\/| http:\/\/(localhost|127\.0\.0\.1):/);
    }
  });
});

import { AzureOpenAI } from "openai";
import { describe, expect, it } from "vitest";
import type { Operation } from "../provider.ts";
import { azureTarget } from "./path.ts";

const RESOURCE = "https://r.openai.azure.com";
const version = "2025-04-01-preview";

function urlOf(operation: Operation, baseUrl: string, apiVersion: string | undefined, model = "dep"): string {
  const { origin, path } = azureTarget(operation, { baseUrl, model, apiVersion });
  return `${origin}${path}`;
}

describe("azureTarget", () => {
  it.each<
    readonly [why: string, operation: Operation, baseUrl: string, version: string | undefined, want: string]
  >([
    [
      "the deployment and the version are in the URL",
      "chat",
      `${RESOURCE}/`,
      version,
      `${RESOURCE}/openai/deployments/dep/chat/completions?api-version=${version}`,
    ],
    [
      "the path of the API may be written",
      "embedding",
      `${RESOURCE}/openai/`,
      version,
      `${RESOURCE}/openai/deployments/dep/embeddings?api-version=${version}`,
    ],
    [
      "a base that names a deployment is kept, with what follows",
      "chat",
      `${RESOURCE}/openai/deployments/other/extensions`,
      version,
      `${RESOURCE}/openai/deployments/other/extensions/chat/completions?api-version=${version}`,
    ],
    [
      "a path before it is kept, as a gateway in front may have one",
      "transcription",
      "https://apim.example/team-a?subscription=1",
      version,
      `https://apim.example/team-a/openai/deployments/dep/audio/transcriptions?subscription=1&api-version=${version}`,
    ],
    [
      "Responses name the deployment in the body",
      "response",
      `${RESOURCE}/openai/deployments/other`,
      version,
      `${RESOURCE}/openai/responses?api-version=${version}`,
    ],
    [
      "Responses go to the v1 API when the version is older than they are",
      "response",
      RESOURCE,
      "2024-10-21",
      `${RESOURCE}/openai/v1/responses`,
    ],
    [
      "the first version with Responses has them",
      "response",
      RESOURCE,
      "2025-03-01-preview",
      `${RESOURCE}/openai/responses?api-version=2025-03-01-preview`,
    ],
    [
      "a v1 base takes OpenAI's paths and no version",
      "chat",
      `${RESOURCE}/openai/v1/`,
      version,
      `${RESOURCE}/openai/v1/chat/completions`,
    ],
    ["latest means v1", "chat", RESOURCE, "latest", `${RESOURCE}/openai/v1/chat/completions`],
    ["v1 means v1", "imageGeneration", RESOURCE, "v1", `${RESOURCE}/openai/v1/images/generations`],
    [
      "preview means v1, and is said",
      "response",
      RESOURCE,
      "preview",
      `${RESOURCE}/openai/v1/responses?api-version=preview`,
    ],
  ])("%s", (_, operation, baseUrl, apiVersion, want) => {
    expect(urlOf(operation, baseUrl, apiVersion)).toBe(want);
  });

  it.each([
    ["gpt-4 x", "gpt-4%20x"],
    ["o_series/my-deployment", "my-deployment"],
    ["gpt5_series/my-deployment", "my-deployment"],
  ])("the model %s is the deployment %s", (model, deployment) => {
    expect(urlOf("chat", RESOURCE, "1", model)).toContain(`/openai/deployments/${deployment}/chat/`);
  });
});

describe("Azure's own client", () => {
  const calls: { readonly [O in Operation]?: (client: AzureOpenAI) => Promise<unknown> } = {
    chat: (client) => client.chat.completions.create({ model: "dep", messages: [] }),
    completion: (client) => client.completions.create({ model: "dep", prompt: "a" }),
    embedding: (client) => client.embeddings.create({ model: "dep", input: "a" }),
    response: (client) => client.responses.create({ model: "dep", input: "a" }),
    imageGeneration: (client) => client.images.generate({ model: "dep", prompt: "a" }),
    speech: (client) => client.audio.speech.create({ model: "dep", input: "a", voice: "alloy" }),
    transcription: (client) =>
      client.audio.transcriptions.create({ model: "dep", file: new File([], "a.wav") }),
    audioTranslation: (client) =>
      client.audio.translations.create({ model: "dep", file: new File([], "a.wav") }),
    imageEdit: (client) => client.images.edit({ model: "dep", prompt: "a", image: new File([], "a.png") }),
  };

  it.each(Object.entries(calls))("asks the same address for %s", async (operation, call) => {
    const asked: string[] = [];
    const client = new AzureOpenAI({
      apiKey: "k",
      endpoint: RESOURCE,
      apiVersion: version,
      deployment: "dep",
      maxRetries: 0,
      fetch: async (url) => {
        // It also asks whether the runtime can make forms at all.
        const text = url instanceof Request ? url.url : url.toString();
        if (!text.startsWith("data:")) asked.push(text);
        return new Response("{}", { headers: { "content-type": "application/json" } });
      },
    });
    await call(client);
    expect(asked).toEqual([urlOf(operation as Operation, RESOURCE, version)]);
  });
});

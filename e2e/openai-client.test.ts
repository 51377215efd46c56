import { waitFor } from "@gatewright/testkit";
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ServedExample, serveExample } from "./example.ts";

/** What one gateway of an example does with requests for its models. */
interface Case {
  readonly name: string;
  readonly folder: string;
  /** How many gateways the folder declares, and which of them this is. */
  readonly gateways?: readonly [count: number, index: number];
  /** The key its manifests give it; `generated` when `up` makes one; undefined when it is open. */
  readonly key?: string;
  readonly environment?: { readonly [name: string]: string };
  /** All that `GET /v1/models` lists. */
  readonly listed: readonly string[];
  /** A model behind the fake upstream for most tests. */
  readonly model: string;
  readonly embedding: string;
  /** Where requests for models end: the upstream's name of the model, its path, and the key it is called with. */
  readonly routes: readonly {
    readonly ask: string;
    readonly model: string;
    readonly path: string;
    /** What the upstream finds in place of a key; of a signature, a part that tells whose it is. */
    readonly key: string;
    /** The upstream speaks another wire than OpenAI's. */
    readonly translated?: true;
  }[];
}

const openaiKey = "sk-example-openai-not-a-real-key";
const azureKey = "example-azure-not-a-real-key";
const chatPath = "/v1/chat/completions";
const azurePath = (deployment: string): string => `/openai/deployments/${deployment}/chat/completions`;

type Route = Case["routes"][number];

function anthropicRoute(model: string, key = "sk-ant-example-not-a-real-key", ask = model): Route {
  return { ask, model, path: "/v1/messages", key, translated: true };
}

function geminiRoute(model: string, key: string): Route {
  return { ask: model, model, path: `/v1beta/models/${model}:generateContent`, key, translated: true };
}

const cases: readonly Case[] = [
  {
    name: "quickstart",
    folder: "quickstart",
    key: "generated",
    environment: { OPENAI_API_KEY: "sk-from-environment" },
    listed: ["gpt-4o-mini", "hello", "hello-embeddings", "story"],
    model: "gpt-4o-mini",
    embedding: "hello-embeddings",
    routes: [{ ask: "gpt-4o-mini", model: "gpt-4o-mini", path: chatPath, key: "sk-from-environment" }],
  },
  {
    name: "langop",
    folder: "langop",
    key: "sk-example-master-key",
    listed: [
      "amazon.nova-pro-v1:0",
      "claude-sonnet-4-5",
      "default",
      "gemini-2.5-flash",
      "gemini-2.5-pro",
      "gpt-4-deployment",
      "gpt-4o-mini",
      "llama3.2",
      "openai/*",
      "text-embedding-3-small",
    ],
    model: "gpt-4o-mini",
    embedding: "text-embedding-3-small",
    routes: [
      { ask: "gpt-4o-mini", model: "gpt-4o-mini", path: chatPath, key: openaiKey },
      { ask: "default", model: "gpt-4o-mini", path: chatPath, key: openaiKey },
      // The name of the resource is a name too (decisions.md).
      { ask: "gpt", model: "gpt-4o-mini", path: chatPath, key: openaiKey },
      { ask: "openai/o3", model: "o3", path: chatPath, key: openaiKey },
      {
        ask: "gpt-4-deployment",
        model: "gpt-4-deployment",
        path: azurePath("gpt-4-deployment"),
        key: azureKey,
      },
      anthropicRoute("claude-sonnet-4-5"),
      {
        ask: "amazon.nova-pro-v1:0",
        model: "amazon.nova-pro-v1:0",
        path: "/model/amazon.nova-pro-v1%3A0/converse",
        key: "Credential=EXAMPLE-NOT-A-REAL-ID/",
        translated: true,
      },
      geminiRoute("gemini-2.5-flash", "example-gemini-not-a-real-key"),
      {
        ask: "gemini-2.5-pro",
        model: "gemini-2.5-pro",
        path: "/v1/projects/example-project/locations/europe-west4/publishers/google/models/gemini-2.5-pro:generateContent",
        key: "token-1",
        translated: true,
      },
    ],
  },
  {
    name: "agentic-layer, the open gateway",
    folder: "agentic-layer",
    gateways: [2, 0],
    listed: [
      "claude-haiku-4-5",
      "gemini-2.5-flash",
      "gpt-4o",
      "gpt-4o-mini",
      "llama3.2",
      "mistral-small-latest",
      "text-embedding-3-small",
    ],
    model: "gpt-4o",
    embedding: "text-embedding-3-small",
    routes: [
      { ask: "gpt-4o", model: "gpt-4o", path: chatPath, key: "replace-with-an-openai-key" },
      { ask: "openai/gpt-4o", model: "gpt-4o", path: chatPath, key: "replace-with-an-openai-key" },
      {
        ask: "mistral-small-latest",
        model: "mistral-small-latest",
        path: "/mistral/v1/chat/completions",
        key: "replace-with-a-mistral-key",
      },
      { ask: "llama3.2", model: "llama3.2", path: chatPath, key: "unused" },
      anthropicRoute("claude-haiku-4-5", "replace-with-an-anthropic-key"),
      geminiRoute("gemini-2.5-flash", "replace-with-a-gemini-key"),
    ],
  },
  {
    name: "agentic-layer, the team's gateway",
    folder: "agentic-layer",
    gateways: [2, 1],
    key: "sk-example-team-key",
    listed: ["fast", "gpt-4o", "gpt-4o-mini", "mistral-large-latest"],
    model: "gpt-4o",
    embedding: "gpt-4o-mini",
    routes: [{ ask: "fast", model: "gpt-4o-mini", path: chatPath, key: "replace-with-an-openai-key" }],
  },
  {
    name: "palena",
    folder: "palena",
    key: "sk-example-master-key",
    listed: [
      "claude-sonnet-4-5",
      "fast",
      "gpt-4o",
      "gpt-4o-mini",
      "llama3.2",
      "text-embedding-3-small",
      "vllm/*",
    ],
    model: "gpt-4o-mini",
    embedding: "text-embedding-3-small",
    routes: [
      { ask: "fast", model: "gpt-4o-mini", path: chatPath, key: openaiKey },
      { ask: "gpt-4o", model: "gpt-4o", path: azurePath("gpt-4o"), key: azureKey },
      { ask: "llama3.2", model: "llama3.2", path: "/api/chat", key: "", translated: true },
      { ask: "vllm/qwen3", model: "qwen3", path: chatPath, key: "" },
      anthropicRoute("claude-sonnet-4-5"),
    ],
  },
  {
    name: "litellm",
    folder: "litellm",
    key: "generated",
    environment: {
      OPENAI_API_KEY: "sk-from-environment",
      AZURE_API_KEY: "azure-from-environment",
      ANTHROPIC_API_KEY: "sk-ant-from-environment",
    },
    listed: [
      "claude-sonnet",
      "gpt-4",
      "gpt-4o",
      "gpt-4o-mini",
      "llama3.2",
      "nomic-embed-text",
      "openai/*",
      "smoke-test",
      "text-embedding-3-small",
    ],
    model: "gpt-4o-mini",
    embedding: "text-embedding-3-small",
    routes: [
      { ask: "gpt-4o-mini", model: "gpt-4o-mini", path: chatPath, key: "sk-from-environment" },
      { ask: "openai/o3", model: "o3", path: chatPath, key: "sk-from-environment" },
      { ask: "llama3.2", model: "llama3.2", path: chatPath, key: "none" },
      // A deployment's own name upstream is the last that is tried (decisions.md).
      {
        ask: "azure/gpt-4o-prod",
        model: "gpt-4o-prod",
        path: azurePath("gpt-4o-prod"),
        key: "azure-from-environment",
      },
      anthropicRoute("claude-sonnet-4-5", "sk-ant-from-environment", "claude-sonnet"),
    ],
  },
  {
    name: "model-files",
    folder: "model-files",
    environment: { LITELLM_MASTER_KEY: "sk-of-the-environment" },
    listed: ["claude-3-5-sonnet-20241022", "gpt-4", "gpt-4-deployment", "gpt-4-turbo-preview", "llama3.2"],
    model: "gpt-4-turbo-preview",
    embedding: "llama3.2",
    routes: [
      { ask: "gpt-4", model: "gpt-4", path: chatPath, key: openaiKey },
      {
        ask: "gpt-4-deployment",
        model: "gpt-4-deployment",
        path: azurePath("gpt-4-deployment"),
        key: azureKey,
      },
      anthropicRoute("claude-3-5-sonnet-20241022"),
    ],
  },
];

const messages = [{ role: "user" as const, content: "hello" }];
const weather = {
  type: "function" as const,
  function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

describe.each(cases)("the openai client against examples/$name", (example) => {
  const { model } = example;
  const [count, index] = example.gateways ?? [1, 0];
  // Of a key in the environment the banner prints the name only.
  const ownKey = example.environment?.["LITELLM_MASTER_KEY"];
  let running: ServedExample;
  let client: OpenAI;

  beforeAll(async () => {
    running = await serveExample(example.folder, count, example.environment);
    const gateway = running.gateways[index];
    client = new OpenAI({
      baseURL: `${gateway?.url}/v1`,
      apiKey: ownKey ?? gateway?.key ?? "sk-anything",
      maxRetries: 0,
    });
    if (example.key === "generated") expect(gateway?.key).toMatch(/^sk-[0-9a-f]{64}$/);
    else expect(gateway?.key).toBe(ownKey === undefined ? example.key : "$LITELLM_MASTER_KEY");
  });
  afterAll(() => running?.[Symbol.asyncDispose]());
  beforeEach(() => {
    running.upstream.script = {};
    running.upstream.forget();
  });

  test("lists the models", async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id).sort()).toEqual(example.listed);
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: "model" });
    await expect(client.models.retrieve("no-such-model")).rejects.toThrow(NotFoundError);
  });

  test.each(example.routes)("$ask reaches $model", async (route) => {
    const { ask, model: upstreamModel, path, key, translated } = route;
    const answer = await client.chat.completions.create({ model: ask, messages });
    expect(answer.model).toBe(ask);
    expect(answer.choices[0]?.message.content).toBe(`${upstreamModel} 1 2 3 4`);
    expect(answer.usage?.total_tokens).toBe(12);
    const [request] = running.upstream.requests;
    expect(running.upstream.requests).toMatchObject([{ model: upstreamModel, path }]);
    if (translated === true) expect(request?.key).toContain(key);
    else expect(request).toMatchObject({ key, body: { messages } });
  });

  test("chats in a stream", async () => {
    running.upstream.script = { default: { frames: 40, model: "a-dated-name-2026-11-21" } };
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    expect(text).toMatch(/ 1 2 3 .* 39$/);
    expect([...new Set(chunks.map((chunk) => chunk.model))]).toEqual([model]);
    expect(chunks.at(-1)?.usage?.total_tokens).toBe(47);
    expect(running.upstream.requests).toMatchObject([{ state: "answered", body: { stream: true } }]);
  });

  test("embeds", async () => {
    const { data, model: answered } = await client.embeddings.create({
      model: example.embedding,
      input: ["a", "b"],
      encoding_format: "float",
    });
    expect(answered).toBe(example.embedding);
    expect(data).toHaveLength(2);
    expect(data[0]?.embedding.length).toBeGreaterThanOrEqual(3);
    expect(typeof data[1]?.embedding[0]).toBe("number");
  });

  test("calls a tool, streamed and not", async () => {
    running.upstream.script = {
      default: { toolCalls: [{ name: "weather", arguments: '{"city":"Oslo"}' }] },
    };
    const request = { model, messages, tools: [weather] };
    const whole = await client.chat.completions.create(request);
    const pieces = await client.chat.completions.stream(request).finalChatCompletion();
    for (const answer of [whole, pieces]) {
      expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
      const [call] = answer.choices[0]?.message.tool_calls ?? [];
      expect(call).toMatchObject({ function: { name: "weather", arguments: '{"city":"Oslo"}' } });
    }
    expect(running.upstream.requests).toMatchObject([
      { body: { tools: [weather] } },
      { body: { tools: [weather] } },
    ]);
  });

  if (example.key === undefined && ownKey === undefined) {
    test("may bring any key, because the manifests ask for none", async () => {
      const stranger = client.withOptions({ apiKey: "team-a/agent" });
      expect((await stranger.chat.completions.create({ model, messages })).model).toBe(model);
    });
  } else {
    test("is refused with a bad key", async () => {
      for (const apiKey of ["sk-wrong", "wrong"]) {
        const stranger = client.withOptions({ apiKey });
        const refused = stranger.chat.completions.create({ model, messages });
        await expect(refused).rejects.toThrow(AuthenticationError);
        await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 });
      }
      expect(running.upstream.requests).toEqual([]);
    });
  }

  test("is told that a model is unknown", async () => {
    const refused = client.chat.completions.create({ model: "no-such-model", messages });
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toThrow("Invalid model name passed in");
  });

  test("aborts in the middle of a stream, and the upstream sees it", async () => {
    running.upstream.script = { default: { stallAtFrame: 2 } };
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) {
      expect(chunk.choices).toHaveLength(1);
      break; // leaving the loop aborts the request
    }
    await waitFor("the abort at the upstream", () => running.upstream.requests[0]?.state === "aborted");
  });
});

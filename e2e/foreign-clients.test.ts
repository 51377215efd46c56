import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, type ClientApi } from "../packages/testkit/src/conformance/client.ts";
import { type ServedExample, serveExample } from "./example.ts";

/** Which official client asks which model of examples/langop, and what the model's upstream speaks. */
const pairs: readonly {
  readonly client: string;
  readonly api: ClientApi;
  readonly model: string;
  readonly upstream: string;
}[] = [
  { client: "Anthropic's", api: "message", model: "gpt-4o-mini", upstream: "OpenAI's chat completions" },
  { client: "Anthropic's", api: "message", model: "amazon.nova-pro-v1:0", upstream: "Bedrock's Converse" },
  { client: "Anthropic's", api: "message", model: "claude-sonnet-4-5", upstream: "Messages" },
  { client: "Anthropic's", api: "message", model: "gemini-2.5-flash", upstream: "Gemini" },
  { client: "OpenAI's", api: "response", model: "claude-sonnet-4-5", upstream: "Messages" },
  { client: "OpenAI's", api: "response", model: "gemini-2.5-flash", upstream: "Gemini" },
  { client: "OpenAI's", api: "response", model: "gemini-2.5-pro", upstream: "Vertex AI" },
  { client: "OpenAI's", api: "chat", model: "claude-sonnet-4-5", upstream: "Messages" },
  { client: "OpenAI's", api: "completion", model: "gemini-2.5-flash", upstream: "Gemini" },
];

describe("official clients of the bundle, over upstreams of another wire", () => {
  let running: ServedExample;

  beforeAll(async () => {
    running = await serveExample("langop", 1);
  });
  afterAll(() => running?.[Symbol.asyncDispose]());

  const question = (api: ClientApi, model: string, stream: boolean) => ({
    url: running.gateways[0]?.url ?? "",
    key: "sk-example-master-key",
    model,
    stream,
    prompt: "hello",
    tool: api !== "completion",
  });

  test.each(pairs)("$client client asks $model with $api over $upstream", async ({ api, model }) => {
    running.upstream.script = { default: { text: "Grüße 🚪 an alle" } };
    for (const stream of [false, true]) {
      const { text, input } = await ask(api, question(api, model, stream));
      expect([stream, text, input]).toEqual([stream, "Grüße 🚪 an alle", 7]);
    }
    if (api === "completion") return;
    running.upstream.script = {
      default: { toolCalls: [{ name: "look_up", arguments: '{"topic":"doors"}' }] },
    };
    for (const stream of [false, true]) {
      const { tools } = await ask(api, question(api, model, stream));
      expect(tools).toEqual([{ id: expect.any(String), name: "look_up", input: { topic: "doors" } }]);
    }
  });
});

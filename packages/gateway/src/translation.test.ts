import {
  answer,
  chat,
  exampleGateways,
  post,
  readStream,
  startFakeUpstream,
  type Values,
} from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";

const upstream = await startFakeUpstream();
const gateways = exampleGateways(upstream);
const { start } = gateways;
afterEach(async () => gateways.end());
afterAll(async () => upstream.close());

/** Models named after their providers, without retries. */
function models(params: Values = {}, more: Values = {}): Values {
  const claude = { model: "anthropic/claude-sonnet-4-5", api_base: upstream.url, api_key: "sk-ant" };
  const gpt = { model: "openai/gpt-4o", api_base: `${upstream.url}/v1`, api_key: "sk-openai" };
  return {
    model_list: [
      { model_name: "claude", litellm_params: { ...claude, ...params } },
      { model_name: "gpt", litellm_params: { ...gpt, ...params } },
    ],
    router_settings: { num_retries: 0, disable_cooldowns: true },
    ...more,
  };
}

const path = "/v1/chat/completions";
const message = (model: string, more: Values = {}): Values => chat(model, { max_tokens: 100, ...more });

describe("parameters that the upstream's wire does not have", () => {
  it("are refused by name, with LiteLLM's words", async () => {
    const { gateway } = await start(models());
    const response = await post(gateway, path, chat("claude", { seed: 7, logit_bias: {} }));
    const { error } = await answer(response);
    expect(response.status).toBe(400);
    expect(error.message).toContain(
      "litellm.UnsupportedParamsError: anthropic does not support parameters: [",
    );
    expect(error.message).toContain("'seed'");
    expect(error.message).toContain("'logit_bias'");
    expect(upstream.requests).toEqual([]);
  });

  it.each([
    ["the document", models({}, { litellm_settings: { drop_params: true } }), {}],
    ["the deployment", models({ drop_params: true }), {}],
    ["the request", models(), { drop_params: true }],
    ["allowed_openai_params", models(), { allowed_openai_params: ["seed"] }],
    ["additional_drop_params", models(), { additional_drop_params: ["seed"] }],
  ])("are left out when %s says so, and named", async (name, document, more) => {
    const { gateway } = await start(document);
    const response = await post(gateway, path, chat("claude", { seed: 7, ...more }));
    expect(response.status).toBe(200);
    await response.text();
    expect(upstream.requests[0]?.body).not.toHaveProperty("seed");
    expect(response.headers.get("x-gatewright-dropped")).toBe(
      name === "additional_drop_params" ? null : "seed",
    );
  });

  it("have the client's names, not those of our table", async () => {
    const { gateway } = await start({
      model_list: [
        { model_name: "local", litellm_params: { model: "ollama_chat/llama3.2", api_base: upstream.url } },
      ],
    });
    const tools = [{ type: "function", function: { name: "look_up", parameters: { type: "object" } } }];
    const response = await post(gateway, path, chat("local", { tools, tool_choice: "required" }));
    expect((await answer(response)).error.message).toContain(
      "parameters: ['tool_choice'], for model=llama3.2.",
    );
  });

  it("are kept from being dropped by a request that says so", async () => {
    const { gateway } = await start(models({ drop_params: true }));
    const response = await post(gateway, path, chat("claude", { seed: 7, drop_params: false }));
    expect(response.status).toBe(400);
  });
});

describe("a deployment's own parameters", () => {
  it("stand in where the client has none, and extra_body goes before all", async () => {
    const { gateway } = await start(models({ temperature: 0.25, max_tokens: 50, extra_body: { top_k: 3 } }));
    await (await post(gateway, path, chat("claude", { max_tokens: 60 }))).text();
    expect(upstream.requests[0]?.body).toMatchObject({ temperature: 0.25, max_tokens: 60, top_k: 3 });
  });
});

describe("Messages", () => {
  it("answer errors in Anthropic's envelope", async () => {
    const { gateway } = await start({ ...models(), general_settings: { master_key: "sk-master" } });
    const refused = await post(gateway, "/v1/messages", message("claude"), { "x-api-key": "sk-wrong" });
    expect([refused.status, await refused.json()]).toEqual([
      401,
      expect.objectContaining({
        type: "error",
        error: { type: "authentication_error", message: expect.any(String) },
      }),
    ]);
    const unknown = await post(gateway, "/v1/messages", message("nobody"), { "x-api-key": "sk-master" });
    expect(await unknown.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });

  it("are passed to Anthropic as they are, but for the model's name", async () => {
    const { gateway } = await start(models());
    const body = message("claude", { service_tier: "auto", top_k: 3 });
    const response = await post(gateway, "/anthropic/v1/messages", body, { "anthropic-beta": "x-2026" });
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ type: "message", model: "claude" });
    expect(upstream.requests[0]).toMatchObject({
      path: "/v1/messages",
      key: "sk-ant",
      headers: { "anthropic-beta": "x-2026", "anthropic-version": expect.any(String) },
      body: { ...body, model: "claude-sonnet-4-5" },
    });
    expect(response.headers.get("x-gatewright-dropped")).toBeNull();
  });

  it("stream through with the client's name of the model, and are counted", async () => {
    const { gateway } = await start(
      models(
        { input_cost_per_token: 1e-6, output_cost_per_token: 1e-5 },
        { litellm_settings: { callbacks: ["prometheus"] } },
      ),
    );
    upstream.script = { default: { text: "one two three" } };
    const response = await post(gateway, "/v1/messages", message("claude", { stream: true }));
    const { frames } = await readStream(response.body as ReadableStream<Uint8Array>);
    const events = frames.map((frame) => JSON.parse(frame) as { type: string; message?: { model: string } });
    expect(events[0]?.message?.model).toBe("claude");
    expect(events.at(-1)?.type).toBe("message_stop");
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(/litellm_input_tokens_metric_total\{[^}]*\} 7/.test(metrics)).toBe(true);
    expect(/litellm_output_tokens_metric_total\{[^}]*\} 3/.test(metrics)).toBe(true);
  });

  it("have their tokens counted: by Anthropic, else here, and for nothing", async () => {
    const { gateway } = await start(models({ input_cost_per_token: 1, output_cost_per_token: 1 }));
    const response = await post(gateway, "/v1/messages/count_tokens", message("gpt"));
    const { input_tokens: tokens } = (await response.json()) as { input_tokens: number };
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThan(20);
    expect(response.headers.get("x-litellm-response-cost")).toBe("0");
    expect(upstream.requests).toEqual([]);
  });

  it("and Responses answer from a mock in their own form", async () => {
    const { gateway } = await start({
      model_list: [{ model_name: "m", litellm_params: { model: "openai/m", mock_response: "Hello there" } }],
    });
    const whole = await post(gateway, "/v1/messages", message("m"));
    expect(await whole.json()).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "Hello there" }],
    });
    const streamed = await post(gateway, "/v1/responses", { model: "m", input: "hi", stream: true });
    const { frames } = await readStream(streamed.body as ReadableStream<Uint8Array>);
    expect(JSON.parse(frames.at(-1) ?? "{}")).toMatchObject({
      type: "response.completed",
      response: { status: "completed" },
    });
  });
});

describe("an upstream that greets and then fails", () => {
  it("has said nothing yet, so another deployment may answer", async () => {
    const { gateway } = await start({
      model_list: ["bad", "good"].map((name) => ({
        model_name: "m",
        litellm_params: {
          model: `anthropic/claude-${name}`,
          api_base: upstream.url,
          api_key: "sk-ant",
          order: name === "bad" ? 1 : 2,
        },
      })),
      router_settings: { num_retries: 0 },
    });
    upstream.script = { models: { "claude-bad": { errorAtFrame: 1 }, "claude-good": { text: "well" } } };
    const response = await post(gateway, path, chat("m", { stream: true }));
    const text = await response.text();
    expect(text).toContain("well");
    expect(text).not.toContain("error");
    expect(upstream.requests.map(({ model }) => model)).toEqual(["claude-bad", "claude-good"]);
  });
});

describe("Responses", () => {
  it("are passed to OpenAI, and translated where the document says so", async () => {
    const { gateway } = await start(models());
    await (
      await post(gateway, "/v1/responses", { model: "gpt", input: "hi", previous_response_id: "resp_1" })
    ).text();
    expect(upstream.requests[0]).toMatchObject({
      path: "/v1/responses",
      body: { model: "gpt-4o", input: "hi", previous_response_id: "resp_1" },
    });
    const { gateway: over } = await start(models({ use_chat_completions_api: true }));
    await (await post(over, "/v1/responses", { model: "gpt", input: "hi" })).text();
    expect(upstream.requests[1]?.path).toBe("/v1/chat/completions");
    const refused = await post(over, "/v1/responses", {
      model: "gpt",
      input: "hi",
      previous_response_id: "resp_1",
    });
    expect([refused.status, (await answer(refused)).error.param]).toEqual([400, "previous_response_id"]);
  });
});

describe("what only OpenAI-shaped upstreams have", () => {
  it.each([
    ["/v1/images/generations", { prompt: "a door" }],
    ["/v1/audio/speech", { input: "a", voice: "b" }],
    ["/v1/moderations", { input: "a" }],
    ["/v1/rerank", { query: "a", documents: ["b"] }],
    ["/v1/embeddings", { input: "a" }],
  ])("%s is refused for Anthropic, with the reason", async (route, body) => {
    const { gateway } = await start(models());
    const response = await post(gateway, route, { model: "claude", ...body });
    const { error } = await answer(response);
    expect(response.status).toBe(400);
    expect(error.message).toMatch(/AnthropicException - .+/);
    expect(upstream.requests).toEqual([]);
  });
});

import {
  answer,
  chat,
  chatText,
  type ExampleAnswer,
  exampleGateways,
  post,
  readStream,
  startFakeUpstream,
  type Values,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { SourceError } from "./index.ts";

const upstream = await startFakeUpstream();
const gateways = exampleGateways(upstream);
const { models, start } = gateways;
afterEach(async () => gateways.end());
afterAll(async () => upstream.close());

describe("what goes upstream", () => {
  it("is the client's body, byte for byte, with the deployment's key and none of the client's headers", async () => {
    const { gateway } = await start(models({ name: "gpt-4o" }));
    const body =
      '{ "model":"gpt-4o", "seed": 12345678901234567890, "messages":[{"role":"user","content":"é"}], "unheard_of": {"a":1.0} }';
    const response = await post(gateway, "/v1/chat/completions", body, {
      authorization: "Bearer client",
      cookie: "a=b",
      "x-forwarded-for": "1.2.3.4",
      "openai-beta": "assistants=v2",
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBe(response.headers.get("x-litellm-call-id"));
    const [request] = upstream.requests;
    expect(request?.bodyText).toBe(body);
    expect(request?.path).toBe("/v1/chat/completions");
    expect(request?.headers).toMatchObject({
      authorization: "Bearer sk-upstream",
      "openai-beta": "assistants=v2",
    });
    expect(Object.keys(request?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|forwarded/)]),
    );
  });

  it("tells the client what was called, and repeats its own request id", async () => {
    upstream.script = {
      default: {
        headers: { "x-ratelimit-remaining-requests": "7", "set-cookie": "a=b", "x-request-id": "up" },
      },
    };
    const { gateway } = await start(models({ name: "m", info: { id: "one" } }));
    const ask = async (id: string): Promise<Headers> =>
      (await post(gateway, "/v1/chat/completions", chat("m"), { "x-request-id": id })).headers;
    const headers = Object.fromEntries(await ask("client-1"));
    expect(headers).toMatchObject({
      "x-request-id": "client-1",
      "x-litellm-model-id": "one",
      "x-litellm-model-group": "m",
      "x-litellm-model-api-base": `${upstream.url}/v1`,
      "x-litellm-attempted-retries": "0",
      "x-ratelimit-remaining-requests": "7",
      "llm_provider-x-request-id": expect.any(String),
    });
    expect(headers["set-cookie"]).toBeUndefined();
    expect((await ask("not {fit}")).get("x-request-id")).not.toBe("not {fit}");
  });

  it("names the upstream's model, and the answer the client's", async () => {
    upstream.script = { default: { model: "gpt-4o-2024-08-06" } };
    const { gateway } = await start(models({ name: "fast", model: "openai/gpt-4o" }));
    expect((await answer(await post(gateway, "/v1/chat/completions", chat("fast")))).model).toBe("fast");
    expect(upstream.requests[0]?.model).toBe("gpt-4o");
    const stream = await readStream(
      (await post(gateway, "/chat/completions", chat("fast", { stream: true }))).body ?? emptyBody,
    );
    expect(stream).toMatchObject({ done: true });
    expect(new Set(stream.frames.map((frame) => (JSON.parse(frame) as ExampleAnswer).model))).toEqual(
      new Set(["fast"]),
    );
    expect((await answer(await post(gateway, "/v1/embeddings", { model: "fast", input: "x" }))).model).toBe(
      "fast",
    );
  });

  it("has the fields that are the proxy's own taken out, and the deployment's put in", async () => {
    const { gateway } = await start(
      models({
        name: "m",
        params: {
          temperature: 0.2,
          max_tokens: 7,
          extra_body: { safe: true },
          additional_drop_params: ["logit_bias"],
          enable_thinking: false,
          extra_headers: { "x-team": "a" },
        },
      }),
    );
    await post(
      gateway,
      "/v1/chat/completions",
      chat("m", {
        max_tokens: 3,
        safe: false,
        logit_bias: {},
        num_retries: 1,
        tags: ["a"],
        metadata: { tags: ["x"] },
        cache: {},
      }),
    );
    expect(upstream.requests[0]?.body).toEqual(
      chat("m", { max_tokens: 3, safe: true, temperature: 0.2, enable_thinking: false }),
    );
    expect(upstream.requests[0]?.headers["x-team"]).toBe("a");
    await post(gateway, "/v1/embeddings", { model: "m", input: "x" });
    expect(upstream.requests[1]?.body).toEqual({
      model: "m",
      input: "x",
      safe: true,
      enable_thinking: false,
    });
  });

  it("finds Azure's deployment and key header, and Ollama's /v1 without a key", async () => {
    const { gateway } = await start(
      models(
        { name: "az", model: "azure/gpt-4", params: { api_base: upstream.url, api_version: "2025-01-01" } },
        // agentic-layer names a key for every provider.
        {
          name: "local",
          model: "ollama/llama3.2",
          params: { api_base: upstream.url, api_key: "os.environ/OLLAMA_API_KEY" },
        },
      ),
    );
    await post(gateway, "/openai/deployments/az/chat/completions?api-version=x", { messages: [] });
    await post(gateway, "/v1/chat/completions", chat("local"));
    const [azure, ollama] = upstream.requests;
    expect(azure).toMatchObject({
      path: "/openai/deployments/gpt-4/chat/completions",
      query: expect.stringContaining("api-version=2025-01-01"),
      key: "sk-upstream",
    });
    expect(azure?.headers["authorization"]).toBeUndefined();
    expect(ollama).toMatchObject({ path: "/v1/chat/completions", model: "llama3.2" });
    expect(ollama?.headers["authorization"]).toBeUndefined();
  });

  it("never carries a key of the environment to a host the document names", async () => {
    const variables = { OPENAI_API_KEY: "sk-environment" };
    const { gateway } = await start(models({ name: "m", params: { api_key: undefined } }), variables);
    await post(gateway, "/v1/chat/completions", chat("m"));
    expect(upstream.requests[0]?.headers["authorization"]).toBeUndefined();
    const own = await start(
      { model_list: [{ model_name: "m", litellm_params: { model: "openai/m" } }] },
      { ...variables, OPENAI_API_BASE: upstream.url },
    );
    await post(own.gateway, "/v1/chat/completions", chat("m"));
    expect(upstream.requests[1]?.key).toBe("sk-environment");
  });
});

describe("usage of a stream", () => {
  const options = { stream: true, stream_options: { include_usage: true, other: 1 } };
  it.each([
    { name: "is asked for, and kept from a client that did not", more: { stream: true }, frames: 0 },
    { name: "is the client's when it asks", more: options, frames: 1 },
    {
      name: "is not asked for where the deployment drops the field",
      more: { stream: true },
      params: true,
      frames: 0,
    },
  ])("$name", async ({ more, params, frames }) => {
    const dropped = params === true ? { additional_drop_params: ["stream_options"] } : {};
    const { gateway } = await start(models({ name: "gpt-4o", params: dropped }));
    const response = await post(gateway, "/v1/chat/completions", chat("gpt-4o", more));
    const read = await readStream(response.body as AsyncIterable<Uint8Array>);
    expect(read.frames.filter((frame) => frame.includes('"usage":{'))).toHaveLength(frames);
    expect(chatText(read.frames)).toContain("gpt-4o");
    const sent = upstream.requests.at(-1)?.body as Values;
    expect(sent["stream_options"]).toEqual(
      params === true ? undefined : "stream_options" in more ? more.stream_options : { include_usage: true },
    );
  });
});

describe("names", () => {
  it("serves exact names, aliases, resource names, wildcards and the deployment's own model", async () => {
    const { gateway } = await start({
      ...models(
        { name: "gpt-4o", info: { id: "one" } },
        { name: "team/*", model: "openai/*" },
        { name: "flash", model: "openai/gemini/flash" },
      ),
      router_settings: { model_group_alias: { fast: "gpt-4o", hidden: { model: "gpt-4o", hidden: true } } },
      gatewright: { models: { "my-model": { model_name: "gpt-4o", deployments: ["one"] } } },
    });
    for (const [name, sent] of [
      ["gpt-4o", "gpt-4o"],
      ["fast", "gpt-4o"],
      ["hidden", "gpt-4o"],
      ["my-model", "gpt-4o"],
      ["team/o1", "o1"],
      ["openai/gemini/flash", "gemini/flash"],
    ]) {
      upstream.forget();
      expect((await answer(await post(gateway, "/v1/chat/completions", chat(name ?? "")))).model).toBe(name);
      expect(upstream.requests[0]?.model).toBe(sent);
    }
    const list = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(["gpt-4o", "team/*", "flash", "fast"]);
    expect(await (await fetch(`${gateway.url}/models/team/o1`)).json()).toMatchObject({
      id: "team/o1",
      object: "model",
    });
    expect((await fetch(`${gateway.url}/v1/models/nothing`)).status).toBe(404);
  });

  it("keeps a name of any alphabet out of the headers' way", async () => {
    const { gateway } = await start(models({ name: "*", model: "openai/*" }));
    const response = await post(gateway, "/v1/chat/completions", chat("模型\r\nx-evil: 1"));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-evil")).toBeNull();
    expect((await answer(response)).model).toBe("模型\r\nx-evil: 1");
  });

  it("does not send a key to the provider when the address it belongs to is not set", async () => {
    const { gateway } = await start(
      models({ name: "m", params: { api_base: "os.environ/PRIVATE_HOST" } }, { name: "good" }),
      { OPENAI_API_BASE: upstream.url },
    );
    const { error } = await answer(await post(gateway, "/v1/chat/completions", chat("m")));
    expect(error.message).toContain("its api_base os.environ/PRIVATE_HOST is not set");
    expect(upstream.requests).toHaveLength(0);
  });

  it("survives a model name that is no well-formed text", async () => {
    const { gateway } = await start(models({ name: "*", model: "openai/*" }));
    const body = '{"model":"\\ud800","messages":[{"role":"user","content":"hi"}]}';
    expect((await post(gateway, "/v1/chat/completions", body)).status).toBe(200);
    expect((await post(gateway, "/v1/chat/completions", chat("m"))).status).toBe(200);
  });

  it("leaves out a blocked deployment, also one that is only a mock", async () => {
    const { gateway } = await start(
      models({ name: "m", params: { mock_response: "hi" }, info: { blocked: true } }),
    );
    expect((await post(gateway, "/v1/chat/completions", chat("m"))).status).toBe(429);
  });

  it("excludes the one model that cannot be served and says why", async () => {
    const { gateway } = await start(
      models(
        { name: "good" },
        { name: "keyless", params: { api_key: "os.environ/NOT_SET" } },
        { name: "later", model: "sagemaker/llama" },
        { name: "typo", model: "opena/gpt" },
        { name: "blocked", info: { blocked: true } },
      ),
    );
    expect((await post(gateway, "/v1/chat/completions", chat("good"))).status).toBe(200);
    for (const [name, reason] of [
      ["keyless", "os.environ/NOT_SET is not set"],
      ["later", "not served by the native engine yet"],
      ["typo", "openai"],
      ["blocked", "model_info.blocked"],
    ]) {
      const response = await post(gateway, "/v1/chat/completions", chat(name ?? ""));
      expect(response.status).toBe(429);
      const { error } = await answer(response);
      expect(error.message).toContain("No deployments available for selected model");
      expect(error.message).toContain(reason);
    }
    const list = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(["good"]);
  });
});

describe("refusals", () => {
  it.each([
    ["unknown model", chat("nothing"), 400, "Invalid model name passed in model=nothing"],
    ["no model", { messages: [] }, 400, "Invalid model name passed in model=None"],
    ["no messages", { model: "m" }, 400, "messages"],
    ["bad JSON", '{"model":', 400, "JSON"],
    ["a JSON list", "[]", 400, "JSON"],
    ["an empty body", "", 400, "JSON"],
    ["a host chosen by the client", chat("m", { api_base: "http://evil.example" }), 401, "api_base"],
    ["a key chosen by the client", chat("m", { api_key: "sk-x" }), 401, "api_key"],
    ["too much", chat("m", { padding: "x".repeat(200_000) }), 413, "too large"],
  ] as const)("%s", async (_, body, status, message) => {
    const { gateway } = await start({
      ...models({ name: "m" }),
      general_settings: { max_request_size_mb: 0.1 },
    });
    const response = await post(gateway, "/v1/chat/completions", body);
    expect(response.status).toBe(status);
    const { error } = await answer(response);
    expect(error.message).toContain(message);
    expect(error.code).toBe(String(status));
    expect(upstream.requests).toHaveLength(0);
  });

  it("lets a client that sends too much finish, so that it gets to read why that was too much", async () => {
    const { gateway } = await start({
      ...models({ name: "m" }),
      general_settings: { max_request_size_mb: 0.1 },
    });
    for (const [path, status] of [
      ["/v1/chat/completions", 413],
      ["/v1/nothing", 404],
    ] as const) {
      const response = await fetch(`${gateway.url}${path}`, {
        method: "POST",
        duplex: "half",
        body: new ReadableStream({
          start(controller) {
            for (let part = 0; part < 64; part++) controller.enqueue(new Uint8Array(64 << 10));
            controller.close();
          },
        }),
      } as RequestInit);
      expect(response.status).toBe(status);
    }
  });

  it("answers unknown paths and wrong methods in LiteLLM's form", async () => {
    const { gateway } = await start(models({ name: "m" }));
    const unknown = await fetch(`${gateway.url}/v1/nothing`);
    expect([unknown.status, await unknown.json()]).toEqual([404, { detail: "Not Found" }]);
    const wrong = await fetch(`${gateway.url}/v1/chat/completions`);
    expect([wrong.status, await wrong.json(), wrong.headers.get("allow")]).toEqual([
      405,
      { detail: "Method Not Allowed" },
      "POST",
    ]);
  });

  it.each([
    [
      { error: { status: 429, message: "slow down", retryAfter: 7 } },
      429,
      "litellm.RateLimitError: RateLimitError: OpenAIException - slow down",
    ],
    [{ error: { status: 401, message: "no" } }, 401, "litellm.AuthenticationError"],
    [
      { error: { status: 400, message: "long", code: "context_length_exceeded" } },
      400,
      "litellm.ContextWindowExceededError",
    ],
    [{ error: { status: 503, message: "busy" } }, 503, "litellm.ServiceUnavailableError"],
    [{ cutBeforeHeaders: true }, 500, "litellm.APIConnectionError"],
    [{ cutAtFrame: 1 }, 500, "litellm.APIConnectionError"],
    [{ garbage: "html" as const }, 500, "litellm.APIError"],
    [{ garbage: "empty" as const }, 500, "litellm.APIError"],
    [{ garbage: "truncated" as const }, 500, "litellm.APIError"],
    [{ stallBeforeHeaders: true }, 408, "litellm.Timeout"],
  ])("an upstream that does %j", async (behaviour, status, message) => {
    upstream.script = { default: behaviour };
    const { gateway } = await start(models({ name: "m", params: { timeout: 0.3 } }));
    const response = await post(gateway, "/v1/chat/completions", chat("m"));
    expect(response.status).toBe(status);
    const { error } = await answer(response);
    expect(error.message).toContain(message);
    expect(error.message).toContain("Received Model Group=m");
    expect(error.message).not.toMatch(/\.ts:|node_modules|at Object/);
    if (status === 429) expect(response.headers.get("retry-after")).toBe("7");
    expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject({
      healthy_count: 0,
      unhealthy_count: 1,
    });
  });

  it("an upstream that nobody listens at", async () => {
    const { gateway } = await start(models({ name: "m", params: { api_base: "http://127.0.0.1:1/v1" } }));
    const response = await post(gateway, "/v1/chat/completions", chat("m"));
    expect([response.status, (await answer(response)).error.message]).toEqual([
      500,
      expect.stringContaining("ECONNREFUSED"),
    ]);
  });
});

describe("streams", () => {
  it("ends with one error frame when the upstream breaks off, and nothing is made up", async () => {
    upstream.script = { default: { frames: 10, interval: 10, cutAtFrame: 4 } };
    const { gateway } = await start(models({ name: "m" }));
    const stream = await readStream(
      (await post(gateway, "/v1/chat/completions", chat("m", { stream: true }))).body ?? emptyBody,
    );
    expect(stream.done).toBe(false);
    // The frame written last may die with the connection; no other may, and none is added but the error.
    expect([4, 5]).toContain(stream.frames.length);
    expect(JSON.parse(stream.frames.at(-1) ?? "")).toMatchObject({
      error: { code: "500", message: expect.stringContaining("APIConnectionError") },
    });
  });

  it("gives a plain error, with its status, for what goes wrong before the first frame", async () => {
    const { gateway } = await start({
      ...models({ name: "m", params: { stream_timeout: 0.2 } }),
      router_settings: { num_retries: 0, disable_cooldowns: true },
    });
    upstream.script = { default: { error: { status: 429 } } };
    expect((await post(gateway, "/v1/chat/completions", chat("m", { stream: true }))).status).toBe(429);
    upstream.script = { default: { stallAtFrame: 0 } };
    expect((await post(gateway, "/v1/chat/completions", chat("m", { stream: true }))).status).toBe(408);
    upstream.script = { default: { errorAtFrame: 0 } };
    const failed = await post(gateway, "/v1/chat/completions", chat("m", { stream: true }));
    expect([failed.status, (await answer(failed)).error.message]).toEqual([
      500,
      expect.stringContaining("OpenAIException - fake error in the stream"),
    ]);
  });

  it("gives up on a stream that has fallen silent", async () => {
    upstream.script = { default: { stallAtFrame: 2 } };
    const { gateway } = await start({
      ...models({ name: "m" }),
      gatewright: { timeouts: { stream_idle_seconds: 0.2 } },
    });
    const stream = await readStream(
      (await post(gateway, "/v1/chat/completions", chat("m", { stream: true }))).body ?? emptyBody,
    );
    expect(stream.frames).toHaveLength(3);
    expect(JSON.parse(stream.frames[2] ?? "")).toMatchObject({ error: { code: "408" } });
    await waitFor("the upstream to see the end", () => upstream.requests[0]?.state === "aborted");
  });

  it("lets the upstream know when the client leaves", async () => {
    upstream.script = { default: { frames: 1000, interval: 20 } };
    const { gateway } = await start(models({ name: "m" }));
    const controller = new AbortController();
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify(chat("m", { stream: true })),
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    controller.abort();
    await waitFor("the upstream to see the end", () => upstream.requests[0]?.state === "aborted");
  });

  it("passes frames on as they come, cut anywhere", async () => {
    upstream.script = { default: { model: "dated", text: "grüße 世界", drip: { bytes: 7, interval: 1 } } };
    const { gateway } = await start(models({ name: "m" }));
    const stream = await readStream(
      (await post(gateway, "/v1/chat/completions", chat("m", { stream: true }))).body ?? emptyBody,
    );
    expect(stream.done).toBe(true);
    expect(chatText(stream.frames)).toBe("grüße 世界");
  });
});

describe("mocks", () => {
  it("answers with text, a whole answer, tool calls, vectors, streams and errors", async () => {
    const { gateway } = await start({
      model_list: [
        {
          model_name: "mock",
          litellm_params: { model: "openai/mock", mock_response: "Hello there, friend" },
        },
      ],
    });
    const plain = await (await post(gateway, "/v1/chat/completions", chat("mock"))).json();
    expect(plain).toMatchObject({
      object: "chat.completion",
      model: "mock",
      usage: { total_tokens: 30 },
      choices: [{ message: { content: "Hello there, friend" } }],
    });
    const stream = await readStream(
      (
        await post(
          gateway,
          "/v1/chat/completions",
          chat("mock", { stream: true, stream_options: { include_usage: true } }),
        )
      ).body ?? emptyBody,
    );
    expect(chatText(stream.frames)).toBe("Hello there, friend");
    expect(JSON.parse(stream.frames.at(-1) ?? "")).toMatchObject({ usage: { prompt_tokens: 10 } });
    expect(
      await (await post(gateway, "/v1/completions", { model: "mock", prompt: "x" })).json(),
    ).toMatchObject({ choices: [{ text: "Hello there, friend" }] });
    expect(
      await (await post(gateway, "/v1/embeddings", { model: "mock", input: ["a", "b"] })).json(),
    ).toMatchObject({ data: [{ index: 0 }, { index: 1 }] });
    expect(
      await (
        await post(gateway, "/v1/chat/completions", chat("mock", { mock_response: { id: "x", choices: [] } }))
      ).json(),
    ).toEqual({ id: "x", choices: [], model: "mock" });
    expect(
      (await post(gateway, "/v1/chat/completions", chat("mock", { mock_response: "litellm.RateLimitError" })))
        .status,
    ).toBe(429);
    expect(
      (await post(gateway, "/v1/chat/completions", chat("mock", { mock_timeout: true, timeout: 0.05 })))
        .status,
    ).toBe(408);
    expect(upstream.requests).toHaveLength(0);
  });
});

describe("change", () => {
  it("serves a new document at once, lets open streams finish on the old one, and keeps the last good one", async () => {
    upstream.script = { default: { frames: 30, interval: 10 } };
    const test = await start(models({ name: "old" }));
    const { gateway } = test;
    const open = await post(gateway, "/v1/chat/completions", chat("old", { stream: true }));
    test.document = models({ name: "new" });
    await gateway.reload();
    expect((await post(gateway, "/v1/chat/completions", chat("old"))).status).toBe(400);
    expect((await post(gateway, "/v1/chat/completions", chat("new"))).status).toBe(200);
    test.document = new SourceError(["config.yaml:3 model_list: broken"]);
    await gateway.reload();
    expect((await post(gateway, "/v1/chat/completions", chat("new"))).status).toBe(200);
    const readiness = (await (await fetch(`${gateway.url}/health/readiness`)).json()) as {
      config_problems: string[];
    };
    expect(readiness.config_problems).toEqual(["config.yaml:3 model_list: broken"]);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain("gatewright_config_last_reload_successful 0");
    expect(metrics).toContain("gatewright_config_reload_failures_total 1");
    const stream = await readStream(open.body ?? emptyBody);
    expect(stream.done).toBe(true);
    expect(new Set(stream.frames.map((frame) => (JSON.parse(frame) as ExampleAnswer).model))).toEqual(
      new Set(["old"]),
    );
  });

  it("refuses a document that asks for protection it cannot give, unless that is allowed by name", async () => {
    const guarded = { ...models({ name: "m" }), general_settings: { allowed_ips: ["10.0.0.1"] } };
    await expect(start(guarded)).rejects.toThrow("allowed_ips");
    const { gateway } = await start({
      ...guarded,
      gatewright: { allow_unsupported: ["general_settings.allowed_ips"] },
    });
    expect((await post(gateway, "/v1/chat/completions", chat("m"))).status).toBe(200);
  });
});

describe("the end", () => {
  it("says so on readiness, lets open streams finish, and only then closes", async () => {
    upstream.script = { default: { frames: 20, interval: 20 } };
    const { gateway } = await start(models({ name: "m" }), {}, 30);
    const open = await post(gateway, "/v1/chat/completions", chat("m", { stream: true }));
    const closed = gateway.close();
    expect((await fetch(`${gateway.url}/health/readiness`)).status).toBe(503);
    expect((await readStream(open.body ?? emptyBody)).done).toBe(true);
    await closed;
    await expect(fetch(`${gateway.url}/health/readiness`)).rejects.toThrow();
  });

  it("cuts what is still open when the drain time is over", async () => {
    upstream.script = { default: { frames: 100_000, interval: 20 } };
    const { gateway } = await start(models({ name: "m" }), {}, 0.1);
    const open = await post(gateway, "/v1/chat/completions", chat("m", { stream: true }));
    await gateway.close();
    expect((await readStream(open.body ?? emptyBody)).done).toBe(false);
  });
});

const emptyBody = (async function* () {})();

import {
  answer,
  chat,
  type ExampleModel,
  exampleGateways,
  post,
  readStream,
  startFakeUpstream,
  startRedis,
  type Values,
  waitFor,
  withoutRedis,
} from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";

const upstream = await startFakeUpstream();
const gateways = exampleGateways(upstream);
const { models, start } = gateways;
afterEach(async () => gateways.end());
afterAll(async () => upstream.close());

const quick = { num_retries: 0 };
const key = (one: string): { readonly authorization: string } => ({ authorization: `Bearer ${one}` });

/** A key of the document for each of these settings. */
function keys(settings: { readonly [name: string]: Values }): Values {
  return {
    keys: Object.entries(settings).map(([name, more]) => ({ key: `sk-${name}`, key_alias: name, ...more })),
  };
}

describe("a customer's region", () => {
  it("keeps its requests there, also for fallbacks, and refuses them where nobody is", async () => {
    const inRegion = (name: string, model: string, region_name: string): ExampleModel => ({
      name,
      model: `openai/${model}`,
      params: { region_name },
    });
    const { gateway } = await start({
      ...models(
        inRegion("m", "in-us", "us-east-1"),
        inRegion("m", "in-eu", "eu-west-1"),
        inRegion("far", "in-us", "us-east-1"),
        inRegion("near", "in-eu", "europe-west4"),
      ),
      router_settings: { ...quick, fallbacks: [{ far: ["near"] }] },
      gatewright: { customers: [{ user_id: "acme", allowed_model_region: "eu" }, { user_id: "globex" }] },
    });
    const served = async (model: string, user: string): Promise<string> => {
      const before = upstream.requests.length;
      const response = await post(gateway, "/v1/chat/completions", chat(model, { user }));
      await response.text();
      return `${response.status} ${upstream.requests
        .slice(before)
        .map((request) => request.model)
        .join()}`;
    };
    for (let round = 0; round < 12; round++) expect(await served("m", "acme")).toBe("200 in-eu");
    expect(await served("far", "acme")).toBe("200 in-eu");
    expect(await served("far", "globex")).toBe("200 in-us");
    const refused = await post(
      gateway,
      "/v1/chat/completions",
      chat("far", { user: "acme", disable_fallbacks: true }),
    );
    expect([refused.status, JSON.stringify(await refused.json())]).toEqual([
      429,
      expect.stringContaining("eu"),
    ]);
  });
});

describe("a deployment that fails", () => {
  it("is called again, and the answer says how often", async () => {
    upstream.script = { models: { bad: { error: { status: 503 } } } };
    const price = (one: number): Values => ({ input_cost_per_token: one, output_cost_per_token: one });
    const { gateway } = await start({
      ...models(
        { name: "m", model: "openai/bad", params: price(1e-9) },
        { name: "m", model: "openai/good", params: price(1e-6) },
      ),
      router_settings: { num_retries: 3, routing_strategy: "cost-based-routing" },
    });
    const retries: (string | null)[] = [];
    for (let round = 0; round < 4; round++) {
      const response = await post(gateway, "/v1/chat/completions", chat("m"));
      expect([response.status, (await answer(response)).model]).toEqual([200, "m"]);
      retries.push(response.headers.get("x-litellm-attempted-retries"));
    }
    expect(upstream.requests.filter(({ model }) => model === "good")).toHaveLength(4);
    expect(retries).toEqual(["1", "1", "1", "1"]);
  });

  it("hands over to the fallback, whose own name the answer has", async () => {
    upstream.script = { models: { bad: { error: { status: 500 } } } };
    const { gateway } = await start({
      ...models({ name: "m", model: "openai/bad" }, { name: "spare", model: "openai/good" }),
      router_settings: { ...quick, fallbacks: [{ m: ["spare"] }] },
    });
    for (const more of [{}, { stream: true }]) {
      const response = await post(gateway, "/v1/chat/completions", chat("m", more));
      expect(response.headers.get("x-litellm-attempted-fallbacks")).toBe("1");
      expect(response.headers.get("x-litellm-model-group")).toBe("spare");
      expect(await response.text()).toContain('"model":"good"');
    }
    expect((await post(gateway, "/v1/chat/completions", chat("m", { disable_fallbacks: true }))).status).toBe(
      500,
    );
  });

  it("is not asked again once the client has seen a part", async () => {
    upstream.script = { models: { bad: { frames: 6, cutAtFrame: 3 } } };
    const { gateway } = await start({
      ...models({ name: "m", model: "openai/bad" }, { name: "spare", model: "openai/good" }),
      router_settings: { num_retries: 2, fallbacks: [{ m: ["spare"] }] },
    });
    const response = await post(gateway, "/v1/chat/completions", chat("m", { stream: true }));
    const read = await readStream(response.body as AsyncIterable<Uint8Array>);
    expect(read.done).toBe(false);
    expect(upstream.requests.map(({ model }) => model)).toEqual(["bad"]);
  });

  it("stands in for a name nobody serves only where default_fallbacks say so", async () => {
    const { gateway } = await start({
      ...models({ name: "spare" }),
      router_settings: { default_fallbacks: ["spare"] },
    });
    const response = await post(gateway, "/v1/chat/completions", chat("unheard-of"));
    expect([response.status, response.headers.get("x-litellm-model-group")]).toEqual([200, "spare"]);
  });

  it("does not let a client fall back to a model its key may not use", async () => {
    const { gateway } = await start({
      ...models({ name: "m" }, { name: "secret" }),
      gatewright: keys({ a: { models: ["m"] } }),
    });
    const body = chat("m", { fallbacks: ["secret"] });
    const response = await post(gateway, "/v1/chat/completions", body, key("sk-a"));
    expect([response.status, (await answer(response)).error.type]).toEqual([403, "key_model_access_denied"]);
    expect(upstream.requests).toEqual([]);
  });
});

it("lets no connection field in through a client's own fallback", async () => {
  upstream.script = { models: { bad: { error: { status: 500 } } } };
  const { gateway } = await start({
    ...models({ name: "m", model: "openai/bad" }, { name: "spare" }),
    router_settings: quick,
  });
  const body = chat("m", { fallbacks: [{ model: "spare", api_base: "http://127.0.0.1:1" }] });
  const response = await post(gateway, "/v1/chat/completions", body);
  expect([response.status, (await answer(response)).error.message]).toEqual([
    401,
    expect.stringContaining("api_base is not allowed"),
  ]);
  expect(upstream.requests).toEqual([]);
});

describe("limits", () => {
  it("let a key's requests through up to its limit, tell what is left, and answer 429 with the header set", async () => {
    const { gateway } = await start({
      ...models({ name: "m" }),
      gatewright: keys({ a: { rpm_limit: 2, tpm_limit: 100_000 }, b: {} }),
    });
    const left: (string | null)[] = [];
    for (let round = 0; round < 2; round++) {
      const response = await post(gateway, "/v1/chat/completions", chat("m"), key("sk-a"));
      expect(response.status).toBe(200);
      left.push(response.headers.get("x-ratelimit-api_key-remaining-requests"));
      await response.text();
    }
    expect(left).toEqual(["1", "0"]);
    const refused = await post(gateway, "/v1/chat/completions", chat("m"), key("sk-a"));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("rate_limit_type")).toBe("requests");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await answer(refused)).error.message).toContain("Rate limit exceeded for api_key");
    expect((await post(gateway, "/v1/chat/completions", chat("m"), key("sk-b"))).status).toBe(200);
    expect(upstream.requests).toHaveLength(3);
  });

  it("charge the tokens that were used, not those that were expected", async () => {
    const { gateway } = await start({
      ...models({ name: "m", params: { mock_response: "hello" } }),
      gatewright: keys({ a: { tpm_limit: 2_000 } }),
    });
    const left: number[] = [];
    for (let round = 0; round < 2; round++) {
      const body = chat("m", { max_tokens: 1_500 });
      const response = await post(gateway, "/v1/chat/completions", body, key("sk-a"));
      await response.text();
      left.push(Number(response.headers.get("x-ratelimit-api_key-remaining-tokens")));
    }
    // 1,500 and some for the prompt are set aside for each; of the first, 30 were used.
    expect([left[0] ?? 0, (left[0] ?? 0) - (left[1] ?? 0)]).toEqual([expect.closeTo(480, -1), 30]);
  });

  it("make a model's requests wait for a slot instead of refusing them", async () => {
    upstream.script = { default: { delay: 50 } };
    const { gateway } = await start({
      ...models({ name: "m" }),
      gatewright: { limits: [{ name: "one", model: "m", parallel_requests: 1 }] },
    });
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => post(gateway, "/v1/chat/completions", chat("m"))),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const calls = upstream.requests.toSorted((a, b) => a.startedAt - b.startedAt);
    for (const [index, { endedAt = 0 }] of calls.slice(0, -1).entries())
      expect(calls[index + 1]?.startedAt).toBeGreaterThanOrEqual(endedAt);
  });

  it.skipIf(withoutRedis() !== undefined)(
    "are shared by gateways through Redis, also when it goes and comes back",
    async () => {
      await using redis = await startRedis();
      const document = {
        ...models({ name: "m" }),
        router_settings: { redis_url: redis.url },
        gatewright: keys({ a: { rpm_limit: 3 } }),
      };
      const both = [await start(document), await start(document)];
      await waitFor("both to have found Redis", async () => {
        const texts = await Promise.all(
          both.map(async ({ gateway }) => (await fetch(`${gateway.url}/metrics`)).text()),
        );
        return texts.every((text) => text.includes("\ngatewright_redis_up 1\n"));
      });
      const statuses: number[] = [];
      for (let round = 0; round < 6; round++) {
        const { gateway } = both[round % 2] ?? expect.fail();
        const response = await post(gateway, "/v1/chat/completions", chat("m"), key("sk-a"));
        await response.text();
        statuses.push(response.status);
      }
      expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
      await redis.kill();
      const { gateway } = both[0] ?? expect.fail();
      const alone = await post(gateway, "/v1/chat/completions", chat("m"), key("sk-a"));
      expect(alone.status).toBe(200);
    },
  );
});

describe("budgets", () => {
  it("end a key's spending, and route around a deployment whose own is used up", async () => {
    const price = { input_cost_per_token: 0.01, output_cost_per_token: 0.01 };
    const { gateway } = await start({
      ...models(
        {
          name: "m",
          params: { ...price, mock_response: "a", max_budget: 0.2, budget_duration: "1d", order: 1 },
        },
        { name: "m", params: { ...price, mock_response: "b", order: 2 } },
      ),
      router_settings: quick,
      gatewright: keys({ a: { max_budget: 0.7 } }),
    });
    const said: string[] = [];
    for (let round = 0; round < 4; round++) {
      const response = await post(gateway, "/v1/chat/completions", chat("m", { max_tokens: 1 }), key("sk-a"));
      const text = await response.text();
      said.push(
        /"content":"(\w)"/.exec(text)?.[1] ?? `${response.status} ${/"type":"(\w+)"/.exec(text)?.[1]}`,
      );
    }
    // 30 tokens at a cent each: the first deployment may be called once, the key three times.
    expect(said).toEqual(["a", "b", "b", "429 budget_exceeded"]);
  });
});

describe("the cache", () => {
  it("answers the same request without the upstream, also as a stream, and says so", async () => {
    const { gateway } = await start({ ...models({ name: "m" }), litellm_settings: { cache: true } });
    for (const more of [{}, { stream: true }]) {
      const first = await post(gateway, "/v1/chat/completions", chat("m", more));
      const text = await first.text();
      const second = await post(gateway, "/v1/chat/completions", chat("m", more));
      expect(await second.text()).toBe(text);
      expect([first, second].map(({ headers }) => headers.has("x-litellm-cache-key"))).toEqual([false, true]);
    }
    expect(upstream.requests).toHaveLength(2);
    const fresh = await post(gateway, "/v1/chat/completions", chat("m", { cache: { "no-cache": true } }));
    expect([fresh.status, upstream.requests.length]).toEqual([200, 3]);
  });
});

describe("what is told", () => {
  const documentOf = (): Values => ({
    ...models({ name: "m", model: "openai/gpt-4o-mini" }),
    general_settings: { master_key: "sk-master" },
    gatewright: keys({ a: {} }),
  });

  it("cost in the header, spend and tokens in the metrics, never the key", async () => {
    const { gateway } = await start(documentOf());
    const response = await post(gateway, "/v1/chat/completions", chat("m"), key("sk-a"));
    await response.text();
    expect(Number(response.headers.get("x-litellm-response-cost"))).toBeGreaterThan(0);
    const metrics = await waitFor("the request to be counted", async () => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return text.includes("litellm_spend_metric_total") ? text : undefined;
    });
    expect(metrics).toMatch(/litellm_total_tokens_metric_total\{[^}]*api_key_alias="a"[^}]*\} [1-9]/);
    expect(metrics).not.toContain("sk-a");
  });

  it("what a provider's discount made of the cost", async () => {
    const { gateway } = await start({
      ...models({
        name: "m",
        params: { mock_response: "a", input_cost_per_token: 0.01, output_cost_per_token: 0.01 },
      }),
      litellm_settings: { cost_discount_config: { openai: 0.5 } },
    });
    const { headers } = await post(gateway, "/v1/chat/completions", chat("m"));
    const told = (name: string): number => Number(headers.get(`x-litellm-response-cost${name}`));
    expect([told(""), told("-original"), told("-discount-amount")]).toEqual([0.15, 0.3, 0.15]);
  });

  it("how a request came about, to the master key alone", async () => {
    upstream.script = { default: { error: { status: 503 } } };
    const { gateway } = await start({ ...documentOf(), router_settings: { num_retries: 1, retry_after: 0 } });
    const failed = await post(gateway, "/v1/chat/completions", chat("m"), {
      ...key("sk-a"),
      "x-request-id": "mine",
    });
    expect(failed.status).toBe(503);
    await failed.text();
    const url = `${gateway.url}/gatewright/requests/mine`;
    expect((await fetch(url, { headers: key("sk-a") })).status).toBe(403);
    const record = await waitFor("the record", async () => {
      const found = await fetch(url, { headers: key("sk-master") });
      return found.status === 200 ? ((await found.json()) as Values) : undefined;
    });
    expect(record).toMatchObject({
      status: 503,
      caller: { kind: "key", key_alias: "a" },
      attempts: [{ failure: { status: 503 } }, { kind: "retry", failure: { status: 503 } }],
    });
    upstream.script = {};
    const explained = await post(gateway, "/v1/chat/completions", chat("m"), {
      ...key("sk-master"),
      "x-gatewright-explain": "true",
    });
    const header = JSON.parse(explained.headers.get("x-gatewright-explain") ?? "null") as Values;
    expect(header).toMatchObject({ routing: { group: "m", choices: [{ strategy: "simple-shuffle" }] } });
  });
});

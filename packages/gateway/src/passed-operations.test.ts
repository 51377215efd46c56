import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exampleGateways, post, startFakeUpstream } from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";

/** An upstream that answers everything with what `answer` holds, and keeps what it was asked. */
const asked: { path: string; body: { readonly [field: string]: unknown } }[] = [];
let answer: object = {};
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = JSON.parse(Buffer.concat(parts).toString()) as (typeof asked)[number]["body"];
    asked.push({ path: request.url ?? "", body });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

const unused = await startFakeUpstream();
const gateways = exampleGateways(unused);
afterEach(async () => {
  asked.length = 0;
  await gateways.end();
});
afterAll(async () => {
  server.closeAllConnections();
  await Promise.all([new Promise((resolve) => server.close(resolve)), unused.close()]);
});

async function start(model_name: string, litellm_params: object, general_settings: object = {}) {
  const params = { api_base: base, api_key: "sk-upstream", ...litellm_params };
  const { gateway } = await gateways.start({
    model_list: [{ model_name, litellm_params: params }],
    general_settings,
  });
  return gateway;
}

describe("operations that are only passed", () => {
  it("makes images, and charges for each", async () => {
    const gateway = await start("draw", { model: "openai/gpt-image-1", output_cost_per_image: 0.04 });
    answer = { created: 1, data: [{ b64_json: "AA" }, { b64_json: "BB" }] };
    const response = await post(gateway, "/v1/images/generations", { model: "draw", prompt: "a door", n: 2 });
    expect([response.status, await response.json()]).toEqual([200, answer]);
    expect(asked).toEqual([
      { path: "/v1/images/generations", body: { model: "gpt-image-1", prompt: "a door", n: 2 } },
    ]);
    expect(Number(response.headers.get("x-litellm-response-cost"))).toBeCloseTo(0.08, 10);
  });

  it("moderates without a model's name, and with the document's own", async () => {
    const gateway = await start("omni-moderation-latest", { model: "openai/omni-moderation-latest" });
    answer = { id: "modr-1", model: "omni-moderation-latest", results: [{ flagged: false }] };
    const response = await post(gateway, "/v1/moderations", { input: "hi" });
    expect([response.status, await response.json()]).toEqual([200, answer]);
    const own = await start("mine", { model: "openai/other" }, { moderation_model: "mine" });
    await (await post(own, "/moderations", { input: "hi", model: "anything" })).text();
    expect(asked.map(({ body }) => body["model"] ?? "none")).toEqual(["omni-moderation-latest", "other"]);
  });

  it("reranks where a provider does", async () => {
    const gateway = await start("rank", { model: "hosted_vllm/bge", input_cost_per_query: 0.002 });
    answer = { id: "r", results: [{ index: 0, relevance_score: 0.9 }] };
    const body = { model: "rank", query: "doors", documents: ["a", "b"], top_n: 1 };
    for (const path of ["/rerank", "/v1/rerank", "/v2/rerank"]) {
      const response = await post(gateway, path, body);
      expect([response.status, await response.json()]).toEqual([200, answer]);
      expect(Number(response.headers.get("x-litellm-response-cost"))).toBeCloseTo(0.002, 10);
    }
    expect(asked.map(({ path, body: { model } }) => [path, model])).toEqual(
      Array.from({ length: 3 }, () => ["/v1/rerank", "bge"]),
    );
  });
});

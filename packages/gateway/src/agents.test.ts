import { createHmac } from "node:crypto";
import {
  answer,
  chat,
  type ExampleGateway,
  exampleGateways,
  post,
  startFakeUpstream,
  type Values,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";

const upstream = await startFakeUpstream();
const gateways = exampleGateways(upstream);
const { models, start } = gateways;
afterEach(async () => gateways.end());
afterAll(async () => upstream.close());

const secret = "s3cret";
const price = { input_cost_per_token: 0.001, output_cost_per_token: 0.001, mock_response: "hello" };

/** The key of the agent with this id (langop.md §3.4). */
function keyOf(id: string): { readonly authorization: string } {
  const signature = createHmac("sha256", secret).update(id).digest("hex").slice(0, 32);
  return { authorization: `Bearer sk-langop-${id}.${signature}` };
}

function document(limits: readonly Values[]): Values {
  return {
    ...models({ name: "m", params: price }, { name: "openai/*", params: price }),
    gatewright: {
      requires: ["agent-limits"],
      agent_keys: { secret: "os.environ/HMAC" },
      agents: [
        { id: "uid-r", name: "researcher" },
        { id: "uid-w", name: "writer" },
      ],
      limits,
    },
  };
}

async function startWith(...limits: readonly Values[]): Promise<ExampleGateway> {
  return start(document(limits), { HMAC: secret, LITELLM_MASTER_KEY: "sk-master" });
}

async function ask({ gateway }: ExampleGateway, id: string, model = "m"): Promise<Response> {
  const response = await post(gateway, "/v1/chat/completions", chat(model), keyOf(id));
  return new Response(await response.text(), { status: response.status, headers: response.headers });
}

/** The lines of these metrics, once `last` is among them. */
async function scrape({ gateway }: ExampleGateway, names: RegExp, last: string): Promise<readonly string[]> {
  return waitFor(last, async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return text.includes(`${last}\n`) ? text.split("\n").filter((line) => names.test(line)) : undefined;
  });
}

describe("the limit of an agent", () => {
  it("refuses that agent by its name, and nobody else", async () => {
    const running = await startWith({ name: "researcher", agent: "uid-r", requests_per_minute: 1 });
    expect((await ask(running, "uid-r")).status).toBe(200);
    const refused = await ask(running, "uid-r", "openai/gpt-4o");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(10);
    expect((await answer(refused)).error.message).toContain("Rate limit exceeded for agent: researcher.");
    const others = ["uid-w", "uid-w", "uid-unlisted", "uid-unlisted"];
    for (const id of others) expect((await ask(running, id)).status, id).toBe(200);
    const master = { authorization: "Bearer sk-master" };
    for (let round = 0; round < 2; round++)
      expect((await post(running.gateway, "/v1/chat/completions", chat("m"), master)).status).toBe(200);
    const hits = await scrape(
      running,
      /^gatewright_limit_hits_total\{/,
      'gatewright_limit_hits_total{limit="researcher",subject="agent",type="requests"} 1',
    );
    expect(hits).toHaveLength(1);
  });

  it("tells what is left of it, and lets more through as soon as the document says so", async () => {
    const limit = { name: "researcher", agent: "uid-r", requests_per_minute: 1 };
    const running = await startWith(limit);
    expect((await ask(running, "uid-r")).headers.get("x-ratelimit-agent-remaining-requests")).toBe("0");
    running.document = document([{ ...limit, requests_per_minute: 2 }]);
    await running.gateway.reload();
    expect([(await ask(running, "uid-r")).status, (await ask(running, "uid-r")).status]).toEqual([200, 429]);
  });

  it("of no requests at all stops the agent", async () => {
    const running = await startWith({ name: "researcher", agent: "uid-r", requests_per_minute: 0 });
    expect([(await ask(running, "uid-r")).status, (await ask(running, "uid-w")).status]).toEqual([429, 200]);
  });
});

it("counts requests, tokens and spend of agents by name and model, unlisted ones together, others not at all", async () => {
  const running = await startWith({ name: "writer", agent: "uid-w", requests_per_minute: 1 });
  const master = { authorization: "Bearer sk-master" };
  await (await post(running.gateway, "/v1/chat/completions", chat("m"), master)).text();
  for (const [id, model] of [
    ["uid-r", "m"],
    ["uid-r", "openai/a-name-of-the-client"],
    ["uid-x", "m"],
    ["uid-y", "m"],
    ["uid-w", "m"],
    ["uid-w", "m"],
    ["uid-r", "unheard-of"],
  ] as const)
    await ask(running, id, model);
  const last = 'gatewright_agent_requests_total{agent="researcher",model="None",status="400"} 1';
  const lines = await scrape(running, /^gatewright_agent_(requests|tokens|spend)\w*\{/, last);
  // 10 tokens of the prompt and 20 of the answer, each a tenth of a cent.
  expect(lines.filter((line) => !line.includes('"None"')).toSorted()).toEqual([
    'gatewright_agent_requests_total{agent="other",model="m",status="200"} 2',
    'gatewright_agent_requests_total{agent="researcher",model="m",status="200"} 1',
    'gatewright_agent_requests_total{agent="researcher",model="openai/*",status="200"} 1',
    'gatewright_agent_requests_total{agent="writer",model="m",status="200"} 1',
    'gatewright_agent_requests_total{agent="writer",model="m",status="429"} 1',
    'gatewright_agent_spend_dollars_total{agent="other",model="m"} 0.06',
    'gatewright_agent_spend_dollars_total{agent="researcher",model="m"} 0.03',
    'gatewright_agent_spend_dollars_total{agent="researcher",model="openai/*"} 0.03',
    'gatewright_agent_spend_dollars_total{agent="writer",model="m"} 0.03',
    'gatewright_agent_tokens_total{agent="other",model="m",kind="input"} 20',
    'gatewright_agent_tokens_total{agent="other",model="m",kind="output"} 40',
    'gatewright_agent_tokens_total{agent="researcher",model="m",kind="input"} 10',
    'gatewright_agent_tokens_total{agent="researcher",model="m",kind="output"} 20',
    'gatewright_agent_tokens_total{agent="researcher",model="openai/*",kind="input"} 10',
    'gatewright_agent_tokens_total{agent="researcher",model="openai/*",kind="output"} 20',
    'gatewright_agent_tokens_total{agent="writer",model="m",kind="input"} 10',
    'gatewright_agent_tokens_total{agent="writer",model="m",kind="output"} 20',
  ]);
});

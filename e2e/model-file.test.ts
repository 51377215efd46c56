import { freePort, startFakeUpstream, temporaryFolder, type Values } from "@gatewright/testkit";
import { afterAll, expect, test } from "vitest";
import { run } from "./bundle.ts";

/*
 * What langop's users are promised of one model (langop.md §4.2) from its model file alone, as the container reads it:
 * no document, no cluster.
 */

const east = await startFakeUpstream();
const west = await startFakeUpstream();
const folder = await temporaryFolder();
const running: ReturnType<typeof run>[] = [];
afterAll(async () => {
  for (const one of running) await one.stop();
  await Promise.all([east.close(), west.close(), folder[Symbol.asyncDispose]()]);
});

/** Serves one LanguageModel; gives what asks it for a chat. */
async function model(name: string, spec: Values): Promise<(content: string) => Promise<Response>> {
  const port = await freePort();
  const file = await folder.write(
    `${name}.json`,
    JSON.stringify({ provider: "openai-compatible", modelName: "m", ...spec }),
  );
  const started = run([
    "gateway",
    ...["--models", `${folder.path}/none`, "--model-json", file, "--secrets", folder.path],
    ...["--host", "127.0.0.1", "--port", String(port)],
  ]);
  running.push(started);
  await started.line(/gateway serves/);
  return async (content) =>
    fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
    });
}

const endpoints = {
  strategy: "round-robin",
  endpoints: [
    { url: `${east.url}/v1`, region: "east", priority: 1 },
    { url: `${west.url}/v1`, region: "west", priority: 1 },
  ],
};

test("endpoints take turns, share one limit, and the answer says what it cost", async () => {
  const ask = await model("shared", {
    loadBalancing: endpoints,
    rateLimits: { requestsPerMinute: 4 },
    costTracking: { enabled: true, currency: "USD", inputTokenCost: 0.03, outputTokenCost: 0.06 },
  });
  const answers: Response[] = [];
  for (let round = 0; round < 5; round++) answers.push(await ask(`question ${round}`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
  expect([east.requests.length, west.requests.length]).toEqual([2, 2]);
  expect(Number(answers[0]?.headers.get("x-litellm-response-cost"))).toBeGreaterThan(0);
  const wait = Number(answers[4]?.headers.get("retry-after"));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
});

test("a failing endpoint is tried again elsewhere, by the model's own retry policy", async () => {
  east.script = { default: { error: { status: 503 } } };
  const ask = await model("retried", {
    loadBalancing: endpoints,
    retryPolicy: { maxAttempts: 2, initialBackoff: "50ms", maxBackoff: "100ms" },
  });
  for (let round = 0; round < 4; round++) expect((await ask(`question ${round}`)).status).toBe(200);
  east.script = {};
});

test("answers are kept for as long as the model says", async () => {
  const ask = await model("kept", { endpoint: `${east.url}/v1`, caching: { enabled: true, ttl: "5m" } });
  east.forget();
  const first = await (await ask("the same")).text();
  const second = await ask("the same");
  expect([await second.text(), second.headers.has("x-litellm-cache-key")]).toEqual([first, true]);
  expect(east.requests).toHaveLength(1);
});

test("only so many requests run at once, and the others wait for their turn", async () => {
  const ask = await model("queued", { endpoint: `${west.url}/v1`, rateLimits: { concurrentRequests: 2 } });
  west.script = { default: { delay: 30 } };
  west.forget();
  const answers = await Promise.all(Array.from({ length: 8 }, async (_, index) => ask(`question ${index}`)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  const spans = west.requests.map(({ startedAt, endedAt = Number.NaN }) => ({ startedAt, endedAt }));
  for (const { startedAt } of spans) {
    const others = spans.filter((other) => other.startedAt <= startedAt && startedAt < other.endedAt);
    expect(others.length).toBeLessThanOrEqual(2);
  }
});

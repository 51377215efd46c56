import { apiError } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { adjustmentOf, priceOf } from "../budget/price.ts";
import { decisionJson, decisionLine, decisionOf } from "./decision.ts";
import { Decisions } from "./decisions.ts";
import { exampleDeployment, exampleExchange, exampleUsage } from "./example-exchange.ts";
import { explainHeader } from "./explain.ts";
import { Registry } from "./registry.ts";
import type { RequestFacts } from "./request-facts.ts";

const registry = new Registry();
const first = exampleDeployment(registry, "d-1");
const second = {
  ...exampleDeployment(registry, "d-2", "backup"),
  price: priceOf({
    parameters: { input_cost_per_token: 1.5e-7, output_cost_per_token: 6e-7 },
    information: {},
    provider: "openai",
    model: "backup",
    baseModel: undefined,
    table: undefined,
    adjustment: adjustmentOf("openai", undefined, undefined),
    epoch: 0,
  }),
};
const error = apiError("upstream_unreachable", {
  provider: "OpenAI",
  model: "gpt",
  text: "said: secret words",
});

/** A request that was retried, then fell back. */
function busy(facts: Partial<RequestFacts> = {}): RequestFacts {
  const made = exampleExchange({ group: { name: "gpt" } });
  const { startedAt, group = expect.fail() } = made;
  const failed = { failure: { error, status: 503, kind: "upstream" }, waitMilliseconds: 0 };
  const at = (begin: number, end: number) => ({ startedAt: startedAt + begin, endedAt: startedAt + end });
  const meter = { owner: { name: "app", subject: "api_key" }, unit: "requests", limit: 60 };
  return {
    ...made,
    deployment: second,
    calledAt: startedAt + 31,
    fields: { messages: [{ content: "secret words" }] },
    choices: [
      {
        group: "gpt",
        strategy: "simple-shuffle",
        chosen: "d-1",
        rejected: [{ id: "d-9", filter: "cooldown", reason: "it rests for 4 s after failures" }],
        candidates: [{ id: "d-1", weight: 2, score: undefined }],
      },
    ],
    grant: { charges: [{ meter, amount: 1, remaining: 41 }] },
    queuedMilliseconds: 3.456,
    attempts: [
      { deployment: first, group, ...at(5, 10), ...failed },
      { deployment: first, group, ...at(20, 30), ...failed, waitMilliseconds: 10 },
      { deployment: second, group: { name: "backup" }, ...at(31, 90), waitMilliseconds: 0 },
    ],
    retries: 1,
    fallbacks: 1,
    cacheKey: "c0ffee",
    cacheHit: false,
    usage: exampleUsage({ input: 9, output: 3 }),
    cost: 3_150_000,
    ...facts,
  };
}

describe("decisionJson", () => {
  it("tells the whole story of a request with a retry and a fallback", () => {
    const json = JSON.parse(JSON.stringify(decisionJson(decisionOf(busy(), 200))));
    expect(json).toMatchObject({
      call_id: "call-1",
      request_id: "own-1",
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      route: "/v1/chat/completions",
      model: "gpt",
      model_id: "d-2",
      status: 200,
      config_digest: "d1",
      caller: { kind: "key", user: "u-1", team: "t-1", key_alias: "app", key_hash: "ab".repeat(32) },
      routing: {
        group: "gpt",
        choices: [
          {
            strategy: "simple-shuffle",
            chosen: "d-1",
            rejected: [{ id: "d-9", filter: "cooldown", reason: "it rests for 4 s after failures" }],
            candidates: [{ id: "d-1", weight: 2 }],
          },
        ],
      },
      limits: [{ name: "app", subject: "api_key", unit: "requests", limit: 60, asked: 1, remaining: 41 }],
      queue_ms: 3.46,
      attempts: [
        {
          model_id: "d-1",
          kind: "first",
          started_ms: 5,
          duration_ms: 5,
          failure: { kind: "upstream", status: 503, error: error.exceptionClass },
        },
        { model_id: "d-1", kind: "retry", waited_ms: 10, failure: { status: 503 } },
        { model_id: "d-2", kind: "fallback", group: "backup", duration_ms: 59 },
      ],
      retries: 1,
      fallbacks: 1,
      cache: { key: "c0ffee", result: "miss" },
      usage: exampleUsage({ input: 9, output: 3 }),
      cost: {
        dollars: 3.15e-6,
        lines: [
          { what: "input", tokens: 9, dollars_per_token: 1.5e-7, dollars: 1.35e-6 },
          { what: "output", tokens: 3, dollars_per_token: 6e-7, dollars: 1.8e-6 },
        ],
      },
      timings_ms: { called: 31, first_byte: 50, answered: 90 },
    });
    expect(JSON.stringify(json)).not.toContain("secret words");
  });

  it("keeps no text of an upstream or a client alive", () => {
    const record = decisionOf(busy({ model: "m".repeat(1_000_000), customer: "c".repeat(1_000) }), 200);
    expect(record.model).toHaveLength(200);
    expect(record.customer).toHaveLength(200);
    expect(JSON.stringify(record.attempts)).not.toContain("secret words");
  });

  it("tells of the only call, which nobody recorded, and of the limit that refused a request", () => {
    const plain = JSON.parse(
      JSON.stringify(decisionJson(decisionOf(exampleExchange({ deployment: first }), 200))),
    );
    expect(plain.attempts).toEqual([
      { model_id: "d-1", group: "gpt", kind: "first", started_ms: 10, duration_ms: expect.any(Number) },
    ]);
    const meter = { owner: { name: "all", subject: "gateway" }, unit: "parallel", limit: 2 };
    const refused = decisionOf(exampleExchange({ refusal: { meter, remaining: 0 }, calledAt: 0 }), 429);
    expect(decisionJson(refused)).toMatchObject({
      attempts: [],
      refused_by: { name: "all", subject: "gateway", unit: "parallel", limit: 2, remaining: 0 },
    });
  });

  it("says in short what the list shows", () => {
    expect(decisionLine(decisionOf(exampleExchange({ failure: error }), 500))).toMatchObject({
      call_id: "call-1",
      model: "gpt",
      status: 500,
      error: error.exceptionClass,
    });
  });
});

describe("Decisions", () => {
  const named = (id: string): RequestFacts => exampleExchange({ callId: id, requestId: `own-${id}` });
  const ids = (decisions: Decisions): string[] => decisions.newestFirst().map(({ callId }) => callId);

  it("remembers the last, newest first, and finds them by either id", () => {
    const decisions = new Decisions(3);
    for (const id of ["a", "b", "c", "d", "e"]) decisions.keep(named(id), 200);
    expect(ids(decisions)).toEqual(["e", "d", "c"]);
    expect(decisions.find("d")?.callId).toBe("d");
    expect(decisions.find("own-c")?.callId).toBe("c");
    expect(decisions.find("a")).toBeUndefined();
  });

  it("can be made larger and smaller, and switched off", () => {
    const decisions = new Decisions(3);
    for (const id of ["a", "b", "c", "d"]) decisions.keep(named(id), 200);
    decisions.resize(2);
    expect(ids(decisions)).toEqual(["d", "c"]);
    decisions.keep(named("e"), 200);
    expect(ids(decisions)).toEqual(["e", "d"]);
    decisions.resize(4);
    decisions.keep(named("f"), 200);
    expect(ids(decisions)).toEqual(["f", "e", "d"]);
    decisions.resize(0);
    decisions.keep(named("g"), 200);
    expect(ids(decisions)).toEqual([]);
  });
});

describe("explainHeader", () => {
  const asking = (kind: string, headers: object = {}, address = "10.0.0.1"): Partial<RequestFacts> => ({
    caller: { kind, user: "" },
    request: {
      headers: { "x-gatewright-explain": "true", host: "127.0.0.1:4000", ...headers },
      socket: { remoteAddress: address },
    } as unknown as RequestFacts["request"],
  });

  it.each<[why: string, facts: Partial<RequestFacts>, told: boolean]>([
    ["the master key", asking("master"), true],
    ["a key", asking("key"), false],
    ["an agent", asking("agent"), false],
    ["nobody asked", { caller: { kind: "master", user: "" } }, false],
    ["an open gateway, from elsewhere", asking("anonymous"), false],
    ["an open gateway, from the same machine", asking("anonymous", {}, "::ffff:127.0.0.1"), true],
    [
      "through a proxy on the same machine",
      asking("anonymous", { "x-forwarded-for": "1.2.3.4" }, "127.0.0.1"),
      false,
    ],
    [
      "a page that has our address under its own name",
      asking("anonymous", { host: "evil.example" }, "127.0.0.1"),
      false,
    ],
  ])("%s", (_why, facts, told) => {
    expect(explainHeader(busy(facts)) !== undefined).toBe(told);
  });

  it("is JSON in plain ASCII that says what is known when headers go out", () => {
    const header = explainHeader(busy({ ...asking("master"), model: "modèle\u{1f600}\r\n" })) ?? "";
    expect(header).toMatch(/^[\x20-\x7e]+$/);
    const record = JSON.parse(header);
    expect(record).toMatchObject({ model: "modèle\u{1f600}\r\n", retries: 1, cache: { result: "miss" } });
    expect(record).not.toHaveProperty("status");
  });

  it("stays below 4 KB: what can be looked up is left out first", () => {
    const rejected = Array.from({ length: 200 }, (_, index) => ({
      id: `d-${index}`,
      filter: "health",
      reason: "x",
    }));
    const choices = [{ group: "gpt", strategy: "s", chosen: undefined, rejected, candidates: [] }];
    const header = explainHeader(busy({ ...asking("master"), choices })) ?? "";
    expect(header.length).toBeLessThanOrEqual(4_096);
    expect(JSON.parse(header)).toMatchObject({ shortened: true, retries: 1, attempts: expect.any(Array) });
  });
});

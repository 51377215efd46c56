import { describe, expect, it } from "vitest";
import {
  type AnswerFacts,
  answerHeaders,
  callerHeaders,
  deploymentHeaders,
  groupHeader,
} from "./answer-headers.ts";

const facts: AnswerFacts = {
  callId: "call-1",
  requestId: "own-1",
  stream: false,
  startedAt: 100,
  calledAt: 101.5,
  answeredAt: 201.5,
};
const prepared =
  groupHeader("gpt") + deploymentHeaders({ id: "d-1", apiBase: "https://api.example/v1", region: undefined });

function read(lines: string): { [name: string]: string } {
  expect(lines.endsWith("\r\n")).toBe(true);
  return Object.fromEntries(
    lines
      .slice(0, -2)
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]),
  );
}

describe("answerHeaders", () => {
  it("says what every answer says, and nothing that has no value", () => {
    expect(read(answerHeaders(facts, prepared))).toEqual({
      "x-litellm-call-id": "call-1",
      "x-request-id": "own-1",
      "x-litellm-model-group": "gpt",
      "x-litellm-model-id": "d-1",
      "x-litellm-model-api-base": "https://api.example/v1",
      "x-litellm-version": expect.any(String),
      "x-litellm-response-duration-ms": "100.00",
      "x-litellm-overhead-duration-ms": "1.50",
      "x-litellm-attempted-retries": "0",
      "x-litellm-attempted-fallbacks": "0",
    });
  });

  it("tells cost, spend and what the key may", () => {
    const caller = callerHeaders({ requestsPerMinute: 60, tokensPerMinute: undefined, maxBudget: 2.5 });
    const costParts = { original: 3_500_000, discount: 350_000, margin: 0, marginPercent: 0 };
    const headers = answerHeaders({ ...facts, cost: 3_150_000, costParts, keySpend: 0.5 }, prepared + caller);
    expect(read(headers)).toMatchObject({
      "x-litellm-response-cost": "3.15e-06",
      "x-litellm-response-cost-original": "3.5e-06",
      "x-litellm-response-cost-discount-amount": "3.5e-07",
      "x-litellm-response-cost-margin-amount": "0",
      "x-litellm-response-cost-margin-percent": "0",
      "x-litellm-key-spend": "0.5",
      "x-litellm-key-rpm-limit": "60",
      "x-litellm-key-max-budget": "2.5",
    });
    expect(read(headers)).not.toHaveProperty("x-litellm-key-tpm-limit");
  });

  it("gives a stream the cost 0: it is not known yet", () => {
    const costParts = { original: 3, discount: 1, margin: 0, marginPercent: 0 };
    expect(read(answerHeaders({ ...facts, stream: true, costParts }, prepared))).toMatchObject({
      "x-litellm-response-cost": "0",
      "x-litellm-response-cost-original": "0",
    });
  });

  it("tells retries and fallbacks with what was allowed of them, a region, and the key of the cache", () => {
    const bounds = { maxRetries: 2, maxFallbacks: 5, timeoutMilliseconds: 1500 };
    const where = deploymentHeaders({ id: "ä", apiBase: "x", region: "eu" });
    const busy = { ...facts, retries: 1, fallbacks: 1, cacheKey: "k1", cacheHit: true };
    expect(read(answerHeaders(busy, where, bounds))).toMatchObject({
      "x-litellm-attempted-retries": "1",
      "x-litellm-attempted-fallbacks": "1",
      "x-litellm-max-retries": "2",
      "x-litellm-max-fallbacks": "5",
      "x-litellm-timeout": "1.5",
      "x-litellm-model-region": "eu",
      "x-litellm-cache-key": "k1",
    });
    const missed = read(answerHeaders({ ...facts, cacheKey: "k1", cacheHit: false }, where, bounds));
    expect(missed).not.toHaveProperty("x-litellm-cache-key");
    expect(missed).not.toHaveProperty("x-litellm-max-retries");
  });

  it("tells the times of an answer from the cache, for which nobody was called", () => {
    expect(read(answerHeaders({ ...facts, calledAt: 0, answeredAt: 102 }, prepared))).toMatchObject({
      "x-litellm-response-duration-ms": "2.00",
      "x-litellm-overhead-duration-ms": "2.00",
    });
  });

  it("makes one line of whatever a name holds", () => {
    expect(groupHeader("a\r\nx: b")).toBe("x-litellm-model-group: a%20%20x:%20b\r\n");
    expect(groupHeader("\u010a\u010d")).toBe("x-litellm-model-group: %C4%8A%C4%8D\r\n");
  });
});

import { describe, expect, it } from "vitest";
import type { Operation, Place } from "../provider.ts";
import { modelTraits } from "./model.ts";
import { bedrock } from "./provider.ts";

const targets: readonly {
  readonly why: string;
  readonly operation?: Operation;
  readonly stream?: boolean;
  readonly place: Partial<Place>;
  readonly want: string;
}[] = [
  {
    why: "the model's colon is encoded, as AWS does",
    place: { model: "anthropic.claude-3-haiku-20240307-v1:0", region: "eu-west-1" },
    want: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse",
  },
  {
    why: "a stream has its own path, LiteLLM's route is none of the model's name",
    stream: true,
    place: { model: "converse/us.amazon.nova-pro-v1:0", region: "us-east-1" },
    want: "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.amazon.nova-pro-v1%3A0/converse-stream",
  },
  {
    why: "a region in the model's name wins",
    place: { model: "us-gov-west-1/anthropic.claude-v2", region: "eu-west-1" },
    want: "https://bedrock-runtime.us-gov-west-1.amazonaws.com/model/anthropic.claude-v2/converse",
  },
  {
    why: "an ARN passes as it is, and tells the region where nothing else does",
    place: { model: "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a0a0" },
    want: "https://bedrock-runtime.eu-central-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Aapplication-inference-profile%2Fa0a0/converse",
  },
  {
    why: "an endpoint of one's own needs no region, keeps its path and its query",
    place: { baseUrl: "http://127.0.0.1:8080/aws/?tenant=a", model: "m" },
    want: "http://127.0.0.1:8080/aws/model/m/converse?tenant=a",
  },
  {
    why: "embeddings are invoked",
    operation: "embedding",
    place: { model: "amazon.titan-embed-text-v2:0", region: "eu-west-1" },
    want: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.titan-embed-text-v2%3A0/invoke",
  },
];

describe("bedrock", () => {
  it.each(targets)("$why", ({ operation = "chat", place, stream = false, want }) => {
    const { origin, path } = bedrock.target(
      operation,
      { baseUrl: bedrock.baseUrl ?? "", model: "m", apiVersion: undefined, ...place },
      stream,
    );
    expect(origin + path).toBe(want);
  });

  it("has no address without a region", () => {
    const place = { baseUrl: bedrock.baseUrl ?? "", model: "m", apiVersion: undefined };
    expect(() => bedrock.target("chat", place, false)).toThrow("there is no AWS region");
  });

  it.each([
    ["chat", "anthropic.claude-v2", "translated"],
    ["message", "anthropic.claude-v2", "translated"],
    ["embedding", "cohere.embed-english-v3", "translated"],
    ["embedding", "anthropic.claude-v2", { refused: expect.stringContaining("makes no embeddings") }],
    ["speech", "anthropic.claude-v2", { refused: expect.stringContaining("chats and embeddings only") }],
  ] as const)("serves %s of %s: %j", (operation, model, want) => {
    expect(bedrock.service(operation, model)).toEqual(want);
  });

  it.each([
    ["us.anthropic.claude-opus-4-20250514-v1:0", "budget", false],
    ["anthropic.claude-3-7-sonnet-20250219-v1:0", "budget", false],
    ["anthropic.claude-haiku-4-5-20251001-v1:0", "budget", true],
    ["global.anthropic.claude-opus-4-6-v1", "either", true],
    ["us.anthropic.claude-opus-4-7", "adaptive", true],
    ["anthropic.claude-3-5-haiku-20241022-v1:0", "none", false],
    ["amazon.nova-pro-v1:0", "none", false],
    ["global.amazon.nova-2-lite-v1:0", "reasoningConfig", false],
    ["openai.gpt-oss-20b-1:0", "reasoning_effort", true],
    ["qwen.qwen3-32b-v1:0", "none", true],
    ["us.deepseek.r1-v1:0", "none", false],
    ["arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-7", "adaptive", true],
    ["arn:aws:bedrock:us-east-1:1:provisioned-model/x", "budget", false],
  ])("knows how %s thinks: %s", (model, thinking, structured) => {
    const { claude, thinkingField } = modelTraits(model);
    expect([thinkingField ?? claude.thinking, claude.structured]).toEqual([thinking, structured]);
  });
});

import { expect, it } from "vitest";
import type { Operation } from "../provider.ts";
import { anthropic } from "./provider.ts";

it.each([
  ["https://api.anthropic.com", "message", "https://api.anthropic.com/v1/messages"],
  ["https://api.anthropic.com/", "chat", "https://api.anthropic.com/v1/messages"],
  ["https://api.anthropic.com/v1", "chat", "https://api.anthropic.com/v1/messages"],
  ["https://api.anthropic.com/v1/messages", "response", "https://api.anthropic.com/v1/messages"],
  [
    "https://api.anthropic.com/v1/messages",
    "messageTokens",
    "https://api.anthropic.com/v1/messages/count_tokens",
  ],
  ["http://mock/anthropic?a=b", "chat", "http://mock/anthropic/v1/messages?a=b"],
] as const)("%s is asked for a %s at %s", (baseUrl, operation: Operation, want) => {
  const { origin, path } = anthropic.target(operation, { baseUrl, model: "m", apiVersion: undefined }, false);
  expect(`${origin}${path}`).toBe(want);
});

it("passes what is Anthropic's own, translates chats, and refuses the rest with a reason", () => {
  expect(anthropic.service("message", "m")).toBe("passed");
  expect(anthropic.service("messageTokens", "m")).toBe("passed");
  expect(anthropic.service("chat", "m")).toBe("translated");
  expect(anthropic.service("embedding", "m")).toEqual({ refused: "Anthropic makes no embeddings" });
});

import type { Operation, Place, Provider, Service, Target } from "../provider.ts";
import { anthropicChatWire } from "./chat-wire.ts";

/** Anthropic itself, and what speaks its Messages API. */
export const anthropic: Provider = {
  name: "anthropic",
  title: "Anthropic",
  baseUrl: "https://api.anthropic.com",
  baseUrlVariables: ["ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"],
  keyVariables: ["ANTHROPIC_API_KEY"],
  keyRequired: true,
  authorization: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  clientHeaders: ["anthropic-beta", "anthropic-version", "traceparent", "tracestate"],
  chat: anthropicChatWire,
  service: (operation) => services[operation],
  target: anthropicTarget,
};

const noImages: Service = { refused: "Anthropic makes no images" };
const noAudio: Service = { refused: "Anthropic has no models for speech" };

const services: { readonly [O in Operation]: Service } = {
  message: "passed",
  messageTokens: "passed",
  chat: "translated",
  completion: "translated",
  response: "translated",
  embedding: { refused: "Anthropic makes no embeddings" },
  imageGeneration: noImages,
  imageEdit: noImages,
  imageVariation: noImages,
  speech: noAudio,
  transcription: noAudio,
  audioTranslation: noAudio,
  moderation: { refused: "Anthropic has no moderations" },
  rerank: { refused: "Anthropic does not rerank" },
};

const MESSAGES = "/v1/messages";

/** LiteLLM's users write the host, the host with `/v1`, or the whole address of the Messages API. */
function anthropicTarget(operation: Operation, place: Place): Target {
  const url = new URL(place.baseUrl);
  const base = url.pathname.replace(/\/+$/, "");
  const path = operation === "messageTokens" ? "/count_tokens" : "";
  return { origin: url.origin, path: `${messagesPath(base)}${path}${url.search}` };
}

function messagesPath(base: string): string {
  if (base.endsWith(MESSAGES)) return base;
  return base.endsWith("/v1") ? `${base}/messages` : `${base}${MESSAGES}`;
}

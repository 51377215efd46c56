import type { Operation, Place, Provider, Service, Target } from "../provider.ts";
import { cohereChatWire } from "./chat-wire.ts";
import { cohereEmbeddingWire } from "./embedding-wire.ts";

/** Cohere, by version 2 of its API. */
export const cohere: Provider = {
  name: "cohere",
  title: "Cohere",
  aliases: ["cohere_chat"],
  baseUrl: "https://api.cohere.com",
  baseUrlVariables: ["COHERE_API_BASE"],
  keyVariables: ["COHERE_API_KEY", "CO_API_KEY"],
  keyRequired: true,
  authorization: "bearer",
  clientHeaders: ["traceparent", "tracestate"],
  chat: () => cohereChatWire,
  embedding: () => cohereEmbeddingWire,
  service: (operation) => services[operation],
  target: cohereTarget,
};

const noImages: Service = { refused: "Cohere makes no images" };
const noAudio: Service = { refused: "Cohere has no models for speech" };

const services: { readonly [O in Operation]: Service } = {
  chat: "translated",
  completion: "translated",
  response: "translated",
  message: "translated",
  messageTokens: "translated",
  embedding: "translated",
  rerank: "passed",
  imageGeneration: noImages,
  imageEdit: noImages,
  imageVariation: noImages,
  speech: noAudio,
  transcription: noAudio,
  audioTranslation: noAudio,
  moderation: { refused: "Cohere has no moderations" },
};

const ends: { readonly [O in Operation]?: string } = { embedding: "/embed", rerank: "/rerank" };

/** People write the host, the host with a version, or the whole address of a call. */
function cohereTarget(operation: Operation, place: Place): Target {
  const url = new URL(place.baseUrl);
  const base = url.pathname.replace(/\/+$/, "").replace(/(?:\/v[12])?(?:\/(?:chat|embed|rerank))?$/, "");
  return { origin: url.origin, path: `${base}/v2${ends[operation] ?? "/chat"}${url.search}` };
}

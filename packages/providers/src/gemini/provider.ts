import type { Operation, Place, Provider, Service, Target } from "../provider.ts";
import { geminiChatWire } from "./chat-wire.ts";
import { geminiEmbeddingWire } from "./embedding-wire.ts";
import { modelPath, modelResource } from "./model-resource.ts";

/** Gemini on Google AI Studio. */
export const gemini: Provider = {
  name: "gemini",
  title: "Gemini",
  baseUrl: "https://generativelanguage.googleapis.com",
  baseUrlVariables: ["GEMINI_API_BASE"],
  keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  keyRequired: true,
  authorization: "x-goog-api-key",
  clientHeaders: ["traceparent", "tracestate"],
  chat: () => geminiChatWire,
  embedding: () => geminiEmbeddingWire,
  service: geminiService,
  target: geminiTarget,
};

const served: ReadonlySet<Operation> = new Set<Operation>([
  "chat",
  "completion",
  "response",
  "message",
  "embedding",
]);

function geminiService(operation: Operation): Service {
  return served.has(operation)
    ? "translated"
    : { refused: "Google AI Studio is asked for chats and embeddings only" };
}

const VERSION = /\/v1(?:alpha|beta)?$/;

/** `<base>/v1beta/models/<model>:generateContent`. A base that ends in a version keeps it, one with a model all of it. */
function geminiTarget(operation: Operation, place: Place, stream: boolean): Target {
  const url = new URL(place.baseUrl);
  const base = url.pathname.replace(/\/+$/, "");
  const action = geminiAction(operation, stream);
  if (stream) url.searchParams.set("alt", "sse");
  if (base.includes("/models/")) return { origin: url.origin, path: `${base}:${action}${url.search}` };
  const version = VERSION.test(base) ? base : `${base}/v1beta`;
  return {
    origin: url.origin,
    path: `${version}/${modelPath(modelResource(place.model))}:${action}${url.search}`,
  };
}

function geminiAction(operation: Operation, stream: boolean): string {
  if (operation === "embedding") return "batchEmbedContents";
  return stream ? "streamGenerateContent" : "generateContent";
}

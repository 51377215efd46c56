import type { Operation, Place, Provider, Service, Target } from "../provider.ts";
import { ollamaChatWire } from "./chat-wire.ts";
import { ollamaEmbeddingWire } from "./embedding-wire.ts";

/** Ollama, through the API of its own: with it the context's size and all else that `/v1` has no place for can be set. */
export const ollamaChat: Provider = {
  name: "ollama_chat",
  title: "Ollama",
  baseUrl: "http://localhost:11434",
  baseUrlVariables: ["OLLAMA_API_BASE"],
  keyVariables: ["OLLAMA_API_KEY"],
  keyRequired: false,
  authorization: "bearer",
  clientHeaders: ["traceparent", "tracestate"],
  chat: ollamaChatWire,
  embedding: () => ollamaEmbeddingWire,
  service: ollamaService,
  target: ollamaTarget,
};

const served: ReadonlySet<Operation> = new Set<Operation>([
  "chat",
  "completion",
  "response",
  "message",
  "messageTokens",
  "embedding",
]);

function ollamaService(operation: Operation): Service {
  return served.has(operation) ? "translated" : { refused: "Ollama is asked for chats and embeddings only" };
}

/** What users write behind the server's root: the path of either API. */
const API = /\/(?:v1|api(?:\/chat)?)$/;

function ollamaTarget(operation: Operation, place: Place): Target {
  const url = new URL(place.baseUrl);
  const root = url.pathname.replace(/\/+$/, "").replace(API, "");
  const action = operation === "embedding" ? "embed" : "chat";
  return { origin: url.origin, path: `${root}/api/${action}${url.search}` };
}

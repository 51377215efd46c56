import { geminiChatWire } from "../gemini/chat-wire.ts";
import type { Operation, Provider, Service } from "../provider.ts";
import { vertexAuthorizer } from "./authorizer.ts";
import { claudeChatWire } from "./claude-chat-wire.ts";
import { vertexEmbeddingWire } from "./embedding-wire.ts";
import { isClaude, modelPlace } from "./model-place.ts";
import { vertexTarget } from "./target.ts";

/** Google Vertex AI: Gemini, Claude, and Google's embeddings. */
export const vertex: Provider = {
  name: "vertex_ai",
  title: "VertexAI",
  aliases: ["vertex_ai_beta"],
  baseUrl: "https://{location}-aiplatform.googleapis.com",
  baseUrlVariables: ["VERTEXAI_API_BASE", "VERTEX_API_BASE"],
  keyVariables: [],
  keyRequired: false,
  authorization: "signed",
  authorizer: vertexAuthorizer,
  projectVariables: ["VERTEXAI_PROJECT", "VERTEX_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"],
  locationVariables: ["VERTEXAI_LOCATION", "VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION"],
  defaultLocation: "us-central1",
  clientHeaders: ["traceparent", "tracestate"],
  chat: (model) => (isClaude(model) ? claudeChatWire(model) : geminiChatWire),
  embedding: () => vertexEmbeddingWire,
  service: vertexService,
  target: vertexTarget,
};

const chats: ReadonlySet<Operation> = new Set<Operation>(["chat", "completion", "response", "message"]);

function vertexService(operation: Operation, model: string): Service {
  const place = modelPlace(model);
  if (place.kind === "unserved") {
    return { refused: `of Vertex AI, Gemini and Claude are served, not the models of ${place.publisher}` };
  }
  if (chats.has(operation)) return "translated";
  if (operation !== "embedding") return { refused: "Vertex AI is asked for chats and embeddings only" };
  return isClaude(model) ? { refused: "Claude makes no embeddings" } : "translated";
}

import { openaiCompatibleChatWire } from "../openai/chat-wire.ts";
import { openaiTarget } from "../openai/path.ts";
import { openaiClientHeaders } from "../openai/provider.ts";
import { openaiService } from "../openai/service.ts";
import type { Operation, Provider } from "../provider.ts";

/** Ollama, through the OpenAI-compatible API that it serves under `/v1`. */
export const ollama: Provider = {
  name: "ollama",
  title: "Ollama",
  baseUrl: "http://localhost:11434",
  baseUrlVariables: ["OLLAMA_API_BASE"],
  keyVariables: ["OLLAMA_API_KEY"],
  keyRequired: false,
  authorization: "bearer",
  clientHeaders: openaiClientHeaders,
  chat: () => openaiCompatibleChatWire({}),
  service: openaiService(
    "ollama",
    new Set<Operation>(["chat", "completion", "embedding", "response", "message"]),
  ),
  target: (operation, place) => openaiTarget(operation, { ...place, baseUrl: withVersion(place.baseUrl) }),
};

/** Ollama's users write the server's root, whatever its path; the API they mean ends in `/v1`. */
function withVersion(baseUrl: string): string {
  const base = baseUrl.replace(/\/+$/, "");
  return base.endsWith("/v1") ? base : `${base}/v1`;
}

import type { Operation, Provider } from "../provider.ts";
import { openaiChatWireOf } from "./chat-wire.ts";
import { openaiTarget } from "./path.ts";
import { openaiService } from "./service.ts";

/** Headers of OpenAI's own clients that have a meaning for OpenAI-shaped servers. */
export const openaiClientHeaders = ["openai-beta", "traceparent", "tracestate"] as const;

/** What OpenAI's API has. */
const operations: ReadonlySet<Operation> = new Set<Operation>([
  "chat",
  "completion",
  "embedding",
  "response",
  "imageGeneration",
  "imageEdit",
  "imageVariation",
  "speech",
  "transcription",
  "audioTranslation",
  "moderation",
]);

/** OpenAI itself; also what a bare model name means. */
export const openai: Provider = {
  name: "openai",
  title: "OpenAI",
  aliases: ["text-completion-openai"],
  baseUrl: "https://api.openai.com/v1",
  baseUrlVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
  keyVariables: ["OPENAI_API_KEY"],
  keyRequired: true,
  authorization: "bearer",
  clientHeaders: openaiClientHeaders,
  chat: openaiChatWireOf,
  service: openaiService("OpenAI", operations),
  target: openaiTarget,
};

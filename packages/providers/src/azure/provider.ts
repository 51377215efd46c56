import { openaiChatWire } from "../openai/chat-wire.ts";
import { openaiClientHeaders } from "../openai/provider.ts";
import { openaiService } from "../openai/service.ts";
import type { Operation, Provider } from "../provider.ts";
import { azureAuthorizer } from "./authorizer.ts";
import { azureTarget } from "./path.ts";

/** What Azure OpenAI has: no moderations, and no image variations. */
const operations: ReadonlySet<Operation> = new Set<Operation>([
  "chat",
  "completion",
  "embedding",
  "response",
  "imageGeneration",
  "imageEdit",
  "speech",
  "transcription",
  "audioTranslation",
]);

/** Azure OpenAI: one URL per deployment, the key in `api-key`, or a token of Entra ID. */
export const azure: Provider = {
  name: "azure",
  title: "Azure",
  aliases: ["azure_text"],
  baseUrlVariables: ["AZURE_API_BASE", "AZURE_OPENAI_ENDPOINT"],
  keyVariables: ["AZURE_API_KEY", "AZURE_OPENAI_API_KEY"],
  keyRequired: true,
  authorization: "api-key",
  authorizer: azureAuthorizer,
  apiVersionVariables: ["AZURE_API_VERSION", "OPENAI_API_VERSION"],
  apiVersion: "2024-10-21",
  clientHeaders: openaiClientHeaders,
  chat: () => openaiChatWire,
  service: openaiService("Azure OpenAI", operations),
  target: azureTarget,
};

import { anthropicChatWire } from "../anthropic/chat-wire.ts";
import { anthropic } from "../anthropic/provider.ts";
import { azureAuthorizer } from "../azure/authorizer.ts";
import { openaiCompatibleChatWire } from "../openai/chat-wire.ts";
import { openaiClientHeaders } from "../openai/provider.ts";
import { openaiService } from "../openai/service.ts";
import type { Authorizer, CredentialSettings, Operation, Place, Provider } from "../provider.ts";
import { azureAiTarget, isClaude, isServerless } from "./path.ts";

const chatWire = openaiCompatibleChatWire({});
const service = openaiService("Azure AI", new Set<Operation>(["chat", "embedding"]));

/** Microsoft Foundry (formerly Azure AI Studio): models of many vendors in OpenAI's wire, and Claude in Anthropic's. */
export const azureAi: Provider = {
  name: "azure_ai",
  title: "Azure_ai",
  baseUrlVariables: ["AZURE_AI_API_BASE"],
  keyVariables: ["AZURE_AI_API_KEY"],
  keyRequired: true,
  authorization: "api-key",
  authorizer: azureAiAuthorizer,
  // Claude wants it, and the other models do not mind.
  headers: anthropic.headers ?? {},
  clientHeaders: [...new Set([...openaiClientHeaders, ...anthropic.clientHeaders])],
  chat: (model) => (isClaude(model) ? anthropicChatWire(model) : chatWire),
  service: (operation, model) => (isClaude(model) ? anthropic.service(operation, model) : service(operation)),
  target: azureAiTarget,
};

function azureAiAuthorizer(settings: CredentialSettings, place: Place): Authorizer | undefined {
  if (settings.key === undefined || !isServerless(place.baseUrl)) return azureAuthorizer(settings);
  const headers = ["authorization", `Bearer ${settings.key.reveal()}`];
  return { authorize: () => headers };
}

import { anthropic } from "./anthropic/provider.ts";
import { azure } from "./azure/provider.ts";
import { azureAi } from "./azure-ai/provider.ts";
import { bedrock } from "./bedrock/provider.ts";
import { cohere } from "./cohere/provider.ts";
import { gemini } from "./gemini/provider.ts";
import { ollamaChat } from "./ollama/native-provider.ts";
import { ollama } from "./ollama/provider.ts";
import { openai } from "./openai/provider.ts";
import { openaiCompatible } from "./openai-compatible/provider.ts";
import type { Provider } from "./provider.ts";
import { vertex } from "./vertex/provider.ts";

export {
  type Authorization,
  type Authorizer,
  type CredentialSettings,
  type Operation,
  operations,
  type Place,
  type Provider,
  type Service,
  type Target,
  type UnsignedRequest,
} from "./provider.ts";
export {
  CallRefusal,
  type ChatWire,
  type EmbeddingWire,
  type StreamReader,
  type Translation,
  type Upstream,
} from "./wire.ts";

/** Every provider the native engine speaks to. */
export const providers: readonly Provider[] = [
  openai,
  azure,
  azureAi,
  anthropic,
  bedrock,
  vertex,
  gemini,
  cohere,
  ollama,
  ollamaChat,
  ...openaiCompatible,
];

/** Prefixes of LiteLLM's that are known, so that they are refused as "not there yet" and not as a typing mistake. */
export const providersToCome: readonly string[] = [
  "replicate",
  "sagemaker",
  "sagemaker_chat",
  "watsonx",
  "github_copilot",
  "cloudflare",
  "snowflake",
  "oci",
];

const byPrefix = new Map(
  providers.flatMap((provider) =>
    [provider.name, ...(provider.aliases ?? [])].map((name) => [name, provider]),
  ),
);

/** The provider of a prefix (`azure`) or of `custom_llm_provider`; undefined when none of ours has that name. */
export function providerNamed(prefix: string): Provider | undefined {
  return byPrefix.get(prefix);
}

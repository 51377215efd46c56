import { azure } from "./azure/provider.ts";
import { ollama } from "./ollama/provider.ts";
import { openai } from "./openai/provider.ts";
import { openaiCompatible } from "./openai-compatible/provider.ts";
import type { Provider } from "./provider.ts";

export type { Authorization, Operation, Place, Provider, Target } from "./provider.ts";

/** Every provider the native engine speaks to. */
export const providers: readonly Provider[] = [openai, azure, ollama, ...openaiCompatible];

/** Prefixes of LiteLLM's that are known, so that they are refused as "not there yet" and not as a typing mistake. */
export const providersToCome: readonly string[] = [
  "anthropic",
  "bedrock",
  "vertex_ai",
  "gemini",
  "cohere",
  "cohere_chat",
  "databricks",
  "huggingface",
  "replicate",
  "sagemaker",
  "watsonx",
  "voyage",
  "jina_ai",
  "github",
  "github_copilot",
  "nebius",
  "ai21",
  "cloudflare",
  "azure_ai",
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

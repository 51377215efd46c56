import type { WireName } from "@gatewright/call";
import type { Values } from "../example-gateways.ts";

/** One provider folder in front of a fake upstream that speaks its wire. */
export interface ProviderSetup {
  readonly name: string;
  /** What its chats go over the wire as. */
  readonly wire: WireName;
  /** `litellm_params.model`. */
  readonly model: string;
  /** Model for embeddings; absent where the provider has none. */
  readonly embedding?: string;
  /** The rest of `litellm_params`, for an upstream at this address. */
  params(upstreamUrl: string): Values;
}

const key = { api_key: "sk-upstream" };
const root = (url: string): Values => ({ api_base: url, ...key });
const versioned = (url: string): Values => ({ api_base: `${url}/v1`, ...key });
const aws = {
  aws_access_key_id: "AKIDEXAMPLE",
  aws_secret_access_key: "secret",
  aws_region_name: "eu-west-1",
};

/** A service account whose tokens come from the token server of these tests. */
const account = {
  vertex_project: "acme",
  vertex_location: "europe-west4",
  vertex_credentials: "os.environ/ACCOUNT",
};

/** Each folder of `packages/providers`, and two rows of the OpenAI-compatible table. */
export const providerSetups: readonly ProviderSetup[] = [
  { name: "openai", wire: "openai", model: "openai/gpt", embedding: "openai/embed", params: versioned },
  {
    name: "azure",
    wire: "openai",
    model: "azure/gpt",
    embedding: "azure/embed",
    params: (url) => ({ ...root(url), api_version: "2025-01-01-preview" }),
  },
  { name: "groq", wire: "openai", model: "groq/llama", params: versioned },
  { name: "mistral", wire: "openai", model: "mistral/large", embedding: "mistral/embed", params: versioned },
  { name: "hosted_vllm", wire: "openai", model: "hosted_vllm/qwen", params: versioned },
  { name: "anthropic", wire: "anthropic", model: "anthropic/claude-sonnet-4-5", params: root },
  {
    name: "bedrock",
    wire: "bedrock",
    model: "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    embedding: "bedrock/cohere.embed-multilingual-v3",
    params: (url) => ({ aws_bedrock_runtime_endpoint: url, ...aws }),
  },
  {
    name: "gemini",
    wire: "gemini",
    model: "gemini/gemini-2.5-pro",
    embedding: "gemini/gemini-embedding-001",
    params: root,
  },
  {
    name: "vertex_ai",
    wire: "gemini",
    model: "vertex_ai/gemini-2.5-pro",
    embedding: "vertex_ai/text-embedding-005",
    params: (url) => ({ api_base: url, ...account }),
  },
  {
    name: "vertex_ai (Anthropic)",
    wire: "anthropic",
    model: "vertex_ai/claude-sonnet-4-5@20250929",
    params: (url) => ({ api_base: url, ...account }),
  },
  {
    name: "cohere",
    wire: "cohere",
    model: "cohere/command-a-03-2025",
    embedding: "cohere/embed-v4.0",
    params: root,
  },
  {
    name: "ollama_chat",
    wire: "ollama",
    model: "ollama_chat/llama3.2",
    embedding: "ollama_chat/nomic-embed-text",
    params: root,
  },
];

// Made by tools/generators/provider-support.ts from packages/providers. Do not edit.

/** A provider of LiteLLM's, and whether the native engine calls it. */
export interface ProviderRow {
  /** LiteLLM's prefix. */
  readonly name: string;
  readonly title: string;
  /** Further prefixes that mean the same. */
  readonly aliases: readonly string[];
  readonly support: "honoured" | "refused";
  /** Base URL when none is configured. */
  readonly baseUrl?: string;
  /** Environment variables that hold the key. */
  readonly keyVariables: readonly string[];
}

export const providerRows: readonly ProviderRow[] = [
  {
    "name": "openai",
    "title": "OpenAI",
    "aliases": [
      "text-completion-openai"
    ],
    "support": "honoured",
    "baseUrl": "https://api.openai.com/v1",
    "keyVariables": [
      "OPENAI_API_KEY"
    ]
  },
  {
    "name": "azure",
    "title": "Azure",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "AZURE_API_KEY",
      "AZURE_OPENAI_API_KEY"
    ]
  },
  {
    "name": "ollama",
    "title": "Ollama",
    "aliases": [
      "ollama_chat"
    ],
    "support": "honoured",
    "baseUrl": "http://localhost:11434",
    "keyVariables": [
      "OLLAMA_API_KEY"
    ]
  },
  {
    "name": "custom_openai",
    "title": "OpenAI",
    "aliases": [
      "openai_like"
    ],
    "support": "honoured",
    "keyVariables": [
      "OPENAI_LIKE_API_KEY"
    ]
  },
  {
    "name": "hosted_vllm",
    "title": "Hosted_vllm",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "HOSTED_VLLM_API_KEY"
    ]
  },
  {
    "name": "lm_studio",
    "title": "Lm_studio",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "LM_STUDIO_API_KEY"
    ]
  },
  {
    "name": "llamafile",
    "title": "Llamafile",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "http://127.0.0.1:8080/v1",
    "keyVariables": [
      "LLAMAFILE_API_KEY"
    ]
  },
  {
    "name": "xinference",
    "title": "Xinference",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "http://127.0.0.1:9997/v1",
    "keyVariables": [
      "XINFERENCE_API_KEY"
    ]
  },
  {
    "name": "litellm_proxy",
    "title": "Litellm_proxy",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "LITELLM_PROXY_API_KEY"
    ]
  },
  {
    "name": "groq",
    "title": "Groq",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.groq.com/openai/v1",
    "keyVariables": [
      "GROQ_API_KEY"
    ]
  },
  {
    "name": "deepseek",
    "title": "Deepseek",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.deepseek.com/v1",
    "keyVariables": [
      "DEEPSEEK_API_KEY"
    ]
  },
  {
    "name": "xai",
    "title": "Xai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.x.ai/v1",
    "keyVariables": [
      "XAI_API_KEY"
    ]
  },
  {
    "name": "mistral",
    "title": "Mistral",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.mistral.ai/v1",
    "keyVariables": [
      "MISTRAL_API_KEY"
    ]
  },
  {
    "name": "together_ai",
    "title": "Together_ai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.together.xyz/v1",
    "keyVariables": [
      "TOGETHERAI_API_KEY"
    ]
  },
  {
    "name": "fireworks_ai",
    "title": "Fireworks_ai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.fireworks.ai/inference/v1",
    "keyVariables": [
      "FIREWORKS_AI_API_KEY"
    ]
  },
  {
    "name": "perplexity",
    "title": "Perplexity",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.perplexity.ai",
    "keyVariables": [
      "PERPLEXITYAI_API_KEY"
    ]
  },
  {
    "name": "openrouter",
    "title": "Openrouter",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://openrouter.ai/api/v1",
    "keyVariables": [
      "OPENROUTER_API_KEY"
    ]
  },
  {
    "name": "cerebras",
    "title": "Cerebras",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.cerebras.ai/v1",
    "keyVariables": [
      "CEREBRAS_API_KEY"
    ]
  },
  {
    "name": "nvidia_nim",
    "title": "Nvidia_nim",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://integrate.api.nvidia.com/v1",
    "keyVariables": [
      "NVIDIA_NIM_API_KEY"
    ]
  },
  {
    "name": "sambanova",
    "title": "Sambanova",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.sambanova.ai/v1",
    "keyVariables": [
      "SAMBANOVA_API_KEY"
    ]
  },
  {
    "name": "deepinfra",
    "title": "Deepinfra",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.deepinfra.com/v1/openai",
    "keyVariables": [
      "DEEPINFRA_API_KEY"
    ]
  },
  {
    "name": "moonshot",
    "title": "Moonshot",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.moonshot.ai/v1",
    "keyVariables": [
      "MOONSHOT_API_KEY"
    ]
  },
  {
    "name": "dashscope",
    "title": "Dashscope",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "keyVariables": [
      "DASHSCOPE_API_KEY"
    ]
  },
  {
    "name": "anthropic",
    "title": "anthropic",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "bedrock",
    "title": "bedrock",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "vertex_ai",
    "title": "vertex_ai",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "gemini",
    "title": "gemini",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "cohere",
    "title": "cohere",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "cohere_chat",
    "title": "cohere_chat",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "databricks",
    "title": "databricks",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "huggingface",
    "title": "huggingface",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "replicate",
    "title": "replicate",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "sagemaker",
    "title": "sagemaker",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "watsonx",
    "title": "watsonx",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "voyage",
    "title": "voyage",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "jina_ai",
    "title": "jina_ai",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "github",
    "title": "github",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "github_copilot",
    "title": "github_copilot",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "nebius",
    "title": "nebius",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "ai21",
    "title": "ai21",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "cloudflare",
    "title": "cloudflare",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "azure_ai",
    "title": "azure_ai",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  }
];

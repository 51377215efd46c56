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
    "aliases": [
      "azure_text"
    ],
    "support": "honoured",
    "keyVariables": [
      "AZURE_API_KEY",
      "AZURE_OPENAI_API_KEY"
    ]
  },
  {
    "name": "azure_ai",
    "title": "Azure_ai",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "AZURE_AI_API_KEY"
    ]
  },
  {
    "name": "anthropic",
    "title": "Anthropic",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.anthropic.com",
    "keyVariables": [
      "ANTHROPIC_API_KEY"
    ]
  },
  {
    "name": "bedrock",
    "title": "Bedrock",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://bedrock-runtime.{region}.amazonaws.com",
    "keyVariables": [
      "AWS_BEARER_TOKEN_BEDROCK"
    ]
  },
  {
    "name": "vertex_ai",
    "title": "VertexAI",
    "aliases": [
      "vertex_ai_beta"
    ],
    "support": "honoured",
    "baseUrl": "https://{location}-aiplatform.googleapis.com",
    "keyVariables": []
  },
  {
    "name": "gemini",
    "title": "Gemini",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://generativelanguage.googleapis.com",
    "keyVariables": [
      "GEMINI_API_KEY",
      "GOOGLE_API_KEY"
    ]
  },
  {
    "name": "cohere",
    "title": "Cohere",
    "aliases": [
      "cohere_chat"
    ],
    "support": "honoured",
    "baseUrl": "https://api.cohere.com",
    "keyVariables": [
      "COHERE_API_KEY",
      "CO_API_KEY"
    ]
  },
  {
    "name": "ollama",
    "title": "Ollama",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "http://localhost:11434",
    "keyVariables": [
      "OLLAMA_API_KEY"
    ]
  },
  {
    "name": "ollama_chat",
    "title": "Ollama",
    "aliases": [],
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
      "openai_like",
      "custom"
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
    "name": "lemonade",
    "title": "Lemonade",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "http://localhost:8000/api/v1",
    "keyVariables": [
      "LEMONADE_API_KEY"
    ]
  },
  {
    "name": "docker_model_runner",
    "title": "Docker_model_runner",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "http://localhost:22088",
    "keyVariables": [
      "DOCKER_MODEL_RUNNER_API_KEY"
    ]
  },
  {
    "name": "infinity",
    "title": "Infinity",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "INFINITY_API_KEY"
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
    "name": "ai21",
    "title": "Ai21",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.ai21.com/studio/v1",
    "keyVariables": [
      "AI21_API_KEY"
    ]
  },
  {
    "name": "aiml",
    "title": "Aiml",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.aimlapi.com/v1",
    "keyVariables": [
      "AIML_API_KEY"
    ]
  },
  {
    "name": "baseten",
    "title": "Baseten",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://inference.baseten.co/v1",
    "keyVariables": [
      "BASETEN_API_KEY"
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
    "name": "chutes",
    "title": "Chutes",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://llm.chutes.ai/v1",
    "keyVariables": [
      "CHUTES_API_KEY"
    ]
  },
  {
    "name": "codestral",
    "title": "Codestral",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://codestral.mistral.ai/v1",
    "keyVariables": [
      "CODESTRAL_API_KEY"
    ]
  },
  {
    "name": "cometapi",
    "title": "Cometapi",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.cometapi.com/v1",
    "keyVariables": [
      "COMETAPI_KEY",
      "COMETAPI_API_KEY"
    ]
  },
  {
    "name": "compactifai",
    "title": "Compactifai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.compactif.ai/v1",
    "keyVariables": [
      "COMPACTIFAI_API_KEY"
    ]
  },
  {
    "name": "crusoe",
    "title": "Crusoe",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.inference.crusoecloud.com/v1",
    "keyVariables": [
      "CRUSOE_API_KEY"
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
    "name": "databricks",
    "title": "Databricks",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "DATABRICKS_API_KEY"
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
    "name": "featherless_ai",
    "title": "Featherless_ai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.featherless.ai/v1",
    "keyVariables": [
      "FEATHERLESS_AI_API_KEY",
      "FEATHERLESS_API_KEY"
    ]
  },
  {
    "name": "fireworks_ai",
    "title": "Fireworks_ai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.fireworks.ai/inference/v1",
    "keyVariables": [
      "FIREWORKS_API_KEY",
      "FIREWORKS_AI_API_KEY",
      "FIREWORKSAI_API_KEY",
      "FIREWORKS_AI_TOKEN"
    ]
  },
  {
    "name": "friendliai",
    "title": "Friendliai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.friendli.ai/serverless/v1",
    "keyVariables": [
      "FRIENDLIAI_API_KEY",
      "FRIENDLI_TOKEN"
    ]
  },
  {
    "name": "galadriel",
    "title": "Galadriel",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.galadriel.com/v1",
    "keyVariables": [
      "GALADRIEL_API_KEY"
    ]
  },
  {
    "name": "github",
    "title": "Github",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://models.github.ai/inference",
    "keyVariables": [
      "GITHUB_API_KEY"
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
    "name": "helicone",
    "title": "Helicone",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://ai-gateway.helicone.ai/v1",
    "keyVariables": [
      "HELICONE_API_KEY"
    ]
  },
  {
    "name": "heroku",
    "title": "Heroku",
    "aliases": [],
    "support": "honoured",
    "keyVariables": [
      "HEROKU_API_KEY"
    ]
  },
  {
    "name": "huggingface",
    "title": "Huggingface",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://router.huggingface.co/v1",
    "keyVariables": [
      "HF_TOKEN",
      "HUGGINGFACE_API_KEY"
    ]
  },
  {
    "name": "hyperbolic",
    "title": "Hyperbolic",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.hyperbolic.xyz/v1",
    "keyVariables": [
      "HYPERBOLIC_API_KEY"
    ]
  },
  {
    "name": "jina_ai",
    "title": "Jina_ai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.jina.ai/v1",
    "keyVariables": [
      "JINA_AI_API_KEY",
      "JINA_API_KEY",
      "JINA_AI_TOKEN"
    ]
  },
  {
    "name": "lambda_ai",
    "title": "Lambda_ai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.lambda.ai/v1",
    "keyVariables": [
      "LAMBDA_API_KEY"
    ]
  },
  {
    "name": "llamagate",
    "title": "Llamagate",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.llamagate.dev/v1",
    "keyVariables": [
      "LLAMAGATE_API_KEY"
    ]
  },
  {
    "name": "meta_llama",
    "title": "Meta_llama",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.llama.com/compat/v1",
    "keyVariables": [
      "LLAMA_API_KEY"
    ]
  },
  {
    "name": "minimax",
    "title": "Minimax",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.minimax.io/v1",
    "keyVariables": [
      "MINIMAX_API_KEY"
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
    "name": "morph",
    "title": "Morph",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.morphllm.com/v1",
    "keyVariables": [
      "MORPH_API_KEY"
    ]
  },
  {
    "name": "nano-gpt",
    "title": "Nano-gpt",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://nano-gpt.com/api/v1",
    "keyVariables": [
      "NANOGPT_API_KEY"
    ]
  },
  {
    "name": "nebius",
    "title": "Nebius",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.studio.nebius.ai/v1",
    "keyVariables": [
      "NEBIUS_API_KEY"
    ]
  },
  {
    "name": "novita",
    "title": "Novita",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.novita.ai/v3/openai",
    "keyVariables": [
      "NOVITA_API_KEY"
    ]
  },
  {
    "name": "nscale",
    "title": "Nscale",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://inference.api.nscale.com/v1",
    "keyVariables": [
      "NSCALE_API_KEY"
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
    "name": "openrouter",
    "title": "Openrouter",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://openrouter.ai/api/v1",
    "keyVariables": [
      "OPENROUTER_API_KEY",
      "OR_API_KEY"
    ]
  },
  {
    "name": "ovhcloud",
    "title": "Ovhcloud",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
    "keyVariables": [
      "OVHCLOUD_API_KEY"
    ]
  },
  {
    "name": "perplexity",
    "title": "Perplexity",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.perplexity.ai",
    "keyVariables": [
      "PERPLEXITYAI_API_KEY",
      "PERPLEXITY_API_KEY"
    ]
  },
  {
    "name": "poe",
    "title": "Poe",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.poe.com/v1",
    "keyVariables": [
      "POE_API_KEY"
    ]
  },
  {
    "name": "publicai",
    "title": "Publicai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.publicai.co/v1",
    "keyVariables": [
      "PUBLICAI_API_KEY"
    ]
  },
  {
    "name": "qwencloud",
    "title": "Qwencloud",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "keyVariables": [
      "QWENCLOUD_API_KEY",
      "DASHSCOPE_API_KEY"
    ]
  },
  {
    "name": "qwen_ai_platform",
    "title": "Qwen_ai_platform",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "keyVariables": [
      "QWEN_AI_PLATFORM_API_KEY",
      "DASHSCOPE_API_KEY"
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
    "name": "scaleway",
    "title": "Scaleway",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.scaleway.ai/v1",
    "keyVariables": [
      "SCW_SECRET_KEY"
    ]
  },
  {
    "name": "synthetic",
    "title": "Synthetic",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.synthetic.new/openai/v1",
    "keyVariables": [
      "SYNTHETIC_API_KEY"
    ]
  },
  {
    "name": "together_ai",
    "title": "Together_ai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.together.xyz/v1",
    "keyVariables": [
      "TOGETHER_API_KEY",
      "TOGETHER_AI_API_KEY",
      "TOGETHERAI_API_KEY",
      "TOGETHER_AI_TOKEN"
    ]
  },
  {
    "name": "v0",
    "title": "V0",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.v0.dev/v1",
    "keyVariables": [
      "V0_API_KEY"
    ]
  },
  {
    "name": "vercel_ai_gateway",
    "title": "Vercel_ai_gateway",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://ai-gateway.vercel.sh/v1",
    "keyVariables": [
      "VERCEL_AI_GATEWAY_API_KEY",
      "VERCEL_OIDC_TOKEN"
    ]
  },
  {
    "name": "volcengine",
    "title": "Volcengine",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://ark.cn-beijing.volces.com/api/v3",
    "keyVariables": [
      "VOLCENGINE_API_KEY"
    ]
  },
  {
    "name": "voyage",
    "title": "Voyage",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.voyageai.com/v1",
    "keyVariables": [
      "VOYAGE_API_KEY",
      "VOYAGE_AI_API_KEY",
      "VOYAGE_AI_TOKEN"
    ]
  },
  {
    "name": "wandb",
    "title": "Wandb",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.inference.wandb.ai/v1",
    "keyVariables": [
      "WANDB_API_KEY"
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
    "name": "zai",
    "title": "Zai",
    "aliases": [],
    "support": "honoured",
    "baseUrl": "https://api.z.ai/api/paas/v4",
    "keyVariables": [
      "ZAI_API_KEY"
    ]
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
    "name": "sagemaker_chat",
    "title": "sagemaker_chat",
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
    "name": "github_copilot",
    "title": "github_copilot",
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
    "name": "snowflake",
    "title": "snowflake",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  },
  {
    "name": "oci",
    "title": "oci",
    "aliases": [],
    "support": "refused",
    "keyVariables": []
  }
];

import { openaiTarget } from "../openai/path.ts";
import { openaiClientHeaders } from "../openai/provider.ts";
import type { Provider } from "../provider.ts";

/** A row of the table: what tells one OpenAI-compatible provider from another. */
interface Row {
  readonly name: string;
  readonly title: string;
  readonly aliases?: readonly string[];
  readonly baseUrl?: string;
  /** Stem of the environment variables `<STEM>_API_KEY` and `<STEM>_API_BASE`. */
  readonly variables: string;
  /** Local servers mostly want none. */
  readonly keyRequired?: false;
}

const rows: readonly Row[] = [
  {
    name: "custom_openai",
    title: "OpenAI",
    aliases: ["openai_like"],
    variables: "OPENAI_LIKE",
    keyRequired: false,
  },
  { name: "hosted_vllm", title: "Hosted_vllm", variables: "HOSTED_VLLM", keyRequired: false },
  { name: "lm_studio", title: "Lm_studio", variables: "LM_STUDIO", keyRequired: false },
  {
    name: "llamafile",
    title: "Llamafile",
    baseUrl: "http://127.0.0.1:8080/v1",
    variables: "LLAMAFILE",
    keyRequired: false,
  },
  {
    name: "xinference",
    title: "Xinference",
    baseUrl: "http://127.0.0.1:9997/v1",
    variables: "XINFERENCE",
    keyRequired: false,
  },
  { name: "litellm_proxy", title: "Litellm_proxy", variables: "LITELLM_PROXY", keyRequired: false },
  { name: "groq", title: "Groq", baseUrl: "https://api.groq.com/openai/v1", variables: "GROQ" },
  { name: "deepseek", title: "Deepseek", baseUrl: "https://api.deepseek.com/v1", variables: "DEEPSEEK" },
  { name: "xai", title: "Xai", baseUrl: "https://api.x.ai/v1", variables: "XAI" },
  { name: "mistral", title: "Mistral", baseUrl: "https://api.mistral.ai/v1", variables: "MISTRAL" },
  {
    name: "together_ai",
    title: "Together_ai",
    baseUrl: "https://api.together.xyz/v1",
    variables: "TOGETHERAI",
  },
  {
    name: "fireworks_ai",
    title: "Fireworks_ai",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    variables: "FIREWORKS_AI",
  },
  {
    name: "perplexity",
    title: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    variables: "PERPLEXITYAI",
  },
  {
    name: "openrouter",
    title: "Openrouter",
    baseUrl: "https://openrouter.ai/api/v1",
    variables: "OPENROUTER",
  },
  { name: "cerebras", title: "Cerebras", baseUrl: "https://api.cerebras.ai/v1", variables: "CEREBRAS" },
  {
    name: "nvidia_nim",
    title: "Nvidia_nim",
    baseUrl: "https://integrate.api.nvidia.com/v1",
    variables: "NVIDIA_NIM",
  },
  { name: "sambanova", title: "Sambanova", baseUrl: "https://api.sambanova.ai/v1", variables: "SAMBANOVA" },
  {
    name: "deepinfra",
    title: "Deepinfra",
    baseUrl: "https://api.deepinfra.com/v1/openai",
    variables: "DEEPINFRA",
  },
  { name: "moonshot", title: "Moonshot", baseUrl: "https://api.moonshot.ai/v1", variables: "MOONSHOT" },
  {
    name: "dashscope",
    title: "Dashscope",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    variables: "DASHSCOPE",
  },
];

/** Providers that speak OpenAI's wire as it is. */
export const openaiCompatible: readonly Provider[] = rows.map((row) => ({
  name: row.name,
  title: row.title,
  ...(row.aliases === undefined ? {} : { aliases: row.aliases }),
  ...(row.baseUrl === undefined ? {} : { baseUrl: row.baseUrl }),
  baseUrlVariables: [`${row.variables}_API_BASE`],
  keyVariables: [`${row.variables}_API_KEY`],
  keyRequired: row.keyRequired ?? true,
  authorization: "bearer",
  clientHeaders: openaiClientHeaders,
  target: openaiTarget,
}));

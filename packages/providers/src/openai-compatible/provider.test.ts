import { describe, expect, it } from "vitest";
import type { Operation, Provider, Service } from "../provider.ts";
import { operations } from "../provider.ts";
import { openaiCompatible } from "./provider.ts";

const named = new Map(openaiCompatible.map((provider) => [provider.name, provider]));

function provider(name: string): Provider {
  const found = named.get(name);
  if (found === undefined) throw new Error(`there is no row ${name}`);
  return found;
}

function address(
  name: string,
  operation: Operation,
  baseUrl: string | undefined = provider(name).baseUrl,
): string {
  const { origin, path } = provider(name).target(
    operation,
    { baseUrl: baseUrl ?? "http://server:1/v1", model: "m", apiVersion: undefined },
    false,
  );
  return `${origin}${path}`;
}

/** Where each one's first operation goes without any setting: chats, or what it has instead. */
const addresses: { readonly [name: string]: string } = {
  custom_openai: "http://server:1/v1/chat/completions",
  hosted_vllm: "http://server:1/v1/chat/completions",
  lm_studio: "http://server:1/v1/chat/completions",
  llamafile: "http://127.0.0.1:8080/v1/chat/completions",
  xinference: "http://127.0.0.1:9997/v1/chat/completions",
  lemonade: "http://localhost:8000/api/v1/chat/completions",
  docker_model_runner: "http://localhost:22088/engines/llama.cpp/v1/chat/completions",
  infinity: "http://server:1/v1/embeddings",
  litellm_proxy: "http://server:1/v1/chat/completions",
  ai21: "https://api.ai21.com/studio/v1/chat/completions",
  aiml: "https://api.aimlapi.com/v1/chat/completions",
  baseten: "https://inference.baseten.co/v1/chat/completions",
  cerebras: "https://api.cerebras.ai/v1/chat/completions",
  chutes: "https://llm.chutes.ai/v1/chat/completions",
  codestral: "https://codestral.mistral.ai/v1/chat/completions",
  cometapi: "https://api.cometapi.com/v1/chat/completions",
  compactifai: "https://api.compactif.ai/v1/chat/completions",
  crusoe: "https://api.inference.crusoecloud.com/v1/chat/completions",
  dashscope: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
  databricks: "http://server:1/v1/chat/completions",
  deepinfra: "https://api.deepinfra.com/v1/openai/chat/completions",
  deepseek: "https://api.deepseek.com/v1/chat/completions",
  featherless_ai: "https://api.featherless.ai/v1/chat/completions",
  fireworks_ai: "https://api.fireworks.ai/inference/v1/chat/completions",
  friendliai: "https://api.friendli.ai/serverless/v1/chat/completions",
  galadriel: "https://api.galadriel.com/v1/chat/completions",
  github: "https://models.github.ai/inference/chat/completions",
  groq: "https://api.groq.com/openai/v1/chat/completions",
  helicone: "https://ai-gateway.helicone.ai/v1/chat/completions",
  heroku: "http://server:1/v1/chat/completions",
  huggingface: "https://router.huggingface.co/v1/chat/completions",
  hyperbolic: "https://api.hyperbolic.xyz/v1/chat/completions",
  jina_ai: "https://api.jina.ai/v1/embeddings",
  lambda_ai: "https://api.lambda.ai/v1/chat/completions",
  llamagate: "https://api.llamagate.dev/v1/chat/completions",
  meta_llama: "https://api.llama.com/compat/v1/chat/completions",
  minimax: "https://api.minimax.io/v1/chat/completions",
  mistral: "https://api.mistral.ai/v1/chat/completions",
  moonshot: "https://api.moonshot.ai/v1/chat/completions",
  morph: "https://api.morphllm.com/v1/chat/completions",
  "nano-gpt": "https://nano-gpt.com/api/v1/chat/completions",
  nebius: "https://api.studio.nebius.ai/v1/chat/completions",
  novita: "https://api.novita.ai/v3/openai/chat/completions",
  nscale: "https://inference.api.nscale.com/v1/chat/completions",
  nvidia_nim: "https://integrate.api.nvidia.com/v1/chat/completions",
  openrouter: "https://openrouter.ai/api/v1/chat/completions",
  ovhcloud: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/chat/completions",
  perplexity: "https://api.perplexity.ai/chat/completions",
  poe: "https://api.poe.com/v1/chat/completions",
  publicai: "https://api.publicai.co/v1/chat/completions",
  qwencloud: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
  qwen_ai_platform: "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
  sambanova: "https://api.sambanova.ai/v1/chat/completions",
  scaleway: "https://api.scaleway.ai/v1/chat/completions",
  synthetic: "https://api.synthetic.new/openai/v1/chat/completions",
  together_ai: "https://api.together.xyz/v1/chat/completions",
  v0: "https://api.v0.dev/v1/chat/completions",
  vercel_ai_gateway: "https://ai-gateway.vercel.sh/v1/chat/completions",
  volcengine: "https://ark.cn-beijing.volces.com/api/v3/chat/completions",
  voyage: "https://api.voyageai.com/v1/embeddings",
  wandb: "https://api.inference.wandb.ai/v1/chat/completions",
  xai: "https://api.x.ai/v1/chat/completions",
  zai: "https://api.z.ai/api/paas/v4/chat/completions",
};

describe("the OpenAI-compatible table", () => {
  it("is all here", () => {
    expect([...named.keys()].sort()).toEqual(Object.keys(addresses).sort());
  });

  it.each(Object.entries(addresses))("%s is asked at %s", (name, want) => {
    const first = operations.find((operation) => provider(name).service(operation, "m") === "passed");
    expect(address(name, first ?? "chat")).toBe(want);
  });

  it("adds nothing to an address that is given", () => {
    for (const { name } of openaiCompatible) {
      expect(address(name, "chat", "https://mine.example/some/v1")).toBe(
        "https://mine.example/some/v1/chat/completions",
      );
    }
  });

  it.each([
    ["heroku", "https://us.inference.heroku.com", "https://us.inference.heroku.com/v1/chat/completions"],
    [
      "docker_model_runner",
      "http://localhost:12434/engines/v1/",
      "http://localhost:12434/engines/v1/chat/completions",
    ],
    ["litellm_proxy", "http://litellm:4000/?a=1", "http://litellm:4000/v1/chat/completions?a=1"],
    ["hosted_vllm", "http://vllm:8000", "http://vllm:8000/chat/completions"],
  ])("%s at %s is asked at %s", (name, baseUrl, want) => {
    expect(address(name, "chat", baseUrl)).toBe(want);
  });

  it("asks a LiteLLM for Messages below /v1, where it has them", () => {
    expect(address("litellm_proxy", "messageTokens", "http://litellm:4000")).toBe(
      "http://litellm:4000/v1/messages/count_tokens",
    );
  });

  it.each<readonly [name: string, operation: Operation, want: Service]>([
    ["groq", "chat", "passed"],
    ["groq", "transcription", "passed"],
    ["groq", "completion", "translated"],
    ["groq", "response", "translated"],
    ["groq", "message", "translated"],
    ["groq", "messageTokens", "translated"],
    ["groq", "embedding", { refused: "groq has no embeddings" }],
    ["groq", "rerank", { refused: "groq has no reranking" }],
    ["xai", "response", "passed"],
    ["litellm_proxy", "message", "passed"],
    ["litellm_proxy", "rerank", "passed"],
    ["hosted_vllm", "response", "translated"],
    ["hosted_vllm", "rerank", "passed"],
    ["jina_ai", "rerank", "passed"],
    ["jina_ai", "chat", { refused: "jina_ai has no chats" }],
    ["jina_ai", "message", { refused: "jina_ai has no chats" }],
  ])("%s: %s", (name, operation, want) => {
    expect(provider(name).service(operation, "m")).toEqual(want);
  });

  it.each([
    ["groq", ["GROQ_API_KEY"], ["GROQ_API_BASE"]],
    ["custom_openai", ["OPENAI_LIKE_API_KEY"], ["OPENAI_LIKE_API_BASE"]],
    ["jina_ai", ["JINA_AI_API_KEY", "JINA_API_KEY", "JINA_AI_TOKEN"], ["JINA_AI_API_BASE"]],
  ])("%s takes key and address from its variables", (name, keyVariables, baseUrlVariables) => {
    expect(provider(name)).toMatchObject({ keyVariables, baseUrlVariables });
  });

  it.each([
    ["custom_openai", "OpenAI"],
    ["hosted_vllm", "Hosted_vllm"],
    ["together_ai", "Together_ai"],
  ])("%s is %s in errors", (name, title) => {
    expect(provider(name).title).toBe(title);
  });

  it.each([
    ["mistral", "tool_choice_required", "mapped: any"],
    ["mistral", "developer", "mapped: system"],
    ["deepseek", "response_format_schema", expect.stringContaining("mapped: any JSON object")],
    ["openrouter", "cache_control", "kept"],
    ["groq", "cache_control", "ignored"],
    ["hosted_vllm", "top_k", "kept"],
    ["groq", "top_k", "dropped"],
    ["litellm_proxy", "reasoning_signature", "kept"],
  ] as const)("%s: %s is %s", (name, feature, want) => {
    expect(provider(name).chat("m").fidelity[feature]).toEqual(want);
  });

  it("knows who refuses stream_options", () => {
    const refusing = openaiCompatible.filter(({ streamOptions }) => streamOptions === false);
    expect(refusing.map(({ name }) => name)).toEqual(["codestral", "databricks", "mistral"]);
  });

  it("gets Anthropic's headers only where Anthropic's API is", () => {
    expect(provider("litellm_proxy").clientHeaders).toContain("anthropic-beta");
    expect(provider("groq").clientHeaders).not.toContain("anthropic-beta");
  });
});

import type { Operation } from "../provider.ts";
import type { Row } from "./row.ts";

/** All that an OpenAI-shaped server may have. Responses and Messages go over chats, which every such server knows. */
const everything: readonly Operation[] = [
  "completion",
  "embedding",
  "imageGeneration",
  "imageEdit",
  "imageVariation",
  "speech",
  "transcription",
  "audioTranslation",
  "moderation",
  "rerank",
];

/** Software with OpenAI's API, wherever it runs: nothing is known of a server but its address. */
export const servers: readonly Row[] = [
  {
    name: "custom_openai",
    title: "OpenAI",
    aliases: ["openai_like", "custom"],
    keys: ["OPENAI_LIKE_API_KEY"],
    bases: ["OPENAI_LIKE_API_BASE"],
    keyRequired: false,
    passes: everything,
  },
  { name: "hosted_vllm", keyRequired: false, passes: everything, quirks: { topK: true } },
  { name: "lm_studio", keyRequired: false, passes: ["completion", "embedding"] },
  {
    name: "llamafile",
    baseUrl: "http://127.0.0.1:8080/v1",
    keyRequired: false,
    passes: ["completion", "embedding"],
  },
  { name: "xinference", baseUrl: "http://127.0.0.1:9997/v1", keyRequired: false, passes: everything },
  { name: "lemonade", baseUrl: "http://localhost:8000/api/v1", keyRequired: false, quirks: { topK: true } },
  {
    name: "docker_model_runner",
    baseUrl: "http://localhost:22088",
    version: "/engines/llama.cpp/v1",
    keyRequired: false,
  },
  { name: "infinity", keyRequired: false, passes: ["embedding", "rerank"], chats: false },
  {
    // It has Anthropic's API as well, and all of OpenAI's; the former only below /v1.
    name: "litellm_proxy",
    version: "/v1",
    keyRequired: false,
    passes: [...everything, "response", "message", "messageTokens"],
    quirks: { developerRole: true, topK: true, cacheMarks: true, reasoning: "blocks" },
  },
];

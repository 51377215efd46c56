import type { Provider } from "../provider.ts";
import { openaiTarget } from "./path.ts";

/** Headers of OpenAI's own clients that have a meaning for OpenAI-shaped servers. */
export const openaiClientHeaders = ["openai-beta", "traceparent", "tracestate"] as const;

/** OpenAI itself; also what a bare model name means. */
export const openai: Provider = {
  name: "openai",
  title: "OpenAI",
  aliases: ["text-completion-openai"],
  baseUrl: "https://api.openai.com/v1",
  baseUrlVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
  keyVariables: ["OPENAI_API_KEY"],
  keyRequired: true,
  authorization: "bearer",
  clientHeaders: openaiClientHeaders,
  target: openaiTarget,
};

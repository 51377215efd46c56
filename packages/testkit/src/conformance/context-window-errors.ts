import type { WireName } from "@gatewright/call";
import type { Behaviour } from "../fake-upstream/behaviour.ts";

/** How each API says that a prompt is too long, by its public documentation and the reports of its users. */
export const contextWindowErrors: { readonly [W in WireName]: NonNullable<Behaviour["error"]> } = {
  openai: {
    status: 400,
    message:
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
    code: "context_length_exceeded",
  },
  responses: {
    status: 400,
    message: "Your input exceeds the context window of this model.",
    code: "context_length_exceeded",
  },
  anthropic: { status: 400, message: "prompt is too long: 210000 tokens > 200000 maximum" },
  gemini: {
    status: 400,
    message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
  },
  bedrock: { status: 400, message: "Input is too long for requested model." },
  cohere: {
    status: 400,
    message: "too many tokens: total number of tokens in the prompt exceeds the limit of 256000",
  },
  ollama: { status: 400, message: "input length exceeds maximum context length" },
};

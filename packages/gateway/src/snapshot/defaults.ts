import type { ChatCall } from "@gatewright/call";
import { requestParameters } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import { chatApi } from "../edge/chat/chat-api.ts";
import type { ModelParameters } from "./model-entry.ts";

/** Fields that only requests for text understand; an embedding that carried them would be refused upstream. */
const textOnly: ReadonlySet<string> = new Set([
  "temperature",
  "top_p",
  "top_k",
  "max_tokens",
  "max_completion_tokens",
  "n",
  "stop",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "response_format",
  "reasoning_effort",
  "thinking",
  "verbosity",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "modalities",
  "prediction",
  "service_tier",
  "metadata",
  "store",
]);

const embeddingOnly: ReadonlySet<string> = new Set(["dimensions", "encoding_format"]);

/** What OpenAI's chat parameters are called in the other APIs that texts are asked for in; what is not here is not there. */
const responseNames: { readonly [field: string]: string } = {
  temperature: "temperature",
  top_p: "top_p",
  max_tokens: "max_output_tokens",
  max_completion_tokens: "max_output_tokens",
  top_logprobs: "top_logprobs",
  parallel_tool_calls: "parallel_tool_calls",
  service_tier: "service_tier",
  metadata: "metadata",
  store: "store",
};
const messageNames: { readonly [field: string]: string } = {
  temperature: "temperature",
  top_p: "top_p",
  top_k: "top_k",
  max_tokens: "max_tokens",
  max_completion_tokens: "max_tokens",
  stop: "stop_sequences",
  thinking: "thinking",
  service_tier: "service_tier",
};

type Defaults = readonly (readonly [field: string, json: string])[];

/** The deployment's own values for request fields, as JSON text ready to be spliced in. */
export function requestDefaults(parameters: ModelParameters): { readonly [O in Operation]: Defaults } {
  const all = requestParameters(parameters).map(([field, value]) => [field, JSON.stringify(value)] as const);
  const text = all.filter(([field]) => !embeddingOnly.has(field));
  const renamed = (names: typeof responseNames): Defaults =>
    text.flatMap(([field, json]) => {
      const name = textOnly.has(field) ? names[field] : field;
      return name === undefined ? [] : [[name, json] as const];
    });
  const other = all.filter(([field]) => !textOnly.has(field) && !embeddingOnly.has(field));
  return {
    chat: text,
    completion: text,
    response: renamed(responseNames),
    message: renamed(messageNames),
    messageTokens: [],
    embedding: all.filter(([field]) => !textOnly.has(field)),
    imageGeneration: other,
    speech: other,
    moderation: other,
    rerank: other,
    // Forms, which are passed on as they come.
    imageEdit: [],
    imageVariation: [],
    transcription: [],
    audioTranslation: [],
  };
}

/** The defaults of chats as a call without messages, for requests that are translated; undefined when there are none. */
export function chatDefaults(defaults: Defaults): ChatCall | undefined {
  if (defaults.length === 0) return undefined;
  const fields = Object.fromEntries(defaults.map(([field, json]) => [field, JSON.parse(json) as unknown]));
  const read = chatApi.read({ ...fields, messages: [] });
  return "status" in read ? undefined : read;
}

import type { Operation, Place, Target } from "../provider.ts";

/** Paths of the OpenAI API and its relatives, below a base URL that ends in the API's version. */
export const operationPaths: Record<Operation, string> = {
  chat: "/chat/completions",
  completion: "/completions",
  embedding: "/embeddings",
  response: "/responses",
  message: "/messages",
  messageTokens: "/messages/count_tokens",
  imageGeneration: "/images/generations",
  imageEdit: "/images/edits",
  imageVariation: "/images/variations",
  speech: "/audio/speech",
  transcription: "/audio/transcriptions",
  audioTranslation: "/audio/translations",
  moderation: "/moderations",
  rerank: "/rerank",
};

/** `<base>/chat/completions`: LiteLLM adds nothing to an OpenAI base URL, so neither do we (agentic-layer.md §6). */
export function openaiTarget(operation: Operation, place: Place): Target {
  const url = new URL(place.baseUrl);
  return {
    origin: url.origin,
    path: `${withoutSlash(url.pathname)}${operationPaths[operation]}${url.search}`,
  };
}

/** A path that another one can follow. */
export function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

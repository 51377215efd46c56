import type { Operation, Place, Target } from "../provider.ts";

/** Paths of the OpenAI API, relative to a base URL that ends in its version. */
export const operationPaths: Record<Operation, string> = {
  chat: "/chat/completions",
  completion: "/completions",
  embedding: "/embeddings",
};

/** `<base>/chat/completions`: LiteLLM adds nothing to an OpenAI base URL, so neither do we (agentic-layer.md §6). */
export function openaiTarget(operation: Operation, place: Place): Target {
  const url = new URL(place.baseUrl);
  return {
    origin: url.origin,
    path: `${url.pathname.replace(/\/+$/, "")}${operationPaths[operation]}${url.search}`,
  };
}

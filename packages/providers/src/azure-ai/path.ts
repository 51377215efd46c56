import { anthropic } from "../anthropic/provider.ts";
import { operationPaths, withoutSlash } from "../openai/path.ts";
import type { Operation, Place, Target } from "../provider.ts";

/** Claude is served through Anthropic's own API. */
export function isClaude(model: string): boolean {
  return model.startsWith("claude");
}

/** Endpoints of one model each take the key as bearer token; resources take it in `api-key`. */
export function isServerless(baseUrl: string): boolean {
  return /^https:\/\/[^/]*\.(inference|models)\.ai\.azure\.com(:|\/|$)/.test(baseUrl);
}

/** The version of the model inference API (`…/models`), which wants one; the v1 API has none. */
const MODELS_VERSION = "2024-05-01-preview";

/**
 * What users write is a resource (`https://<resource>.services.ai.azure.com`), one of its APIs (`…/openai/v1`,
 * `…/models`, `…/anthropic`), an endpoint of one model, or the whole address of chat completions. A resource is asked
 * through its v1 API, which has the models of all vendors and is what Microsoft moves users of `/models` to.
 */
export function azureAiTarget(operation: Operation, place: Place, stream: boolean): Target {
  const url = new URL(place.baseUrl);
  if (isClaude(place.model))
    return anthropic.target(operation, { ...place, baseUrl: anthropicBase(url) }, stream);
  const base = withoutSlash(url.pathname).replace(/\/chat\/completions$/, "");
  const query = new URLSearchParams(url.search);
  if (base.endsWith("/models") && !query.has("api-version")) {
    query.set("api-version", place.apiVersion ?? MODELS_VERSION);
  }
  const text = query.toString();
  const path = `${base === "" ? ownApi(url) : base}${operationPaths[operation]}`;
  return { origin: url.origin, path: text === "" ? path : `${path}?${text}` };
}

/** Where the API lives on a host of Microsoft's that was given without a path. Nothing is added to other hosts. */
function ownApi(url: URL): string {
  if (isServerless(url.href)) return "/v1";
  return url.hostname.endsWith(".azure.com") ? "/openai/v1" : "";
}

function anthropicBase(url: URL): string {
  const path = withoutSlash(url.pathname);
  return `${url.origin}${path.includes("/anthropic") ? path : `${path}/anthropic`}${url.search}`;
}

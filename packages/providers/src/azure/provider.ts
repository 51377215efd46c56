import { operationPaths } from "../openai/path.ts";
import { openaiClientHeaders } from "../openai/provider.ts";
import type { Operation, Place, Provider, Target } from "../provider.ts";

/** Azure OpenAI: one URL per deployment, the key in `api-key`. */
export const azure: Provider = {
  name: "azure",
  title: "Azure",
  baseUrlVariables: ["AZURE_API_BASE", "AZURE_OPENAI_ENDPOINT"],
  keyVariables: ["AZURE_API_KEY", "AZURE_OPENAI_API_KEY"],
  keyRequired: true,
  authorization: "api-key",
  apiVersionVariables: ["AZURE_API_VERSION", "OPENAI_API_VERSION"],
  apiVersion: "2024-10-21",
  clientHeaders: openaiClientHeaders,
  target: azureTarget,
};

/**
 * `<resource>/openai/deployments/<deployment>/chat/completions?api-version=…`. A base URL that already names a
 * deployment is kept; one that ends in `/openai/v1` (the version-less API) takes OpenAI's paths and no version.
 */
function azureTarget(operation: Operation, place: Place): Target {
  const url = new URL(place.baseUrl);
  const base = url.pathname.replace(/\/+$/, "");
  if (base.endsWith("/openai/v1")) return { origin: url.origin, path: `${base}${operationPaths[operation]}` };
  const deployment = base.includes("/openai/deployments/")
    ? base
    : `${base.replace(/\/openai$/, "")}/openai/deployments/${encodeURIComponent(place.model)}`;
  const query = new URLSearchParams(url.search);
  if (place.apiVersion !== undefined) query.set("api-version", place.apiVersion);
  return { origin: url.origin, path: `${deployment}${operationPaths[operation]}?${query}` };
}

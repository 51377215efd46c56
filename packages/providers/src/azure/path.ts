import { operationPaths, withoutSlash } from "../openai/path.ts";
import type { Operation, Place, Target } from "../provider.ts";

/** Operations whose URL names the deployment. Responses name it in the body. */
const ofDeployment: ReadonlySet<Operation> = new Set<Operation>([
  "chat",
  "completion",
  "embedding",
  "imageGeneration",
  "imageEdit",
  "speech",
  "transcription",
  "audioTranslation",
]);

/** Versions that mean the version-less v1 API. */
const v1Versions: ReadonlySet<string> = new Set(["v1", "latest", "preview"]);

/** First dated version that has Responses, `2025-03-01-preview`. */
const FIRST_WITH_RESPONSES = "2025-03-01";

/**
 * `<resource>/openai/deployments/<deployment>/chat/completions?api-version=…`. A base URL that already names a
 * deployment is kept; one that ends in `/openai/v1`, like the versions `latest`, `preview` and `v1`, means the v1 API,
 * which takes OpenAI's paths. Responses take the v1 API as well when the version is older than they are: many
 * deployments have kept the version they started with, and LiteLLM asks the v1 API by default too.
 */
export function azureTarget(operation: Operation, place: Place): Target {
  const url = new URL(place.baseUrl);
  const base = withoutSlash(url.pathname);
  const version = place.apiVersion;
  const query = new URLSearchParams(url.search);
  const target = (path: string): Target => {
    const text = query.toString();
    return {
      origin: url.origin,
      path: `${path}${operationPaths[operation]}${text === "" ? "" : `?${text}`}`,
    };
  };
  if (base.endsWith("/openai/v1")) return target(base);
  const resource = base.replace(/\/openai(\/deployments\/.*)?$/, "");
  const dated = version !== undefined && !v1Versions.has(version);
  if (!dated || (operation === "response" && version < FIRST_WITH_RESPONSES)) {
    if (version === "preview") query.set("api-version", version);
    return target(`${resource}/openai/v1`);
  }
  query.set("api-version", version);
  if (!ofDeployment.has(operation)) return target(`${resource}/openai`);
  return target(base.includes("/openai/deployments/") ? base : deploymentPath(resource, place.model));
}

function deploymentPath(resource: string, model: string): string {
  return `${resource}/openai/deployments/${encodeURIComponent(deploymentOf(model))}`;
}

/** `azure/o_series/<deployment>` and `azure/gpt5_series/<deployment>` tell LiteLLM the family of a deployment. */
function deploymentOf(model: string): string {
  return model.replace(/^(o_series|gpt5_series)\//, "");
}

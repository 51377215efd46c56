import { modelPath } from "../gemini/model-resource.ts";
import type { Operation, Place, Target } from "../provider.ts";
import { isClaude, modelPlace } from "./model-place.ts";

const VERSION = /\/v1(?:beta1)?$/;
/** A base that is the whole address of a model, but for what is asked of it. */
const WITH_MODEL = /\/(?:models|endpoints)\/[^/]+$/;

/**
 * `<base>/v1/projects/<project>/locations/<location>/publishers/google/models/<model>:generateContent`. A base that ends
 * in a version keeps it, one that ends in a model keeps all of it. Without a project it is the address that takes
 * Google's API keys (express mode).
 */
export function vertexTarget(operation: Operation, place: Place, stream: boolean): Target {
  const url = new URL(inLocation(place));
  const base = url.pathname.replace(/\/+$/, "");
  const action = actionOf(operation, place.model, stream);
  if (action === "streamGenerateContent") url.searchParams.set("alt", "sse");
  const end = `:${action}${url.search}`;
  if (WITH_MODEL.test(base)) return { origin: url.origin, path: `${base}${end}` };
  const version = VERSION.test(base) ? base : `${base}/v1`;
  return { origin: url.origin, path: `${version}/${resourceOf(place)}${end}` };
}

function actionOf(operation: Operation, model: string, stream: boolean): string {
  if (operation === "embedding") return "predict";
  if (isClaude(model)) return stream ? "streamRawPredict" : "rawPredict";
  return stream ? "streamGenerateContent" : "generateContent";
}

function resourceOf({ location = "global", model: name, project }: Place): string {
  const place = modelPlace(name);
  const parent =
    project === undefined ? "" : `projects/${modelPath(project)}/locations/${modelPath(location)}/`;
  if (place.kind === "endpoint") return `${parent}endpoints/${place.id}`;
  const publisher = place.publisher;
  return `${parent}publishers/${publisher}/models/${modelPath(place.kind === "model" ? place.model : name)}`;
}

/** Google's host for a location: most have their own, `global` has none, and `us` and `eu` have another form of it. */
function inLocation({ baseUrl, location = "global", project }: Place): string {
  if (!baseUrl.includes("{location}")) return baseUrl;
  if (location === "global" || project === undefined) return baseUrl.replace("{location}-", "");
  if (location === "us" || location === "eu") {
    return baseUrl.replace("{location}-aiplatform", `aiplatform.${location}.rep`);
  }
  return baseUrl.replace("{location}", location);
}

import {
  type Finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Origin,
  originText,
} from "@gatewright/plan";
import { environmentName } from "../environment.ts";
import { providerRows } from "../generated/providers.ts";
import { nearestName } from "../nearest-name.ts";

const rowsByName = new Map(
  providerRows.flatMap((row) => [row.name, ...row.aliases].map((name) => [name, row] as const)),
);

/** Deployments whose provider the native engine does not call: each a finding that blocks that deployment alone. */
export function* unservedProviders(
  document: JsonObject,
  {
    origin,
    deploymentOrigin,
  }: { readonly origin: Origin; readonly deploymentOrigin?: (index: number) => Origin | undefined },
): Iterable<Finding> {
  const models = document["model_list"];
  if (!Array.isArray(models)) return;
  for (const [index, model] of models.entries()) {
    const name = providerOf(model, document);
    const row = name === undefined ? undefined : rowsByName.get(name);
    if (name === undefined || row?.support === "honoured") continue;
    const path = `model_list[${index}]`;
    const publicName = isJsonObject(model) ? model["model_name"] : undefined;
    const declared = deploymentOrigin?.(index);
    const entry = `${path}${typeof publicName === "string" ? ` (${publicName})` : ""} of ${originText(origin)}`;
    const start = `${declared === undefined ? entry : originText(declared)} is not served:`;
    yield row === undefined
      ? {
          code: "ProviderUnknown",
          effect: "blocked",
          origin: declared ?? { ...origin, path },
          text: `${start} there is no provider ${JSON.stringify(name)}${meant(name)} Models are written provider/model, for example openai/gpt-4o.`,
        }
      : {
          code: "ProviderNotServed",
          effect: "blocked",
          origin: declared ?? { ...origin, path },
          text: `${start} the native engine does not call ${name} yet. Use the engine litellm for it, or an upstream that speaks OpenAI's API.`,
        };
  }
}

/** The provider by name; undefined when it cannot be told from the document. */
function providerOf(model: Json, document: JsonObject): string | undefined {
  const parameters = isJsonObject(model) ? model["litellm_params"] : undefined;
  if (!isJsonObject(parameters)) return undefined;
  const forced =
    credentialValues(parameters, document)?.["custom_llm_provider"] ??
    parameters["custom_llm_provider"] ??
    defaults(document)?.["custom_llm_provider"];
  const name = parameters["model"];
  const known = forced ?? name;
  if (typeof known !== "string" || environmentName(known) !== undefined) return undefined;
  if (known === forced) return forced;
  const slash = known.indexOf("/");
  return slash < 0 ? guessedFrom(known) : known.slice(0, slash);
}

/** Bare names, as far as their provider shows (litellm.md §2.1: guessed from the price map). */
function guessedFrom(model: string): string {
  if (model.startsWith("claude")) return "anthropic";
  return model.startsWith("gemini") ? "vertex_ai" : "openai";
}

function credentialValues(parameters: JsonObject, document: JsonObject): JsonObject | undefined {
  const list = document["credential_list"];
  const name = parameters["litellm_credential_name"];
  if (!Array.isArray(list) || name === undefined) return undefined;
  const found: Json | undefined = list.find((item) => isJsonObject(item) && item["credential_name"] === name);
  const values = isJsonObject(found) ? found["credential_values"] : undefined;
  return isJsonObject(values) ? values : undefined;
}

function defaults(document: JsonObject): JsonObject | undefined {
  const router = document["router_settings"];
  const found = isJsonObject(router) ? router["default_litellm_params"] : undefined;
  return isJsonObject(found) ? found : undefined;
}

function meant(name: string): string {
  const near = nearestName(name, rowsByName.keys());
  return near === undefined ? "." : `; did you mean ${near}?`;
}

import type { Finding, JsonObject, Model, ModelDefaults, ModelRate, Part } from "@gatewright/plan";
import { originOf } from "../../resource.ts";
import type { Provider } from "../kinds/language-model.ts";
import { readPrices } from "./budget.ts";
import { readCredentials } from "./credential.ts";
import { readTimeout } from "./duration.ts";
import {
  type Contribution,
  fieldFinding,
  isCatalogue,
  isOpenaiCompatible,
  type ModelEntry,
  publicName,
  type Surroundings,
} from "./entry.ts";
import { readDeployments } from "./load-balancing.ts";

/** What LiteLLM wants in front of a model's name (langop.md §3.3, newest column). */
const prefixes: Readonly<Record<Provider, string | undefined>> = {
  openai: undefined,
  anthropic: "anthropic",
  gemini: "gemini",
  azure: "azure",
  bedrock: "bedrock",
  vertex: "vertex_ai",
  "openai-compatible": "openai",
  custom: "openai",
};

/**
 * The deployments of one LanguageModel (langop.md §3.3 as decisions.md amends it): one, or one for each of its endpoints.
 * No parts exactly when a finding says that the model is blocked.
 */
export function readModel(
  entry: ModelEntry,
  resources: ReadonlySet<string>,
  surroundings: Surroundings,
): Contribution {
  const credentials = readCredentials(entry, surroundings);
  const findings: Finding[] = [...credentials.findings, ...missingFields(entry)];
  if (findings.some(({ effect }) => effect === "blocked")) return { parts: [], findings };

  const { spec } = entry;
  const timeoutSeconds = readTimeout(entry, findings);
  const { apiVersion, parameters } = readParameters(entry, credentials.parameters);
  const prices = readPrices(entry);
  const defaults = readDefaults(entry);
  const shared: Omit<Model, "origin" | "id"> = {
    name: publicName(entry),
    resource: entry.name,
    model: upstreamName(entry),
    delivery: "document",
    ...(isOpenaiCompatible(entry) ? { provider: "openai", chatCompletionsOnly: true } : {}),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(spec.region === undefined ? {} : { region: spec.region }),
    ...(spec.project === undefined ? {} : { project: spec.project }),
    ...(spec.location === undefined ? {} : { location: spec.location }),
    ...(credentials.apiKey === undefined ? {} : { apiKey: credentials.apiKey }),
    ...(Object.keys(credentials.secrets).length === 0 ? {} : { secrets: credentials.secrets }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(defaults === undefined ? {} : { defaults }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(prices === undefined ? {} : { information: prices }),
  };
  const parts = readDeployments(entry, resources).map((deployment, position): Part => {
    const { id, path, endpoint = baseUrl(entry), weight, order, requests, tokens, parallel } = deployment;
    const rate: ModelRate = {
      ...(requests === undefined ? {} : { requestsPerMinute: requests }),
      ...(tokens === undefined ? {} : { tokensPerMinute: tokens }),
      placement: "entry",
    };
    return {
      concern: "model",
      position,
      value: {
        ...shared,
        origin: originOf(entry.resource, path),
        id,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(weight === undefined ? {} : { weight }),
        ...(order === undefined ? {} : { order }),
        ...(requests === undefined && tokens === undefined ? {} : { rate }),
        ...(parallel === undefined ? {} : { parallelRequests: parallel }),
      },
    };
  });
  if (spec.endpoint !== undefined && (spec.loadBalancing?.endpoints?.length ?? 0) > 0) {
    findings.push(
      fieldFinding(
        entry.resource,
        "spec.endpoint",
        "EndpointReplaced",
        "dropped",
        "is not used because spec.loadBalancing.endpoints lists the endpoints. Add it to that list if it should serve as well.",
      ),
    );
  }
  return { parts, findings };
}

/** `provider/model` as LiteLLM writes it; a name that has its prefix already does not get it twice. */
function upstreamName(entry: ModelEntry): string {
  const { provider, litellmProvider, modelName } = entry.spec;
  const prefix = litellmProvider ?? (provider === undefined ? undefined : prefixes[provider]);
  if (prefix === undefined) return isCatalogue(entry) ? "openai/*" : modelName;
  return modelName.startsWith(`${prefix}/`) ? modelName : `${prefix}/${modelName}`;
}

/** The endpoint as given; OpenAI-compatible servers get exactly one `/v1`, whatever slashes are around it. */
function baseUrl(entry: ModelEntry): string | undefined {
  const { endpoint } = entry.spec;
  if (endpoint === undefined || endpoint === "" || !isOpenaiCompatible(entry)) return endpoint || undefined;
  const trimmed = endpoint.replace(/\/+$/u, "");
  return trimmed.endsWith("/v1") ? trimmed : `${trimmed}/v1`;
}

/** Verbatim parameters, last one wins: of the credentials, of the first generation, of `params`. */
function readParameters(
  entry: ModelEntry,
  ofCredentials: JsonObject,
): { readonly apiVersion: string | undefined; readonly parameters: JsonObject } {
  const { configuration, params, apiVersion } = entry.spec;
  // The spec was JSON before the schema read it, so these are JSON values.
  const merged = { ...ofCredentials, ...configuration?.additionalParameters, ...params } as JsonObject;
  const { api_version: version, ...parameters } = merged;
  if (version === undefined) return { apiVersion, parameters };
  return typeof version === "string"
    ? { apiVersion: version, parameters }
    : { apiVersion: undefined, parameters: merged };
}

function readDefaults(entry: ModelEntry): ModelDefaults | undefined {
  const { configuration } = entry.spec;
  if (configuration === undefined) return undefined;
  const { maxTokens, temperature, topP, frequencyPenalty, presencePenalty, stopSequences } = configuration;
  const defaults: ModelDefaults = {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(stopSequences === undefined ? {} : { stop: stopSequences }),
  };
  return Object.keys(defaults).length === 0 ? undefined : defaults;
}

/** Fields the newest admission requires. Older manifests leave them to the gateway's environment, so they are served. */
function missingFields(entry: ModelEntry): readonly Finding[] {
  const { spec } = entry;
  const parameters: Readonly<Record<string, unknown>> = {
    ...spec.configuration?.additionalParameters,
    ...spec.params,
  };
  const has = (value: string | undefined, parameter: string): boolean =>
    (value !== undefined && value !== "") || parameters[parameter] !== undefined;
  const endpoint =
    has(spec.endpoint, "api_base") || (spec.loadBalancing?.endpoints?.length ?? 0) > 0
      ? []
      : [["spec.endpoint", "the URL of the upstream"] as const];
  const required: Partial<Record<Provider, readonly (readonly [path: string, what: string])[]>> = {
    "openai-compatible": endpoint,
    custom: endpoint,
    azure: [
      ...endpoint,
      ...(has(spec.apiVersion, "api_version") ? [] : [["spec.apiVersion", "the API version"] as const]),
    ],
    bedrock: has(spec.region, "aws_region_name") ? [] : [["spec.region", "the AWS region"]],
    vertex: [
      ...(has(spec.project, "vertex_project") ? [] : [["spec.project", "the Google Cloud project"] as const]),
      ...(has(spec.location, "vertex_location")
        ? []
        : [["spec.location", "the Google Cloud location"] as const]),
    ],
  };
  return (spec.provider === undefined ? [] : (required[spec.provider] ?? [])).map(([path, what]) =>
    fieldFinding(
      entry.resource,
      path,
      "FieldMissing",
      "approximated",
      `is not set, so ${what} must come from the gateway's environment. Provider ${spec.provider} needs it: set it here.`,
    ),
  );
}

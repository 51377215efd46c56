import { nearestName, type Secret, type SecretLookup } from "@gatewright/litellm";
import {
  type Authorizer,
  type Operation,
  operations,
  type Place,
  type Provider,
  providerNamed,
  providers,
  providersToCome,
  type Target,
} from "@gatewright/providers";
import type { ModelEntry } from "./model-entry.ts";

/** How a deployment serves one operation: where its calls go, whole and as streams, or why it does not. */
export type ServedOperation =
  | { readonly kind: "passed" | "translated"; readonly target: Target; readonly streamTarget: Target }
  | { readonly kind: "refused"; readonly reason: string };

/** Where a deployment's calls go, and with which key. */
export interface Address {
  readonly provider: Provider;
  readonly upstreamModel: string;
  readonly baseUrl: string;
  /** The same for all operations. */
  readonly origin: string;
  readonly operations: { readonly [O in Operation]: ServedOperation };
  /** `token` is a bearer token where the provider otherwise wants a key (Azure AD). */
  readonly key: { readonly secret: Secret; readonly token: boolean } | undefined;
  /** For providers whose requests each have an authorization of their own. */
  readonly authorizer: Authorizer | undefined;
}

/** What finding an address needs beside the entry. */
export interface AddressContext {
  readonly lookup: SecretLookup;
  /** `litellm_settings.enable_azure_ad_token_refresh`. */
  readonly refreshesTokens: boolean;
}

/** Finds the address of an entry, or says why there is none. A mocked deployment needs neither host nor key. */
export function addressOf(
  entry: ModelEntry,
  model: string,
  { lookup, refreshesTokens }: AddressContext,
  mocked: boolean,
): Address | { readonly reason: string } {
  const named = providerOf(entry, model);
  if ("reason" in named) return named;
  const { provider, upstreamModel } = named;
  const { parameters } = entry;
  const own = firstSet(provider.baseUrlVariables, lookup)?.reveal() ?? provider.baseUrl;
  const configured = parameters.api_base ?? parameters.aws_bedrock_runtime_endpoint;
  const baseUrl = configured ?? own ?? (mocked ? "http://mock.invalid" : undefined);
  if (baseUrl === undefined) {
    return {
      reason: `${provider.name} has no address of its own: set litellm_params.api_base${orVariable(provider.baseUrlVariables)}`,
    };
  }
  const place = placeOf(entry, provider, lookup, baseUrl, upstreamModel);
  const served = operationsOf(provider, place, parameters.use_chat_completions_api === true);
  if (typeof served === "string") return { reason: served };
  const origin = originOf(served) ?? baseUrl;
  const address = {
    provider,
    upstreamModel,
    // An address that depends on the region or location is a pattern until it is known.
    baseUrl: baseUrl.includes("{") ? origin : baseUrl,
    origin,
    operations: served,
  };
  if (mocked) return { ...address, key: undefined, authorizer: undefined };
  const found = keyOf(entry, provider, lookup, baseUrl === own);
  const key = found !== undefined && "reason" in found ? undefined : found;
  try {
    const authorizer = provider.authorizer?.(
      {
        ...parameters,
        key: key?.secret,
        enable_azure_ad_token_refresh: refreshesTokens,
        configuredAddress: baseUrl !== own,
      },
      place,
    );
    // Other credentials stand in for a key that is not there.
    if (found !== undefined && "reason" in found && authorizer === undefined) return found;
    return { ...address, key, authorizer };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The provider by `custom_llm_provider`, else by the prefix, else guessed from a bare name as LiteLLM does. */
function providerOf(
  entry: ModelEntry,
  model: string,
): { readonly provider: Provider; readonly upstreamModel: string } | { readonly reason: string } {
  const slash = model.indexOf("/");
  const prefix = slash < 0 ? undefined : model.slice(0, slash);
  const forced = entry.parameters.custom_llm_provider;
  const name = forced ?? prefix ?? guessed(model);
  const provider = providerNamed(name);
  if (provider === undefined) return { reason: unknownProvider(name) };
  const named = prefix !== undefined && (prefix === name || providerNamed(prefix) === provider);
  return { provider, upstreamModel: named ? model.slice(slash + 1) : model };
}

function guessed(model: string): string {
  if (model.startsWith("claude")) return "anthropic";
  return model.startsWith("gemini") ? "vertex_ai" : "openai";
}

function unknownProvider(name: string): string {
  if (providersToCome.includes(name)) return `the provider ${name} is not served by the native engine yet`;
  const near = nearestName(
    name,
    providers.map((provider) => provider.name),
  );
  return `there is no provider ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean ${near}?`} The model is written provider/model, for example openai/gpt-4o`;
}

/**
 * The key to call with. One found in the environment belongs to the provider's own address (or to the one the
 * environment gives): it is never sent to a host that the entry names (design.md rule 6).
 */
function keyOf(
  entry: ModelEntry,
  provider: Provider,
  lookup: SecretLookup,
  ownAddress: boolean,
): Address["key"] | { readonly reason: string } {
  const { azure_ad_token: token, api_key: key } = entry.parameters;
  // agentic-layer names a key for every provider, also for servers that want none.
  if (entry.missingKey !== undefined && provider.keyRequired) {
    return { reason: `its key os.environ/${entry.missingKey} is not set` };
  }
  if (token !== undefined) return { secret: token, token: true };
  if (key !== undefined) return { secret: key, token: false };
  const found = ownAddress ? firstSet(provider.keyVariables, lookup) : undefined;
  if (found !== undefined) return { secret: found, token: false };
  if (!provider.keyRequired || !ownAddress) return undefined;
  return {
    reason: `${provider.name} needs a key: set litellm_params.api_key${orVariable(provider.keyVariables)}`,
  };
}

function apiVersionOf(entry: ModelEntry, provider: Provider, lookup: SecretLookup): string | undefined {
  if (entry.parameters.api_version !== undefined) return entry.parameters.api_version;
  return firstSet(provider.apiVersionVariables ?? [], lookup)?.reveal() ?? provider.apiVersion;
}

function placeOf(
  entry: ModelEntry,
  provider: Provider,
  lookup: SecretLookup,
  baseUrl: string,
  model: string,
): Place {
  const { parameters } = entry;
  const variable = (names: readonly string[] | undefined): string | undefined =>
    firstSet(names ?? [], lookup)?.reveal();
  const region = parameters.aws_region_name ?? variable(provider.regionVariables);
  const project =
    parameters.vertex_project ??
    projectIn(parameters.vertex_credentials) ??
    variable(provider.projectVariables);
  const location =
    parameters.vertex_location ?? variable(provider.locationVariables) ?? provider.defaultLocation;
  return {
    baseUrl,
    model,
    apiVersion: apiVersionOf(entry, provider, lookup),
    ...(region === undefined ? {} : { region }),
    ...(project === undefined ? {} : { project }),
    ...(location === undefined ? {} : { location }),
  };
}

/** The project that a service account's file belongs to, where its content is given. */
function projectIn(credentials: Secret | undefined): string | undefined {
  try {
    const file = JSON.parse(credentials?.reveal() ?? "{}") as { readonly project_id?: unknown };
    return typeof file.project_id === "string" ? file.project_id : undefined;
  } catch {
    return undefined; // A path.
  }
}

/** What the provider does for each operation, or why it cannot be called at all. */
function operationsOf(provider: Provider, place: Place, overChat: boolean): Address["operations"] | string {
  try {
    const served = Object.fromEntries(
      operations.map((operation) => [operation, servedOperation(provider, place, operation, overChat)]),
    ) as Address["operations"];
    return /^https?:\/\//.test(originOf(served) ?? "") ? served : notAnAddress(place);
  } catch (error) {
    return error instanceof TypeError ? notAnAddress(place) : String((error as Error).message);
  }
}

/** `overChat`: Responses are asked for as chat completions (litellm.md §2.1, langop.md §3.3). */
function servedOperation(
  provider: Provider,
  place: Place,
  operation: Operation,
  overChat: boolean,
): ServedOperation {
  const service = provider.service(operation, place.model);
  if (typeof service === "object") return { kind: "refused", reason: service.refused };
  const kind = overChat && operation === "response" ? "translated" : service;
  // What is translated becomes a chat, but for embeddings.
  const asked = kind === "translated" && operation !== "embedding" ? "chat" : operation;
  return {
    kind,
    target: provider.target(asked, place, false),
    streamTarget: provider.target(asked, place, true),
  };
}

/** All operations of a deployment are at one host. */
function originOf(served: Address["operations"]): string | undefined {
  for (const one of Object.values(served)) if (one.kind !== "refused") return one.target.origin;
  return undefined;
}

function notAnAddress({ baseUrl }: Place): string {
  return `api_base ${JSON.stringify(baseUrl)} is no http or https URL`;
}

function firstSet(variables: readonly string[], lookup: SecretLookup): Secret | undefined {
  for (const variable of variables) {
    const found = lookup(variable);
    if (found !== undefined && found.reveal() !== "") return found;
  }
  return undefined;
}

function orVariable(variables: readonly string[]): string {
  return variables.length === 0 ? "" : `, or ${variables.join(" or ")} in the environment`;
}

import { nearestName, type Secret, type SecretLookup } from "@gatewright/litellm";
import {
  type Operation,
  type Provider,
  providerNamed,
  providers,
  providersToCome,
  type Target,
} from "@gatewright/providers";
import type { ModelEntry } from "./model-entry.ts";

/** Where a deployment's calls go, and with which key. */
export interface Address {
  readonly provider: Provider;
  readonly upstreamModel: string;
  readonly baseUrl: string;
  readonly targets: { readonly [O in Operation]: Target };
  /** `token` is a bearer token where the provider otherwise wants a key (Azure AD). */
  readonly key: { readonly secret: Secret; readonly token: boolean } | undefined;
}

/** Finds the address of an entry, or says why there is none. A mocked deployment needs neither host nor key. */
export function addressOf(
  entry: ModelEntry,
  model: string,
  lookup: SecretLookup,
  mocked: boolean,
): Address | { readonly reason: string } {
  const named = providerOf(entry, model);
  if ("reason" in named) return named;
  const { provider, upstreamModel } = named;
  const own = firstSet(provider.baseUrlVariables, lookup)?.reveal() ?? provider.baseUrl;
  const baseUrl = entry.parameters.api_base ?? own ?? (mocked ? "http://mock.invalid" : undefined);
  if (baseUrl === undefined) {
    return {
      reason: `${provider.name} has no address of its own: set litellm_params.api_base${orVariable(provider.baseUrlVariables)}`,
    };
  }
  const targets = targetsOf(provider, {
    baseUrl,
    model: upstreamModel,
    apiVersion: apiVersionOf(entry, provider, lookup),
  });
  if (targets === undefined) return { reason: `api_base ${JSON.stringify(baseUrl)} is no http or https URL` };
  if (mocked) return { provider, upstreamModel, baseUrl, targets, key: undefined };
  const key = keyOf(entry, provider, lookup, baseUrl === own);
  if (key !== undefined && "reason" in key) return key;
  return { provider, upstreamModel, baseUrl, targets, key };
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

function targetsOf(
  provider: Provider,
  place: Parameters<Provider["target"]>[1],
): Address["targets"] | undefined {
  try {
    const targets = {
      chat: provider.target("chat", place),
      completion: provider.target("completion", place),
      embedding: provider.target("embedding", place),
    };
    return /^https?:\/\//.test(targets.chat.origin) ? targets : undefined;
  } catch {
    return undefined;
  }
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

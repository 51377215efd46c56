import { fallbackVariable, secretVariable } from "@gatewright/litellm";
import type { Finding, JsonObject, SecretReference } from "@gatewright/plan";
import { credentialParameters } from "../kinds/parameters.ts";
import { fieldFinding, isOpenaiCompatible, type ModelEntry, type Surroundings } from "./entry.ts";

/** How a model identifies itself to its upstream. */
export interface ModelCredentials {
  readonly apiKey?: SecretReference | string;
  /** Further secret parameters, by LiteLLM's name. */
  readonly secrets: { readonly [parameter: string]: SecretReference };
  /** Parameters that name a place of a secret rather than being one. */
  readonly parameters: JsonObject;
  readonly findings: readonly Finding[];
}

/** Sent to servers that want a key but check none (langop.md §3.3). */
const placeholderKey = "sk-local-dummy-key";

/**
 * Keys of a credentials Secret and the parameter each one gives. The first of several keys for one parameter wins.
 * Names that are such parameters already stand for themselves.
 */
const credentialKeys: readonly (readonly [key: string, parameter: string])[] = [
  ["api-key", "api_key"],
  ["API_KEY", "api_key"],
  ["AZURE_API_KEY", "api_key"],
  ["GEMINI_API_KEY", "api_key"],
  ["AWS_BEARER_TOKEN_BEDROCK", "api_key"],
  ["AWS_ACCESS_KEY_ID", "aws_access_key_id"],
  ["AWS_SECRET_ACCESS_KEY", "aws_secret_access_key"],
  ["AWS_SESSION_TOKEN", "aws_session_token"],
  ["AZURE_AD_TOKEN", "azure_ad_token"],
  ["AZURE_TENANT_ID", "tenant_id"],
  ["AZURE_CLIENT_ID", "client_id"],
  ["AZURE_CLIENT_SECRET", "client_secret"],
  ["VERTEX_CREDENTIALS", "vertex_credentials"],
  ["GOOGLE_APPLICATION_CREDENTIALS", "vertex_credentials"],
  ["service-account.json", "vertex_credentials"],
  ["credentials.json", "vertex_credentials"],
  ...[...credentialParameters, "tenant_id", "client_id", "azure_username"].map(
    (name) => [name, name] as const,
  ),
];

/**
 * Credentials of a model (langop.md §3.3): apiKeySecretRef over credentialsSecretRef over a placeholder for keyless
 * OpenAI-compatible servers. A Secret or key that is known to be missing is a blocked finding: the model is left out.
 */
export function readCredentials(entry: ModelEntry, surroundings: Surroundings): ModelCredentials {
  const several = readCredentialsSecret(entry, surroundings);
  const own = readApiKey(entry, surroundings);
  const { api_key: shared, ...secrets } = several.secrets;
  const apiKey = own.apiKey ?? shared ?? (isOpenaiCompatible(entry) ? placeholderKey : undefined);
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    secrets,
    parameters: several.parameters,
    findings: [...own.findings, ...several.findings],
  };
}

function readApiKey(
  entry: ModelEntry,
  surroundings: Surroundings,
): { readonly apiKey?: SecretReference; readonly findings: readonly Finding[] } {
  const reference = entry.spec.apiKeySecretRef;
  if (reference === undefined) return { findings: [] };
  const findings: Finding[] = [];
  const { name, key, namespace } = reference;
  if (namespace !== undefined && namespace !== entry.namespace && entry.namespace !== "") {
    findings.push(
      fieldFinding(
        entry.resource,
        "spec.apiKeySecretRef.namespace",
        "SecretNamespaceIgnored",
        "approximated",
        `is ignored: a model may only read Secrets of its own namespace, so ${entry.namespace}/${name} is used. Copy the Secret there.`,
      ),
    );
  }
  const apiKey = referenceTo(entry, name, key, fallbackVariable(name));
  if (surroundings.environmentHas(fallbackVariable(name))) return { apiKey, findings };
  const missing = missingSecret(entry, "spec.apiKeySecretRef", name, key, surroundings);
  return { apiKey, findings: missing === undefined ? findings : [...findings, missing] };
}

function missingSecret(
  entry: ModelEntry,
  path: string,
  name: string,
  key: string | undefined,
  surroundings: Surroundings,
): Finding | undefined {
  const keys = surroundings.secretKeys(name);
  const secret =
    entry.namespace === "" ? `${surroundings.secretsFolder}/${name}` : `${entry.namespace}/${name}`;
  const consequence = "Only this model is left out of the gateway until it is there.";
  if (keys === "absent") {
    return fieldFinding(
      entry.resource,
      path,
      "SecretNotFound",
      "blocked",
      `names the Secret ${secret}, which does not exist. ${consequence}`,
    );
  }
  if (keys === "unknown" || key === undefined || keys.includes(key)) return undefined;
  const held = keys.length === 0 ? "it is empty" : `it has ${[...keys].sort().slice(0, 10).join(", ")}`;
  return fieldFinding(
    entry.resource,
    path,
    "SecretKeyMissing",
    "blocked",
    `names the key "${key}" of the Secret ${secret}, which has no such key (${held}). ${consequence}`,
  );
}

function readCredentialsSecret(
  entry: ModelEntry,
  surroundings: Surroundings,
): Pick<ModelCredentials, "secrets" | "parameters" | "findings"> {
  const name = entry.spec.credentialsSecretRef?.name;
  if (name === undefined) return { secrets: {}, parameters: {}, findings: [] };
  const path = "spec.credentialsSecretRef";
  const missing = missingSecret(entry, path, name, undefined, surroundings);
  if (missing !== undefined) return { secrets: {}, parameters: {}, findings: [missing] };
  const keys = surroundings.secretKeys(name);
  if (typeof keys === "string") {
    const text = `names the Secret ${entry.namespace}/${name}, whose keys are not known here, so none of them is used. Put the Secret beside the other manifests.`;
    return {
      secrets: {},
      parameters: {},
      findings: [fieldFinding(entry.resource, path, "SecretKeysUnknown", "dropped", text)],
    };
  }
  const findings: Finding[] = [];
  const secrets: Record<string, SecretReference> = {};
  const parameters: Record<string, string> = {};
  const from = new Map<string, string>();
  for (const [key, parameter] of credentialKeys) {
    if (!keys.includes(key)) continue;
    const first = from.get(parameter);
    if (first !== undefined) {
      const text = `has the keys ${first} and ${key}, which both give ${parameter}; ${first} is used.`;
      findings.push(fieldFinding(entry.resource, path, "CredentialRepeated", "dropped", text));
      continue;
    }
    from.set(parameter, key);
    // LiteLLM's clients take a service account as a file and refresh tokens from it, so the place is handed on.
    if (parameter === "vertex_credentials")
      parameters[parameter] = `${surroundings.secretsFolder}/${name}/${key}`;
    else secrets[parameter] = referenceTo(entry, name, key);
  }
  for (const key of unknownKeys(keys)) {
    const text = `has the key ${key}, which stands for no credential this gateway knows, so it is not used.`;
    findings.push(fieldFinding(entry.resource, path, "CredentialUnknown", "dropped", text));
  }
  return { secrets, parameters, findings };
}

/** Kubernetes puts the data of a mounted Secret behind names that start with two dots; those are no keys. */
function unknownKeys(keys: readonly string[]): readonly string[] {
  const known = new Set(credentialKeys.map(([key]) => key));
  return [...keys].filter((key) => !known.has(key) && !key.startsWith("..")).sort();
}

function referenceTo(entry: ModelEntry, secret: string, key: string, fallback?: string): SecretReference {
  return {
    variable: secretVariable({ secret, key }),
    secret: { namespace: entry.namespace, name: secret, key },
    ...(fallback === undefined ? {} : { fallbackVariable: fallback }),
  };
}

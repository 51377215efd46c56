import type { Finding, SecretReference } from "@gatewright/plan";
import type { World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import type { Environment } from "./workload.ts";

/** The Secret with the keys of all providers, in the namespace of the gateway (agentic-layer.md §3.8). */
const providerSecret = "api-key-secrets";

/** `OPENAI_API_KEY`: the provider in capitals and nothing else changed; a hyphen stays (agentic-layer.md §3.4). */
export function providerVariable(provider: string): string {
  return `${provider.toUpperCase()}_API_KEY`;
}

/**
 * The key of a provider: a variable that the user sets through `spec.env` or `spec.envFrom`, else the key of the same
 * name in `api-key-secrets`.
 */
export function readProviderKey(
  provider: string,
  resource: Resource,
  environment: Environment,
): SecretReference {
  const variable = providerVariable(provider);
  const source = environment.variables.get(variable);
  if (source === undefined) {
    const namespace = resource.metadata.namespace ?? "";
    return { variable, secret: { namespace, name: providerSecret, key: variable } };
  }
  return source.kind === "secret" ? { variable, secret: source.secret } : { variable };
}

/**
 * Providers whose key is known not to exist, one finding each. The gateway is served all the same: the key is
 * optional, a provider may not need one, and it may be added later (agentic-layer.md §8, W24).
 */
export function missingKeys(
  providers: readonly string[],
  resource: Resource,
  environment: Environment,
  world: World,
): readonly Finding[] {
  const first = [...new Map([...providers.entries()].reverse().map(([index, name]) => [name, index]))];
  return first.flatMap(([provider, index]): readonly Finding[] => {
    const { variable, secret } = readProviderKey(provider, resource, environment);
    // Where the user names the source, its absence has been reported there; and an unknown Secret may have the key.
    if (environment.variables.has(variable) || environment.open || secret === undefined) return [];
    const keys = world.secretKeys(secret.namespace, secret.name);
    if (keys === "unknown" || (keys !== "absent" && keys.includes(variable))) return [];
    const lack =
      keys === "absent"
        ? `There is no Secret "${secret.name}" in namespace ${secret.namespace}`
        : `The Secret "${secret.name}" in namespace ${secret.namespace} has no key "${variable}"`;
    return [
      {
        code: "ApiKeyMissing",
        effect: "approximated",
        origin: originOf(resource, `spec.aiModels[${index}].provider`),
        text: `${lack}, so calls to ${provider} go out without an API key and will be refused if the provider wants one. Add ${variable} to it, or set that variable in spec.env.`,
      },
    ];
  });
}

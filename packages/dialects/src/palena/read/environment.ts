import { Secret } from "@gatewright/litellm";
import { compareText, type Finding, type SecretReference } from "@gatewright/plan";
import type { InstanceSpec } from "../kinds/instance.ts";
import { fieldFinding, type Instance } from "./instance.ts";
import { referenceTo } from "./secret.ts";

/** Variables that the user gives the gateway's process, for example a provider's key that models do not name. */
interface Environment {
  readonly texts: ReadonlyMap<string, string>;
  /** By name. */
  readonly secrets: readonly SecretReference[];
  readonly findings: readonly Finding[];
}

type Variables = NonNullable<InstanceSpec["extraEnvVars"]>;

/**
 * extraEnvFrom, callbacks.envVars and extraEnvVars, later ones winning (palena.md §2.4). Fields of the Pod have no
 * value outside of one and are left to the Deployment.
 */
export function readEnvironment(instance: Instance): Environment {
  const { extraEnvFrom = [], callbacks, extraEnvVars = [] } = instance.spec;
  const values = new Map<string, string | SecretReference>();
  const findings: Finding[] = [];
  const missing = (path: string, what: string, optional = false) => {
    if (optional) return;
    const text = `needs the ${what}, which does not exist, so the gateway lacks what it should bring; a Pod would not start.`;
    findings.push(fieldFinding(instance.resource, path, "VariableMissing", "approximated", text));
  };

  for (const [index, { prefix = "", configMapRef, secretRef }] of extraEnvFrom.entries()) {
    if (configMapRef !== undefined) {
      const data = instance.configMap(configMapRef.name);
      for (const [key, text] of Object.entries(data ?? {})) values.set(prefix + key, text);
      if (data === undefined) {
        const path = `spec.extraEnvFrom[${index}].configMapRef`;
        missing(path, `ConfigMap ${configMapRef.name}`, configMapRef.optional);
      }
    }
    if (secretRef !== undefined) {
      const keys = instance.secretKeys(secretRef.name);
      if (keys === "absent") {
        missing(`spec.extraEnvFrom[${index}].secretRef`, `Secret ${secretRef.name}`, secretRef.optional);
      } else if (keys !== "unknown") {
        for (const key of keys) {
          values.set(
            prefix + key,
            referenceTo(instance.namespace, prefix + key, { name: secretRef.name, key }),
          );
        }
      }
    }
  }

  const addVariables = (variables: Variables, base: string) => {
    for (const [index, { name, value, valueFrom }] of variables.entries()) {
      const { secretKeyRef: secret, configMapKeyRef: configMap } = valueFrom ?? {};
      const path = `${base}[${index}].valueFrom`;
      if (secret !== undefined) {
        values.set(name, referenceTo(instance.namespace, name, secret));
        const keys = instance.secretKeys(secret.name);
        if (keys !== "unknown" && (keys === "absent" || !keys.includes(secret.key))) {
          missing(path, `key "${secret.key}" of the Secret ${secret.name}`, secret.optional);
        }
      } else if (configMap !== undefined) {
        const text = instance.configMap(configMap.name)?.[configMap.key];
        if (text === undefined) {
          missing(path, `key "${configMap.key}" of the ConfigMap ${configMap.name}`, configMap.optional);
        } else values.set(name, text);
      } else if (valueFrom === undefined) values.set(name, value ?? "");
    }
  };
  addVariables(callbacks?.envVars ?? [], "spec.callbacks.envVars");
  addVariables(extraEnvVars, "spec.extraEnvVars");

  const ordered = [...values].sort(([a], [b]) => compareText(a, b));
  return {
    texts: new Map(ordered.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
    secrets: ordered.map(([, value]) => value).filter((value) => typeof value !== "string"),
    findings,
  };
}

/** The variables that stand in clear in the resources, for whoever runs the gateway outside a cluster. */
export function clearVariables(instance: Instance): { readonly [name: string]: Secret } {
  return Object.fromEntries(
    [...readEnvironment(instance).texts].map(([name, text]) => [name, new Secret(text)]),
  );
}

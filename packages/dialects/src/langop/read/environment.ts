import { Secret } from "@gatewright/litellm";
import { isJsonObject, type SecretKey } from "@gatewright/plan";
import type { World } from "../../dialect.ts";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";

/** Where a variable of the gateway's environment comes from, as far as the resources tell. */
export type Variable =
  | { readonly kind: "text"; readonly text: string; readonly path: string }
  | { readonly kind: "secret"; readonly secret: SecretKey; readonly path: string }
  /** It is set, but to what cannot be found out; `why` goes on after the path. */
  | { readonly kind: "unreadable"; readonly path: string; readonly why: string };

type Source = NonNullable<NonNullable<DeploymentSpec["env"]>[number]["valueFrom"]>;

const base = "spec.gateway.deployment";

/** One variable as Kubernetes would set it: `env` over `envFrom`, and of several the last. */
export function readVariable(
  deployment: DeploymentSpec | undefined,
  name: string,
  namespace: string,
  world: World,
): Variable | undefined {
  const env = deployment?.env ?? [];
  const index = env.findLastIndex((variable) => variable.name === name);
  const own = env[index];
  if (own !== undefined) {
    const path = `${base}.env[${index}]`;
    return own.valueFrom === undefined
      ? { kind: "text", text: own.value ?? "", path }
      : readSource(own.valueFrom, `${path}.valueFrom`, namespace, world);
  }
  for (const [position, { prefix = "", configMapRef, secretRef }] of [
    ...(deployment?.envFrom ?? []).entries(),
  ].reverse()) {
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    const path = `${base}.envFrom[${position}]`;
    const text =
      configMapRef === undefined ? undefined : configMap(configMapRef.name, namespace, world)?.[key];
    if (text !== undefined) return { kind: "text", text, path };
    const keys = secretRef === undefined ? [] : world.secretKeys(namespace, secretRef.name);
    if (secretRef !== undefined && typeof keys !== "string" && keys.includes(key)) {
      return { kind: "secret", secret: { namespace, name: secretRef.name, key }, path };
    }
  }
  return undefined;
}

function readSource(source: Source, path: string, namespace: string, world: World): Variable | undefined {
  const { configMapKeyRef, secretKeyRef } = source;
  if (configMapKeyRef !== undefined) {
    const { name, key, optional } = configMapKeyRef;
    const text = configMap(name, namespace, world)?.[key];
    if (text !== undefined) return { kind: "text", text, path };
    if (optional === true) return undefined;
    return {
      kind: "unreadable",
      path,
      why: `names the key "${key}" of ConfigMap ${name}, which is not here`,
    };
  }
  if (secretKeyRef !== undefined) {
    const { name, key, optional } = secretKeyRef;
    const keys = world.secretKeys(namespace, name);
    if (keys === "unknown" || (keys !== "absent" && keys.includes(key))) {
      return { kind: "secret", secret: { namespace, name, key }, path };
    }
    if (optional === true) return undefined;
    return {
      kind: "unreadable",
      path,
      why: `names the key "${key}" of Secret ${name}, which does not exist`,
    };
  }
  return { kind: "unreadable", path, why: "takes its value from the pod" };
}

function configMap(name: string, namespace: string, world: World): Resource["data"] {
  return world.resources.find(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === "v1" &&
      kind === "ConfigMap" &&
      metadata.namespace === namespace &&
      metadata.name === name,
  )?.data;
}

/**
 * The variables a LanguageCluster gives its gateway in clear text: what a program that runs the gateway outside a
 * cluster has to add to the gateway's environment. Unreadable resources give none.
 */
export function gatewayEnvironment(cluster: Resource): { readonly [name: string]: Secret } {
  const gateway = cluster.spec?.["gateway"];
  const deployment = isJsonObject(gateway) ? gateway["deployment"] : undefined;
  const env = isJsonObject(deployment) ? deployment["env"] : undefined;
  const found: Record<string, Secret> = {};
  for (const variable of Array.isArray(env) ? env : []) {
    if (!isJsonObject(variable)) continue;
    const { name, value } = variable;
    if (typeof name === "string" && typeof value === "string") found[name] = new Secret(value);
  }
  return found;
}

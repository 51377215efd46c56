import { Secret } from "@gatewright/litellm";
import { compareText, type Finding, type SecretKey } from "@gatewright/plan";
import type { World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { type Contribution, fieldFinding } from "./entry.ts";

/** Where a variable of the gateway's environment comes from, as far as the resources tell. `path` is its field. */
export type Variable =
  | { readonly kind: "text"; readonly text: string; readonly path: string }
  | { readonly kind: "secret"; readonly secret: SecretKey; readonly path: string }
  /** It is set, but to what cannot be found out; `why` goes on after the path. Pods know their own fields later. */
  | { readonly kind: "unreadable"; readonly path: string; readonly why: string; readonly later?: true };

/** What a LanguageCluster gives its gateway's process. */
export interface Environment {
  readonly variables: ReadonlyMap<string, Variable>;
  /** About sources that cannot be read. */
  readonly findings: readonly Finding[];
}

type VariableSource = NonNullable<NonNullable<DeploymentSpec["env"]>[number]["valueFrom"]>;

const base = "spec.gateway.deployment";

/** The variables as Kubernetes would set them: `env` over `envFrom`, and of several of one name the last. */
export function readEnvironment(
  cluster: Resource,
  deployment: DeploymentSpec | undefined,
  world: World,
): Environment {
  const namespace = cluster.metadata.name;
  const variables = new Map<string, Variable>();
  const findings: Finding[] = [];
  for (const [index, { prefix = "", configMapRef, secretRef }] of (deployment?.envFrom ?? []).entries()) {
    const path = `${base}.envFrom[${index}]`;
    const unknown = (source: string, optional: boolean | undefined): void => {
      if (optional === true) return;
      findings.push(
        fieldFinding(
          cluster,
          path,
          "EnvironmentUnknown",
          "dropped",
          `takes variables from ${source}, which is not here, so none of them is set; a master key among them would be missing.`,
        ),
      );
    };
    if (configMapRef !== undefined) {
      const data = world.configMap(namespace, configMapRef.name);
      if (data === undefined) unknown(`ConfigMap ${configMapRef.name}`, configMapRef.optional);
      for (const [key, text] of Object.entries(data ?? {})) {
        variables.set(prefix + key, { kind: "text", text, path });
      }
    }
    if (secretRef !== undefined) {
      const keys = world.secretKeys(namespace, secretRef.name);
      if (typeof keys === "string") unknown(`Secret ${secretRef.name}`, secretRef.optional);
      for (const key of typeof keys === "string" ? [] : keys) {
        const secret = { namespace, name: secretRef.name, key };
        variables.set(prefix + key, { kind: "secret", secret, path });
      }
    }
  }
  for (const [index, { name, value = "", valueFrom }] of (deployment?.env ?? []).entries()) {
    const path = `${base}.env[${index}]`;
    const variable: Variable | undefined =
      valueFrom === undefined
        ? { kind: "text", text: value, path }
        : readSource(valueFrom, `${path}.valueFrom`, namespace, world);
    if (variable === undefined) variables.delete(name);
    else variables.set(name, variable);
  }
  return { variables, findings };
}

/** Absent for optional values that are not there. */
function readSource(
  source: VariableSource,
  path: string,
  namespace: string,
  world: World,
): Variable | undefined {
  const { configMapKeyRef, secretKeyRef } = source;
  if (configMapKeyRef !== undefined) {
    const { name, key, optional } = configMapKeyRef;
    const text = world.configMap(namespace, name)?.[key];
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
  return { kind: "unreadable", path, why: "takes its value from the pod", later: true };
}

/** Variables that stand in clear in the resources, for whoever runs the gateway outside a cluster. */
export function clearVariables({ variables }: Environment): { readonly [name: string]: Secret } {
  return Object.fromEntries(
    [...variables].flatMap(([name, variable]) =>
      variable.kind === "text" ? [[name, new Secret(variable.text)] as const] : [],
    ),
  );
}

/**
 * Variables that come from Secrets: providers' keys for the whole gateway, for example. `handled` are variables whose own
 * readers report what is wrong with them.
 */
export function readVariables(
  cluster: Resource,
  { variables }: Environment,
  handled: readonly string[],
): Contribution {
  const ordered = [...variables].sort(([a], [b]) => compareText(a, b));
  const secretVariables = ordered.flatMap(([variable, source]) =>
    source.kind === "secret" ? [{ variable, secret: source.secret }] : [],
  );
  return {
    parts:
      secretVariables.length === 0
        ? []
        : [{ concern: "workload", origin: originOf(cluster), value: { secretVariables } }],
    findings: ordered.flatMap(([name, source]) =>
      source.kind === "unreadable" && source.later === undefined && !handled.includes(name)
        ? [
            fieldFinding(
              cluster,
              source.path,
              "VariableUnreadable",
              "dropped",
              `${source.why}, so the gateway runs without ${name}.`,
            ),
          ]
        : [],
    ),
  };
}

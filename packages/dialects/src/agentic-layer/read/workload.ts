import { Secret } from "@gatewright/litellm";
import { compareText, type Finding, type Part, type SecretKey } from "@gatewright/plan";
import type { World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import type { AiGatewaySpec } from "../kinds/ai-gateway.ts";
import type { EnvironmentSource, EnvironmentVariable } from "../kinds/environment.ts";
import { providerVariable } from "./credential.ts";

/** Where a variable's value comes from; `pod`: only a running Pod knows it (its own name, its limits, its files). */
export type VariableSource =
  | { readonly kind: "text"; readonly value: Secret }
  | { readonly kind: "secret"; readonly secret: SecretKey }
  | { readonly kind: "pod" };

/** What `spec.env` and `spec.envFrom` give the gateway's process. */
export interface Environment {
  /** One source a name. */
  readonly variables: ReadonlyMap<string, VariableSource>;
  /** A source names a Secret whose keys nobody can tell here: it may give any variable. */
  readonly open: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Reads the environment as a kubelet would (agentic-layer.md §3.8): later sources of `envFrom` win over earlier ones,
 * `env` wins over `envFrom`, and of one name written twice the last counts.
 */
export function readEnvironment(resource: Resource, spec: AiGatewaySpec, world: World): Environment {
  const reader = new EnvironmentReader(resource, world);
  for (const [index, source] of (spec.envFrom ?? []).entries()) reader.addSource(source, index);
  for (const [index, variable] of (spec.env ?? []).entries()) reader.addVariable(variable, index);
  return reader;
}

class EnvironmentReader implements Environment {
  readonly variables = new Map<string, VariableSource>();
  open = false;
  readonly findings: Finding[] = [];
  readonly #resource: Resource;
  readonly #world: World;
  readonly #namespace: string;

  constructor(resource: Resource, world: World) {
    this.#resource = resource;
    this.#world = world;
    this.#namespace = resource.metadata.namespace ?? "";
  }

  addSource(source: EnvironmentSource, index: number): void {
    const prefix = source.prefix ?? "";
    const { configMapRef, secretRef } = source;
    if (configMapRef !== undefined) {
      const data = this.#world.configMap(this.#namespace, configMapRef.name);
      if (data === undefined && configMapRef.optional !== true) {
        this.#missing(`spec.envFrom[${index}].configMapRef`, `ConfigMap "${configMapRef.name}"`);
      }
      for (const [key, value] of Object.entries(data ?? {})) {
        this.variables.set(prefix + key, { kind: "text", value: new Secret(value) });
      }
    }
    if (secretRef === undefined) return;
    const { name } = secretRef;
    const keys = this.#world.secretKeys(this.#namespace, name);
    if (keys === "unknown") this.open = true;
    else if (keys === "absent") {
      if (secretRef.optional !== true) this.#missing(`spec.envFrom[${index}].secretRef`, `Secret "${name}"`);
    } else for (const key of keys) this.variables.set(prefix + key, this.#secret(name, key));
  }

  addVariable(variable: EnvironmentVariable, index: number): void {
    const { name, value = "", valueFrom } = variable;
    if (valueFrom?.secretKeyRef !== undefined) {
      const { name: secret, key, optional } = valueFrom.secretKeyRef;
      const keys = this.#world.secretKeys(this.#namespace, secret);
      this.variables.set(name, this.#secret(secret, key));
      if (optional !== true && keys !== "unknown" && (keys === "absent" || !keys.includes(key))) {
        this.#missing(`spec.env[${index}].valueFrom.secretKeyRef`, `key "${key}" of the Secret "${secret}"`);
      }
    } else if (valueFrom?.configMapKeyRef !== undefined) {
      const { name: configMap, key, optional } = valueFrom.configMapKeyRef;
      const text = this.#world.configMap(this.#namespace, configMap)?.[key];
      if (text !== undefined) this.variables.set(name, { kind: "text", value: new Secret(text) });
      else if (optional !== true) {
        this.#missing(
          `spec.env[${index}].valueFrom.configMapKeyRef`,
          `key "${key}" of the ConfigMap "${configMap}"`,
        );
      }
    } else if (valueFrom !== undefined) this.variables.set(name, { kind: "pod" });
    else this.variables.set(name, { kind: "text", value: new Secret(value) });
  }

  #secret(name: string, key: string): VariableSource {
    return { kind: "secret", secret: { namespace: this.#namespace, name, key } };
  }

  #missing(path: string, what: string): void {
    this.findings.push({
      code: "VariableMissing",
      effect: "approximated",
      origin: originOf(this.#resource, path),
      text: `The ${what} does not exist in namespace ${this.#namespace}, so the gateway lacks what it should bring; a Pod would not start. Create it, or mark the reference as optional.`,
    });
  }
}

/** The variables that come from Secrets, but for those that models refer to already. */
export function readWorkload(
  resource: Resource,
  spec: AiGatewaySpec,
  environment: Environment,
): readonly Part[] {
  const keys = new Set(spec.aiModels.map(({ provider }) => providerVariable(provider)));
  const secretVariables = [...environment.variables]
    .flatMap(([variable, source]) =>
      source.kind === "secret" && !keys.has(variable) ? [{ variable, secret: source.secret }] : [],
    )
    .sort((a, b) => compareText(a.variable, b.variable));
  if (secretVariables.length === 0) return [];
  return [{ concern: "workload", origin: originOf(resource, "spec.env"), value: { secretVariables } }];
}

/** The variables whose values are known in clear. */
export function textVariables(environment: Environment): { readonly [name: string]: Secret } {
  return Object.fromEntries(
    [...environment.variables].flatMap(([name, source]) =>
      source.kind === "text" ? [[name, source.value]] : [],
    ),
  );
}

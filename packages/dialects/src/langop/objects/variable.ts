import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { hmacVariable } from "../read/identity.ts";
import type { CredentialEntry } from "./credential.ts";

/** An environment variable of a container. */
export interface ContainerVariable {
  readonly name: string;
  readonly [member: string]: unknown;
}

/**
 * Variables of a container, each name once: ours, unless the user sets one of that name, then the user's, of
 * several of one name the last, which is the one Kubernetes would set (langop.md §6.2 row 19).
 */
export function joinVariables(
  ours: readonly ContainerVariable[],
  deployment: DeploymentSpec | undefined,
): readonly ContainerVariable[] {
  const theirs = deployment?.env ?? [];
  const last = new Map(theirs.map((variable) => [variable.name, variable]));
  return [
    ...ours.filter(({ name }) => !last.has(name)),
    ...theirs.filter((variable) => last.get(variable.name) === variable),
  ];
}

/** The secret that agent keys are checked with, for an engine that takes its secrets from the environment. */
export const agentKeyVariable: ContainerVariable = {
  name: hmacVariable,
  valueFrom: { secretKeyRef: { name: "gateway-auth", key: "hmac-secret" } },
};

/** Secrets of the document as variables. Optional: one that is missing takes away its own model only (§6.2 row 3). */
export function credentialVariables(entries: readonly CredentialEntry[]): readonly ContainerVariable[] {
  return entries.map(({ key, secret }) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: secret.name, key: secret.key, optional: true } },
  }));
}

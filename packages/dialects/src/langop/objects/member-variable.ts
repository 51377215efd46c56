import type { MemberVariable } from "../../dialect.ts";
import type { ContainerVariable } from "./variable.ts";

/**
 * The variables of a container as its process sees them. Those that only a cluster can tell (a field of the pod, a
 * ConfigMap) are not among them.
 */
export function memberVariables(variables: readonly ContainerVariable[]): readonly MemberVariable[] {
  const texts = new Map<string, string>();
  return variables.flatMap(({ name, value, valueFrom }): readonly MemberVariable[] => {
    const secret = secretOf(valueFrom);
    if (secret !== undefined) return [{ name, secret }];
    if (valueFrom !== undefined) return [];
    const text = expanded(typeof value === "string" ? value : "", texts);
    texts.set(name, text);
    return [{ name, value: text }];
  });
}

/** What the kubelet makes of a value: `$$` is a dollar sign, `$(NAME)` a variable further up. */
function expanded(value: string, texts: ReadonlyMap<string, string>): string {
  return value.replaceAll(/\$\$|\$\(([^)]*)\)/gu, (found, name: string | undefined) =>
    name === undefined ? "$" : (texts.get(name) ?? found),
  );
}

function secretOf(valueFrom: unknown): { readonly name: string; readonly key: string } | undefined {
  const { secretKeyRef } = (valueFrom ?? {}) as {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
  return secretKeyRef === undefined ? undefined : { name: secretKeyRef.name, key: secretKeyRef.key };
}

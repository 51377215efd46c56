import {
  agentKey,
  agentKeySecret,
  agentLimitsAnnotation,
  languageAgent,
  type Resource,
  readAnnotations,
  type World,
} from "@gatewright/dialects";
import type { Secret } from "@gatewright/litellm";
import type { Engine, SecretReference } from "@gatewright/plan";
import { writeSecretFile } from "./data-folder.ts";
import type { Declaration } from "./declaration.ts";
import type { SecretSource } from "./secret-lookup.ts";

/**
 * Whether the operator would ask the callers of a gateway for agent keys. It keeps a gateway open that it finds open,
 * which manifests do not tell.
 */
export function operatorAsksForAgentKeys(engine: Engine | undefined): (gateway: Resource) => boolean {
  return (gateway) =>
    readAnnotations(gateway, engine ?? "native").engine === "native" &&
    gateway.metadata.annotations?.["gatewright.dev/agent-keys"] !== "open";
}

/** Whether `up` does: where an agent of the gateway is held to limits, which cannot be without telling agents apart. */
export function limitsAskForAgentKeys(gateway: Resource, { resources }: World): boolean {
  return (
    operatorAsksForAgentKeys("native")(gateway) &&
    resources.some(
      ({ kind, metadata: { namespace, annotations } }) =>
        kind === languageAgent.kind &&
        namespace === gateway.metadata.name &&
        (annotations?.[agentLimitsAnnotation] ?? "").trim() !== "",
    )
  );
}

/** Where the secret is that the agent keys of a gateway are signed with; undefined where it asks for none. */
export function agentSecretReference({
  plan,
  references,
}: Pick<Declaration, "plan" | "references">):
  | Required<Pick<SecretReference, "variable" | "secret">>
  | undefined {
  const variable = plan?.identity.agentKeys?.secretVariable;
  if (plan === undefined || variable === undefined) return undefined;
  const written = references.find((reference) => reference.variable === variable)?.secret;
  return { variable, secret: written ?? { namespace: plan.namespace, ...agentKeySecret } };
}

/**
 * Generates the secret of agent keys where a gateway asks for them and it is nowhere to be found, and keeps it under
 * `folder`, as the operator would keep it in a Secret. `random` gives that many random bytes.
 */
export function keepAgentSecret(
  declaration: Declaration,
  secrets: SecretSource,
  folder: string,
  random: (bytes: number) => Uint8Array,
): void {
  const reference = agentSecretReference(declaration);
  if (reference === undefined || secrets.lookup(reference.variable) !== undefined) return;
  const { namespace, name, key } = reference.secret;
  writeSecretFile(folder, [namespace, name, key], Buffer.from(random(32)).toString("hex"));
}

/** The key of an agent at a gateway that asks for agent keys; undefined at any other. */
export function ownAgentKey(
  uid: string | undefined,
  declaration: Declaration,
  secrets: SecretSource,
): Secret | undefined {
  const reference = agentSecretReference(declaration);
  const secret = reference === undefined ? undefined : secrets.lookup(reference.variable);
  return uid === undefined || secret === undefined ? undefined : agentKey(uid, secret);
}

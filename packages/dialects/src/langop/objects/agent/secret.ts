import { createHmac } from "node:crypto";
import { type KubernetesObject, metadata, ownedBy, secret as secretOf } from "@gatewright/kubernetes";
import { Secret } from "@gatewright/litellm";
import type { FilledSecret } from "../../../desired-objects.ts";
import type { Resource } from "../../../resource.ts";
import type { Agent } from "../../read/agent.ts";
import { agentKeySecret } from "../credential.ts";
import { memberSelector, owned } from "../label.ts";

/** Hexadecimal characters of a signature (langop.md §3.4). */
const signatureLength = 32;

/** The Secret with the key by which the gateway knows an agent (langop.md §2.2, §3.4). */
export function gatewayKeySecret(agent: string): { readonly name: string; readonly key: string } {
  return { name: `${agent}-gateway-key`, key: "MODEL_API_KEY" };
}

/** Name of the Secret with the credentials that the agent's resource gives in clear (langop.md §2.4). */
export function runtimeSecretName(agent: string): string {
  return `${agent}-runtime`;
}

/** The key of an agent: `sk-langop-<uid>.<signature>`, signed with the text of `hmac-secret` (langop.md §3.4). */
export function agentKey(uid: string, hmacSecret: Secret): Secret {
  const signature = createHmac("sha256", hmacSecret.reveal()).update(uid).digest("hex");
  return new Secret(`sk-langop-${uid}.${signature.slice(0, signatureLength)}`);
}

/** The Secret of `gatewayKeySecret`. */
export function agentKeyObject(agent: Resource, key: Secret): KubernetesObject {
  const { name, key: entry } = gatewayKeySecret(agent.metadata.name);
  return agentSecret(agent, name, { [entry]: key.reveal() });
}

/** The Secret of `runtimeSecretName`; none where the resource gives nothing in clear. */
export function runtimeSecretObject({ resource, settings }: Agent): KubernetesObject | undefined {
  const values = settings.credentials.flatMap(({ name, value, valueFrom }) =>
    value === undefined || valueFrom !== undefined ? [] : [[name, value] as const],
  );
  if (values.length === 0) return undefined;
  return agentSecret(resource, runtimeSecretName(resource.metadata.name), Object.fromEntries(values));
}

/** The Secrets of an agent, without values. */
export function agentSecrets(agent: Agent): readonly FilledSecret[] {
  const { namespace, name, settings } = agent;
  const keys = settings.credentials
    .filter(({ value, valueFrom }) => value !== undefined && valueFrom === undefined)
    .map((credential) => credential.name);
  const gatewayKey = gatewayKeySecret(name);
  return [
    {
      namespace,
      name: gatewayKey.name,
      entries: [{ key: gatewayKey.key, from: { namespace, ...agentKeySecret } }],
    },
    ...(keys.length === 0
      ? []
      : [
          {
            namespace,
            name: runtimeSecretName(name),
            entries: keys.map((key) => ({ key, from: "resource" as const })),
          },
        ]),
  ];
}

function agentSecret(
  agent: Resource,
  name: string,
  data: { readonly [key: string]: string },
): KubernetesObject {
  const { name: of, namespace = "" } = agent.metadata;
  const labels = owned(memberSelector("LanguageAgent", of, namespace));
  return secretOf(metadata({ name, namespace, labels, ownerReferences: ownedBy(agent) }), data);
}

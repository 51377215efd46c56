import { type KubernetesObject, metadata, ownedBy, secret as secretOf } from "@gatewright/kubernetes";
import type { Secret } from "@gatewright/litellm";
import {
  compareText,
  type Finding,
  type GatewayPlan,
  originText,
  type SecretKey,
  type SecretReference,
} from "@gatewright/plan";
import type { FilledSecret } from "../../desired-objects.ts";
import type { Resource } from "../../resource.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { hmacVariable } from "../read/identity.ts";
import { gatewaySelector, modelSelector, owned } from "./label.ts";

/** The Secret with the key that agent keys are signed with (langop.md §3.4). */
export const agentKeySecret = { name: "gateway-auth", key: "hmac-secret" } as const;

/** A file of a native gateway's secrets folder, and the key of a Secret it is a copy of. */
export interface CredentialEntry {
  /** File name, which is the variable of the document. */
  readonly key: string;
  readonly secret: SecretKey;
}

/** Longest key of a Secret; the API server refuses the whole Secret for a longer one. */
const longestKey = 253;

/** What the merged Secret of a native gateway is filled from, sorted by key, or what LiteLLM's variables are. */
export function credentialEntries(
  plan: GatewayPlan,
  options: { readonly agentKeys: "required" | "open" },
): readonly CredentialEntry[] {
  const references = [...plan.model.flatMap(referencesOf), ...plan.credential.map(({ apiKey }) => apiKey)];
  const entries = new Map(references.filter((reference) => isDeliverable(plan, reference)).flatMap(entryOf));
  if (options.agentKeys === "required") {
    entries.set(hmacVariable, { namespace: plan.namespace, ...agentKeySecret });
  }
  return [...entries].sort(([a], [b]) => compareText(a, b)).map(([key, secret]) => ({ key, secret }));
}

/** Models whose credentials have names that no Secret can hold: the others must not go without theirs. */
export function undeliverable(plan: GatewayPlan): readonly Finding[] {
  return plan.model.flatMap((model) =>
    referencesOf(model)
      .filter((reference) => !isDeliverable(plan, reference))
      .map(
        ({ secret }): Finding => ({
          code: "SecretNameTooLong",
          effect: "dropped",
          origin: model.origin,
          text: `${originText(model.origin)} takes a credential from ${secret?.name}/${secret?.key}, whose name is too long to be handed to the gateway. Give the Secret or its key a shorter name.`,
        }),
      ),
  );
}

function referencesOf({ apiKey, secrets = {} }: GatewayPlan["model"][number]): readonly SecretReference[] {
  return [...(typeof apiKey === "object" ? [apiKey] : []), ...Object.values(secrets)];
}

function isDeliverable({ engine }: GatewayPlan, { variable }: SecretReference): boolean {
  return engine === "litellm" || variable.length <= longestKey;
}

function entryOf({ variable, secret }: SecretReference): readonly (readonly [string, SecretKey])[] {
  return secret === undefined ? [] : [[variable, secret]];
}

/** The Secrets of a gateway of either kind, without values. Nothing but agent keys is kept for the engine litellm. */
export function filledSecrets(
  plan: GatewayPlan,
  merged: string,
  agentKeys: "required" | "open",
): readonly FilledSecret[] {
  const { namespace } = plan;
  const { name, key } = agentKeySecret;
  const entries = credentialEntries(plan, { agentKeys });
  return [
    ...(agentKeys === "required" ? [{ namespace, name, entries: [{ key }] }] : []),
    ...(plan.engine === "native"
      ? [
          {
            namespace,
            name: merged,
            entries: entries.map((entry) => ({ key: entry.key, from: entry.secret })),
          },
        ]
      : []),
  ];
}

/** The merged Secret: `gateway-credentials` of a LanguageCluster, `<model>-credentials` of a LanguageModel. */
export function credentialSecret(
  owner: Resource,
  name: string,
  values: ReadonlyMap<string, Secret>,
): KubernetesObject {
  return gatewaySecret(owner, name, values);
}

/** The Secret `gateway-auth` of a LanguageCluster. Its value is made once and never replaced. */
export function agentKeysSecret(cluster: Resource, hmacSecret: Secret): KubernetesObject {
  return gatewaySecret(cluster, agentKeySecret.name, new Map([[agentKeySecret.key, hmacSecret]]));
}

function gatewaySecret(owner: Resource, name: string, values: ReadonlyMap<string, Secret>): KubernetesObject {
  const isCluster = owner.kind === languageCluster.kind;
  const of = metadata({
    name,
    namespace: isCluster ? owner.metadata.name : owner.metadata.namespace,
    labels: owned(isCluster ? gatewaySelector(owner.metadata.name) : modelSelector(owner.metadata.name)),
    ownerReferences: ownedBy(owner),
  });
  const data = Object.fromEntries([...values].map(([key, value]) => [key, value.reveal()] as const));
  return secretOf(of, data);
}

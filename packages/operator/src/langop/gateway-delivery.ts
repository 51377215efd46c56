import { credentialEntries, credentialSecret, type Resource } from "@gatewright/dialects";
import type { Secret } from "@gatewright/litellm";
import type { GatewayPlan } from "@gatewright/plan";
import {
  ApiError,
  type Applier,
  type Client,
  type KubernetesObject,
  resourceTypes,
} from "@gatewright/reconcile";
import type { GatewayPod } from "../gateway-pod.ts";
import type { ObjectReader } from "../object-reader.ts";
import { secretValues } from "../secret-values.ts";
import { asApplied } from "./langop-stores.ts";

/** What a gateway's pods get beside its ConfigMap. */
export interface CredentialDelivery {
  /** Copies the keys that the gateway's document refers to into its one Secret; its resourceVersion. */
  deliver(gateway: {
    readonly key: string;
    readonly owner: Resource;
    readonly namespace: string;
    readonly name: string;
    readonly plan: GatewayPlan;
    readonly agentKeys: "required" | "open";
  }): Promise<string>;
  forget(key: string): void;
}

export interface CredentialDeliveryOptions {
  readonly client: Client;
  readonly applier: Applier;
  /** The metadata of a Secret in the watch. */
  readonly watched: (namespace: string, name: string) => KubernetesObject | undefined;
  readonly secrets: ObjectReader<object>;
}

/**
 * Keeps the merged Secrets of native gateways. Values are read when a Secret they come from changed, or when somebody
 * else touched the merged one, and are not kept.
 */
export function createCredentialDelivery(options: CredentialDeliveryOptions): CredentialDelivery {
  const { client, applier, watched, secrets } = options;
  const delivered = new Map<string, { readonly sources: string; readonly version: string }>();
  return {
    async deliver({ key, owner, namespace, name, plan, agentKeys }) {
      const entries = credentialEntries(plan, { agentKeys });
      const sources = entries
        .map(
          ({ key: file, secret }) => `${file} ${secrets.version(secret.namespace, secret.name) ?? "absent"}`,
        )
        .join();
      const standing = watched(namespace, name);
      const last = delivered.get(key);
      if (last?.sources === sources && last.version === standing?.metadata.resourceVersion)
        return last.version;
      const values = new Map<string, Secret>();
      for (const secret of new Set(
        entries.map((entry) => `${entry.secret.namespace}/${entry.secret.name}`),
      )) {
        const [from = "", source = ""] = secret.split("/");
        const found = await secretValues(client, from, source);
        for (const entry of entries) {
          if (entry.secret.namespace !== from || entry.secret.name !== source) continue;
          const value = found?.get(entry.secret.key);
          if (value !== undefined) values.set(entry.key, value);
        }
      }
      const { resourceVersion } = await applier.apply(
        credentialSecret(owner, name, values),
        asApplied(standing),
      );
      const version = resourceVersion ?? standing?.metadata.resourceVersion ?? "";
      delivered.set(key, { sources, version });
      return version;
    },
    forget: (key) => void delivered.delete(key),
  };
}

/** The annotations that make kubelets refresh the volumes of a pod at once, instead of within two minutes. */
export interface Delivered {
  readonly configHash: string;
  readonly digest: string;
  readonly credentials: string;
}

/** Tells the pods of a gateway that its files changed. Pods that are gone meanwhile need not be told. */
export async function touchPods(
  client: Client,
  pods: readonly GatewayPod[],
  { configHash, digest, credentials }: Delivered,
): Promise<void> {
  const annotations = {
    "langop.io/config-hash": configHash,
    "gatewright.dev/delivered": `${digest.slice(0, 16)}-${credentials}`,
  };
  const outdated = pods.filter(
    (pod) =>
      !pod.terminating &&
      Object.entries(annotations).some(([name, value]) => pod.annotations[name] !== value),
  );
  await annotate(client, outdated, annotations);
}

/** Makes kubelets look at the volumes of these pods once more. `now`: milliseconds since 1970. */
export async function remindPods(client: Client, pods: readonly GatewayPod[], now: number): Promise<void> {
  await annotate(client, pods, { "gatewright.dev/reminded": new Date(now).toISOString() });
}

async function annotate(
  client: Client,
  pods: readonly GatewayPod[],
  annotations: { readonly [name: string]: string },
): Promise<void> {
  await Promise.all(
    pods.map(async ({ namespace, name }) => {
      try {
        await client.mergePatch(resourceTypes.Pod, { namespace, name }, { metadata: { annotations } });
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "NotFound") throw error;
      }
    }),
  );
}

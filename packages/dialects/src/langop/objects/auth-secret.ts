import { type KubernetesObject, secret as secretOf } from "@gatewright/kubernetes";
import type { Secret } from "@gatewright/litellm";
import type { FilledSecret } from "../../desired-objects.ts";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { authConfig } from "./auth-config.ts";
import { type AuthIssuer, authIssuer, authSecret } from "./auth-issuer.ts";
import { authMetadata } from "./auth-metadata.ts";

/** The Secret with Dex's configuration: connectors have passwords in it, and users their hashes. */
export const dexConfigSecret = { name: "auth-dex-config", key: "config.yaml" } as const;

/** What a cluster's sign-in needs of Secrets while the operator runs. */
export interface AuthSecretNeeds {
  /** Keys of `auth-client-secret` that are made up, once. */
  readonly generated: readonly string[];
  /** The Secret of the user's that holds the client secret, in the namespace of the cluster. */
  readonly user?: { readonly name: string; readonly key: string };
}

/** `undefined` when sign-in is off, or the resource cannot be read. */
export function authSecretNeeds(cluster: Resource): AuthSecretNeeds | undefined {
  const { spec } = readSpec(languageCluster, cluster);
  const issuer = spec === undefined ? undefined : authIssuer(cluster, spec, {});
  if (issuer === undefined) return undefined;
  const { generated, clientSecret } = issuer;
  return { generated, ...(clientSecret.name === authSecret.name ? {} : { user: clientSecret }) };
}

/** The Secrets of a cluster's sign-in, without values. */
export function authSecrets(cluster: Resource, { kind, generated }: AuthIssuer): readonly FilledSecret[] {
  const namespace = cluster.metadata.name;
  const { name, key } = dexConfigSecret;
  return [
    { namespace, name: authSecret.name, entries: generated.map((made) => ({ key: made })) },
    ...(kind === "dex" ? [{ namespace, name, entries: [{ key, from: "resource" as const }] }] : []),
  ];
}

/** The Secret `auth-client-secret`. Its values are made once and never replaced. */
export function authSecretObject(cluster: Resource, values: ReadonlyMap<string, Secret>): KubernetesObject {
  const data = Object.fromEntries([...values].map(([key, value]) => [key, value.reveal()] as const));
  return secretOf(authMetadata(cluster, authSecret.name), data);
}

/** The Secret `auth-dex-config`, all of which the resource says; `undefined` when there is no Dex. */
export function authConfigSecret(
  cluster: Resource,
  installation: Installation,
  agents: readonly string[],
): KubernetesObject | undefined {
  const { spec } = readSpec(languageCluster, cluster);
  const issuer = spec === undefined ? undefined : authIssuer(cluster, spec, installation);
  if (spec === undefined || issuer?.kind !== "dex") return undefined;
  const { text } = authConfig({ cluster, spec, issuer, installation, agents });
  return secretOf(authMetadata(cluster, dexConfigSecret.name), { [dexConfigSecret.key]: text });
}

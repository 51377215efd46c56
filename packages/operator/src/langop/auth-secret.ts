import { createHash, randomBytes } from "node:crypto";
import {
  authConfigSecret,
  authSecret,
  authSecretNeeds,
  authSecretObject,
  type DesiredObjects,
  dialectLabel,
  type Installation,
  type Resource,
} from "@gatewright/dialects";
import { Secret } from "@gatewright/litellm";
import { createOnce, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";
import type { LangopContext } from "./context.ts";

/**
 * Makes the Secret `auth-client-secret` of a cluster whose agents people sign in to (langop.md §3.1). A value that is
 * there is never replaced; a key that is missing is added, if the Secret is ours, as when Dex takes the place of another
 * provider.
 * @returns a hash that changes with the Secrets which hold the client secret; `undefined` when sign-in is off.
 * @throws when a value is missing that is not the operator's to make up: the proxies of the agents do not start then.
 */
export async function ensureAuthSecret(
  { client, stores, secrets }: Pick<LangopContext, "client" | "stores" | "secrets">,
  cluster: Resource,
  manager: string,
): Promise<string | undefined> {
  const needs = authSecretNeeds(cluster);
  if (needs === undefined) return undefined;
  const namespace = cluster.metadata.name;
  const { name } = authSecret;
  const version = secrets.version(namespace, name);
  let written: KubernetesObject | undefined;
  if (version === undefined) {
    const values = new Map(needs.generated.map((key) => [key, new Secret(madeUp())] as const));
    written = (await createOnce(client, authSecretObject(cluster, values), { manager })).object;
  } else {
    const keys = await keysOf(secrets, namespace, name);
    const missing = keys === undefined ? [] : needs.generated.filter((key) => !keys.includes(key));
    if (missing.length > 0) {
      const { labels = {} } = stores.secrets.store.get(`${namespace}/${name}`)?.metadata ?? {};
      if (labels[dialectLabel] === undefined) {
        throw new Error(
          `the Secret ${namespace}/${name} has no key ${missing.join(" and no key ")}. Add what is missing, or delete the Secret: it is made anew then.`,
        );
      }
      const data = Object.fromEntries(missing.map((key) => [key, Buffer.from(madeUp()).toString("base64")]));
      // With the version, so that a value which somebody else adds meanwhile is not replaced.
      const patch = { metadata: { resourceVersion: version }, data };
      written = await client.mergePatch(resourceTypes.Secret, { namespace, name }, patch, { manager });
    }
  }
  const own = written?.metadata.resourceVersion ?? version ?? "";
  const { user } = needs;
  if (user === undefined) return hashOf(own);
  const keys = await keysOf(secrets, namespace, user.name);
  const field = "spec.auth.oidc.clientSecretRef";
  if (keys === undefined) {
    throw new Error(`there is no Secret ${namespace}/${user.name}, which ${field} names. Create it.`);
  }
  if (!keys.includes(user.key)) {
    throw new Error(`the Secret ${namespace}/${user.name}, which ${field} names, has no key ${user.key}.`);
  }
  return hashOf(`${own} ${secrets.version(namespace, user.name)}`);
}

/**
 * The desired objects with the Secret that configures Dex, before the Deployment that mounts it. While it is not known
 * whether the client secret stands, the Deployment stays as it is: it would lose the hash, and its pod with it.
 */
export function withAuthConfig(
  desired: DesiredObjects,
  {
    cluster,
    installation,
    agents,
    secretsHash,
  }: {
    readonly cluster: Resource;
    readonly installation: Installation;
    readonly agents: readonly string[];
    readonly secretsHash: string | undefined;
  },
): DesiredObjects {
  const secret = authConfigSecret(cluster, installation, agents);
  if (secret === undefined) return desired;
  const objects = desired.objects.flatMap((object) => {
    if (object.kind !== "Deployment" || object.metadata.name !== "auth") return [object];
    return secretsHash === undefined ? [secret] : [secret, object];
  });
  return { ...desired, objects };
}

/** Whether the sign-in of a cluster depends on a Secret of this name in its namespace. */
export function signsInWith(cluster: Resource, secret: string): boolean {
  if (secret === authSecret.name) return true;
  const auth = cluster.spec?.["auth"] as
    | { readonly oidc?: { readonly clientSecretRef?: { readonly name?: unknown } } }
    | undefined;
  return auth?.oidc?.clientSecretRef?.name === secret;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** 32 bytes, in the form that oauth2-proxy takes for 32 bytes and not for 43. */
function madeUp(): string {
  return randomBytes(32).toString("base64url");
}

/** Names of the keys; `undefined` when there is no such Secret. */
async function keysOf(
  secrets: LangopContext["secrets"],
  namespace: string,
  name: string,
): Promise<readonly string[] | undefined> {
  if (secrets.known(namespace, name) === "stale") await secrets.load(namespace, name);
  const keys = secrets.known(namespace, name);
  if (keys === "stale") throw new Error(`the Secret ${namespace}/${name} changes right now.`);
  return keys === "absent" ? undefined : keys;
}

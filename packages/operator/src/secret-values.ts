import { Secret } from "@gatewright/litellm";
import { type Client, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";

/** The names of a Secret's keys, sorted. */
export function keyNames(secret: KubernetesObject): readonly string[] {
  return Object.keys(dataOf(secret)).sort();
}

/** The values of a Secret; absent when there is none. Nobody keeps them: they are read when they are delivered. */
export async function secretValues(
  client: Client,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, Secret> | undefined> {
  const secret = await client.get(resourceTypes.Secret, { namespace, name });
  if (secret === undefined) return undefined;
  return new Map(
    Object.entries(dataOf(secret)).map(([key, value]) => [
      key,
      new Secret(Buffer.from(value, "base64").toString("utf8")),
    ]),
  );
}

function dataOf(secret: KubernetesObject): { readonly [key: string]: string } {
  const { data } = secret;
  return typeof data === "object" && data !== null ? (data as { readonly [key: string]: string }) : {};
}

import { ApiError, type Client, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";
import { authorityOf, bundleWith, renewalOf, type WebhookCertificate } from "./certificate.ts";

/** The Secret that all replicas of the operator share. */
export const certificateSecretName = "gatewright-webhook-certificate";

const manager = "gatewright-webhook";
/** Replicas that start together may be in each other's way; each round one of them gets through. */
const mostTries = 5;

/**
 * The certificate of the webhook: read, made when there is none, renewed when it is time. Whoever writes second reads
 * what the first one wrote, so that all replicas show certificates of one authority.
 * @throws ApiError
 */
export async function ensureCertificate(
  client: Client,
  namespace: string,
  hosts: readonly string[],
  now: number,
): Promise<WebhookCertificate> {
  for (let tries = 1; ; tries += 1) {
    const secret = await client.get(resourceTypes.Secret, { namespace, name: certificateSecretName });
    const standing = secret === undefined ? undefined : readSecret(secret);
    const renewal = renewalOf(standing, hosts, now);
    if (standing !== undefined && !renewal.authority && !renewal.serving) return standing;
    const next = await renewed(standing, renewal, hosts, now);
    try {
      await write(client, namespace, secret, dataOf(next));
      return next;
    } catch (error) {
      // Invalid: the version that the patch tests is not the one that stands.
      const outrun = ApiError.is(error, "AlreadyExists", "Conflict", "Invalid", "NotFound");
      if (!outrun || tries >= mostTries) throw error;
    }
  }
}

async function renewed(
  standing: WebhookCertificate | undefined,
  renewal: { readonly authority: boolean; readonly serving: boolean },
  hosts: readonly string[],
  now: number,
): Promise<WebhookCertificate> {
  const { issueAuthority, issueServing } = await import("./issue-certificate.ts");
  const authority =
    standing === undefined || renewal.authority ? await issueAuthority(now) : authorityOf(standing);
  const serving =
    standing === undefined || renewal.serving ? await issueServing(authority, hosts, now) : standing.serving;
  const bundle =
    standing !== undefined && !renewal.authority
      ? standing.bundle
      : bundleWith(authority.certificate, standing?.bundle ?? "", now);
  return { bundle, authorityKey: authority.key, serving };
}

async function write(
  client: Client,
  namespace: string,
  standing: KubernetesObject | undefined,
  data: { readonly [key: string]: string },
): Promise<void> {
  if (standing === undefined) {
    const metadata = {
      name: certificateSecretName,
      namespace,
      labels: { "app.kubernetes.io/name": "gatewright", "app.kubernetes.io/part-of": "gatewright" },
    };
    await client.create({ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data }, { manager });
    return;
  }
  await client.jsonPatch(
    resourceTypes.Secret,
    { namespace, name: certificateSecretName },
    [
      { op: "test", path: "/metadata/resourceVersion", value: standing.metadata.resourceVersion },
      { op: "add", path: "/data", value: data },
    ],
    { manager },
  );
}

const keys = {
  bundle: "ca.crt",
  authorityKey: "ca.key",
  certificate: "tls.crt",
  key: "tls.key",
} as const;

function dataOf({ bundle, authorityKey, serving }: WebhookCertificate): { readonly [key: string]: string } {
  const encoded = (text: string): string => Buffer.from(text).toString("base64");
  return {
    [keys.bundle]: encoded(bundle),
    [keys.authorityKey]: encoded(authorityKey),
    [keys.certificate]: encoded(serving.certificate),
    [keys.key]: encoded(serving.key),
  };
}

/** What the Secret holds; what is missing is empty, which no certificate is. */
function readSecret(secret: KubernetesObject): WebhookCertificate {
  const data = (secret["data"] ?? {}) as { readonly [key: string]: unknown };
  const text = (key: string): string => {
    const value = data[key];
    return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : "";
  };
  return {
    bundle: text(keys.bundle),
    authorityKey: text(keys.authorityKey),
    serving: { certificate: text(keys.certificate), key: text(keys.key) },
  };
}

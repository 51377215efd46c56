import { isDeepStrictEqual } from "node:util";
import { type ReviewedType, reviewedTypes } from "@gatewright/dialects";
import { type Client, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";

/** The object by which the API server finds the webhook. */
export const configurationName = "gatewright-langop";

/** Where the API server finds it: a Service of the operator's namespace, or an address outside the cluster. */
export type WebhookPlace =
  | { readonly kind: "service"; readonly namespace: string; readonly name: string }
  | { readonly kind: "url"; readonly url: string };

/** Path of the reviews of a kind (langop.md §1.1). */
export function reviewPath({ kind }: Pick<ReviewedType, "kind">): string {
  return `/validate-langop-io-v1alpha1-${kind.toLowerCase()}`;
}

const manager = "gatewright-webhook";

/**
 * Only what changes a spec is asked about. Above all, an object that is being deleted never depends on the operator,
 * which may be gone by then, and neither do finalizers and labels.
 */
const specChanges =
  "request.operation == 'CREATE' || (!has(object.metadata.deletionTimestamp) && (has(object.spec) != has(oldObject.spec) || (has(object.spec) && object.spec != oldObject.spec)))";

/** The ValidatingWebhookConfiguration (langop.md §1.1, §1.2, §2.1), with the authorities that the API server should trust. */
export function webhookConfiguration(place: WebhookPlace, bundle: string): KubernetesObject {
  const webhook = ({ kind, plural, scope }: ReviewedType) => ({
    name: `v${kind.toLowerCase()}.kb.io`,
    admissionReviewVersions: ["v1"],
    clientConfig: {
      caBundle: Buffer.from(bundle).toString("base64"),
      ...(place.kind === "url"
        ? { url: `${place.url.replace(/\/+$/u, "")}${reviewPath({ kind })}` }
        : {
            service: { namespace: place.namespace, name: place.name, path: reviewPath({ kind }), port: 443 },
          }),
    },
    rules: [
      {
        apiGroups: ["langop.io"],
        apiVersions: ["v1alpha1"],
        operations: ["CREATE", "UPDATE"],
        resources: [plural],
        scope,
      },
    ],
    matchConditions: [{ name: "spec-changes", expression: specChanges }],
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    sideEffects: "None",
    timeoutSeconds: 5,
  });
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: configurationName },
    webhooks: reviewedTypes.map(webhook),
  };
}

/**
 * Writes the configuration unless it stands as it should. One that leads to another kind of place has its webhooks
 * replaced: whoever wrote that place still holds its fields, and both together are refused.
 * @throws ApiError
 */
export async function ensureConfiguration(
  client: Client,
  place: WebhookPlace,
  bundle: string,
): Promise<"unchanged" | "configured"> {
  const wanted = webhookConfiguration(place, bundle);
  const type = resourceTypes.ValidatingWebhookConfiguration;
  const standing = await client.get(type, { name: configurationName });
  if (standing !== undefined && stands(standing, wanted)) return "unchanged";
  if (standing !== undefined && leadsElsewhere(standing, place)) {
    await client.jsonPatch(
      type,
      { name: configurationName },
      [
        { op: "test", path: "/metadata/resourceVersion", value: standing.metadata.resourceVersion },
        { op: "add", path: "/webhooks", value: wanted["webhooks"] },
      ],
      { manager },
    );
  } else await client.apply(wanted, { manager });
  return "configured";
}

type Webhook = { readonly name: string; readonly clientConfig: object };

function webhooksOf(object: KubernetesObject): readonly Webhook[] {
  return (object["webhooks"] ?? []) as readonly Webhook[];
}

/** The server adds defaults, which are not compared; other webhooks in the object are somebody else's. */
function stands(standing: KubernetesObject, wanted: KubernetesObject): boolean {
  const found = new Map(webhooksOf(standing).map((webhook) => [webhook.name, webhook]));
  return webhooksOf(wanted).every((webhook) => {
    const other = found.get(webhook.name) as { readonly [member: string]: unknown } | undefined;
    return (
      other !== undefined &&
      Object.entries(webhook).every(([member, value]) => isDeepStrictEqual(other[member], value))
    );
  });
}

function leadsElsewhere(standing: KubernetesObject, place: WebhookPlace): boolean {
  return webhooksOf(standing).some(({ clientConfig }) => !(place.kind in clientConfig));
}

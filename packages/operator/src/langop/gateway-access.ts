import { dialectLabel, type GatewayAccess, type Resource } from "@gatewright/dialects";
import { type Client, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";

/** On a LanguageCluster: `required` or `open`. On a Deployment: `open`, when it was found open and taken over. */
export const agentKeysAnnotation = "gatewright.dev/agent-keys";

/** The variable the replaced operator gave gateways that check agent keys (langop.md §3.4). */
const hmacVariable = "LANGOP_GATEWAY_HMAC_SECRET";

/**
 * Whether clients of a shared native gateway need agent keys (decisions: gateway auth). They do, unless the annotation
 * of the LanguageCluster says otherwise or the gateway was taken over from an operator that ran it open: its clients
 * have no keys. That is remembered on the Deployment, written in the very request that takes it over. `manager` is
 * who writes ours.
 */
export async function decideAccess(
  client: Client,
  cluster: Resource,
  written: KubernetesObject | undefined,
  manager: string,
): Promise<GatewayAccess> {
  const said = cluster.metadata.annotations?.[agentKeysAnnotation];
  if (said === "required" || said === "open") return { keys: said, decidedBy: "annotation" };
  // Only what is not ours has to be looked at: ours carries the decision.
  const deployment =
    written ??
    (await client.get(resourceTypes.Deployment, { namespace: cluster.metadata.name, name: "gateway" }));
  return deployment !== undefined && wasOpen(deployment, manager)
    ? { keys: "open", decidedBy: "adopted" }
    : { keys: "required", decidedBy: "default" };
}

function wasOpen(deployment: KubernetesObject, manager: string): boolean {
  const { labels, annotations, managedFields = [] } = deployment.metadata;
  // Ours checks keys without that variable: one that has lost its label must not be taken for an open one.
  const ours =
    labels?.[dialectLabel] !== undefined ||
    managedFields.some((entry) => entry.manager === manager && entry.operation === "Apply");
  if (ours) return annotations?.[agentKeysAnnotation] === "open";
  if (labels?.["app.kubernetes.io/managed-by"] !== "language-operator") return false;
  const { template } = (deployment["spec"] ?? {}) as DeploymentSpec;
  const containers = template?.spec?.containers ?? [];
  return !containers.some(({ env }) => env?.some(({ name }) => name === hmacVariable) === true);
}

interface DeploymentSpec {
  readonly template?: {
    readonly spec?: {
      readonly containers?: readonly { readonly env?: readonly { readonly name: string }[] }[];
    };
  };
}

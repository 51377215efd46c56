import { dialectLabel, type GatewayAccess, type Resource, readAnnotations } from "@gatewright/dialects";
import type { Engine } from "@gatewright/plan";
import { type Client, type Condition, type KubernetesObject, resourceTypes } from "@gatewright/reconcile";

import { resourceOf } from "./resource.ts";

/** On a LanguageCluster: `required` or `open`. On a Deployment: `open`, when it was found open and taken over. */
export const agentKeysAnnotation = "gatewright.dev/agent-keys";

/** The Secret that our native gateways mount as an optional one. The replaced operator's were none of them optional. */
const credentialsSecret = "gateway-credentials";

/** The variable the replaced operator gave gateways that check agent keys (langop.md §3.4). */
const hmacVariable = "LANGOP_GATEWAY_HMAC_SECRET";

/**
 * Whether clients of a shared native gateway need agent keys (decisions: gateway auth). They do, unless the annotation
 * of the LanguageCluster says otherwise or the gateway was taken over from an operator that ran it open: its clients
 * have no keys. That is remembered on the Deployment, written in the very request that takes it over.
 */
export async function decideAccess(
  client: Client,
  cluster: Resource,
  written: KubernetesObject | undefined,
  conditions: readonly Condition[],
): Promise<GatewayAccess> {
  const said = cluster.metadata.annotations?.[agentKeysAnnotation];
  if (said === "required" || said === "open") return { keys: said, decidedBy: "annotation" };
  // Only what is not ours has to be looked at: ours carries the decision.
  const deployment =
    written ??
    (await client.get(resourceTypes.Deployment, { namespace: cluster.metadata.name, name: "gateway" }));
  const open = deployment === undefined ? wasToldOpen(conditions) : wasOpen(deployment);
  return open ? { keys: "open", decidedBy: "adopted" } : { keys: "required", decidedBy: "default" };
}

/**
 * The same, without asking anybody, for those who wait for the Secret that agent keys are signed with: there is none to
 * come where clients need no keys. `gateway` is the gateway's Deployment.
 */
export function needsAgentKeys(
  cluster: KubernetesObject,
  gateway: KubernetesObject | undefined,
  engine: Engine,
): boolean {
  if (readAnnotations(resourceOf(cluster), engine).engine === "litellm") return false;
  const said = cluster.metadata.annotations?.[agentKeysAnnotation];
  if (said === "required" || said === "open") return said === "required";
  const { conditions = [] } = (cluster["status"] ?? {}) as { readonly conditions?: readonly Condition[] };
  return gateway?.metadata.annotations?.[agentKeysAnnotation] !== "open" && !wasToldOpen(conditions);
}

/** Of a Deployment that somebody deleted only the status still says what it was. */
function wasToldOpen(conditions: readonly Condition[]): boolean {
  return conditions.some(
    ({ type, status, reason }) => type === "GatewayOpen" && status === "True" && reason === "AdoptedOpen",
  );
}

function wasOpen(deployment: KubernetesObject): boolean {
  const { labels, annotations } = deployment.metadata;
  const pods = (deployment["spec"] as DeploymentSpec | undefined)?.template?.spec ?? {};
  // Ours checks keys without that variable: one that has lost its label must not be taken for an open one.
  const ours =
    labels?.[dialectLabel] !== undefined ||
    pods.volumes?.some(({ secret }) => secret?.secretName === credentialsSecret && secret.optional === true);
  if (ours === true) return annotations?.[agentKeysAnnotation] === "open";
  if (labels?.["app.kubernetes.io/managed-by"] !== "language-operator") return false;
  return pods.containers?.some(({ env }) => env?.some(({ name }) => name === hmacVariable) === true) !== true;
}

interface DeploymentSpec {
  readonly template?: {
    readonly spec?: {
      readonly volumes?: readonly {
        readonly secret?: { readonly secretName?: string; readonly optional?: boolean };
      }[];
      readonly containers?: readonly { readonly env?: readonly { readonly name: string }[] }[];
    };
  };
}

import type { JsonObject } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { shortened } from "./degraded.ts";
import type { ConditionIntent, ObservedRollout } from "./intent.ts";

/** Where a workload stands: the phase of its resource, and its condition Ready. */
export interface WorkloadState {
  readonly phase: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

const longestTrouble = 600;

/**
 * Where the pods of an agent or a tool stand (langop.md §2.4). Failed only when the Deployment itself says that pods cannot
 * be made or did not come in time: a pod that is still starting has not failed. `previous`: the owner's status, where what
 * it says of the present generation was said of a Deployment that was written for it.
 */
export function deploymentState(
  deployment: ObservedRollout | undefined,
  owner: Resource,
  previous?: JsonObject,
): WorkloadState {
  if (deployment === undefined) return notLookedAt(0);
  if (!deployment.current) {
    return stateAsSaid(deployment, owner, previous) ?? notLookedAt(deployment.readyReplicas);
  }
  const cluster = owner.metadata.namespace ?? "";
  const { replicas, readyReplicas, updatedReplicas, trouble } = deployment;
  if (trouble !== undefined && (readyReplicas === 0 || updatedReplicas < replicas)) {
    const quota = quotaText(trouble, cluster);
    const message = `${podsReady(deployment)} ${shortened(trouble, longestTrouble)}${quota === undefined ? "" : ` ${quota}`}`;
    const reason = quota === undefined ? "DeploymentError" : "QuotaExceeded";
    return { phase: readyReplicas === 0 ? "Failed" : "Degraded", status: "False", reason, message };
  }
  if (replicas === 0) {
    const message = "It is scaled to 0 pods.";
    return { phase: "Suspended", status: "False", reason: "Suspended", message };
  }
  if (updatedReplicas < replicas) {
    const message = `${updatedReplicas} of ${replicas} pods are of the present spec; ${podsReady(deployment)}`;
    return { phase: "Updating", status: "False", reason: "Updating", message };
  }
  if (readyReplicas === 0) {
    return { phase: "Pending", status: "False", reason: "PodsNotReady", message: podsReady(deployment) };
  }
  return { phase: "Running", status: "True", reason: "ReconcileSuccess", message: podsReady(deployment) };
}

/** Reasons for which the numbers of pods alone speak. */
const reasonsOfPods: ReadonlySet<string> = new Set([
  "ReconcileSuccess",
  "PodsNotReady",
  "Updating",
  "Suspended",
]);

/**
 * Somebody's annotation on a Deployment gives it another generation too: until Kubernetes has looked, which is a moment,
 * what was said of the same spec of ours stands, or everything would seem to be down for that moment.
 */
function stateAsSaid(
  { readyReplicas }: ObservedRollout,
  { metadata: { generation } }: Resource,
  previous?: JsonObject,
): WorkloadState | undefined {
  const { phase, conditions = [] } = (previous ?? {}) as {
    readonly phase?: string;
    readonly conditions?: readonly (ConditionIntent & { readonly observedGeneration?: number })[];
  };
  const ready = conditions.find(({ type }) => type === "Ready");
  if (phase === undefined || ready === undefined || ready.observedGeneration !== generation) return undefined;
  const { status, reason, message } = ready;
  if (status === "Unknown" || !reasonsOfPods.has(reason)) return undefined;
  // One that was made anew has no pods yet.
  if (status === "True" && readyReplicas === 0) return undefined;
  return { phase, status, reason, message };
}

function notLookedAt(readyReplicas: number): WorkloadState {
  const message = "The Deployment has not been looked at yet.";
  const reason = readyReplicas > 0 ? "Updating" : "Pending";
  return { phase: reason, status: "False", reason, message };
}

/** While pods are replaced, more may be ready than there are to be. */
function podsReady({ replicas, readyReplicas }: ObservedRollout): string {
  return `${Math.min(readyReplicas, replicas)} of ${replicas} ${replicas === 1 ? "pod is" : "pods are"} ready.`;
}

/**
 * What a refusal by the quota of the namespace means (langop.md §6.2 row 15): the API server only names the quota, not who
 * asked for it.
 */
export function quotaText(trouble: string, cluster: string): string | undefined {
  if (!/quota/iu.test(trouble)) return undefined;
  if (/must specify/iu.test(trouble)) {
    return `spec.capacity of LanguageCluster ${cluster} limits CPU or memory, and Kubernetes then refuses every container without such a limit: set resources.limits on all containers.`;
  }
  return `spec.capacity of LanguageCluster ${cluster} is used up: raise maxCPU or maxMemory there, or lower the limits of its agents and tools.`;
}

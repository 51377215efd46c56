import { shortened } from "./degraded.ts";
import type { ObservedRollout } from "./intent.ts";

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
 * be made or did not come in time: a pod that is still starting has not failed.
 */
export function deploymentState(deployment: ObservedRollout | undefined, cluster: string): WorkloadState {
  if (deployment === undefined || !deployment.current) {
    const message = "The Deployment has not been looked at yet.";
    return { phase: "Pending", status: "False", reason: "Pending", message };
  }
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

function podsReady({ replicas, readyReplicas }: ObservedRollout): string {
  return `${readyReplicas} of ${replicas} ${replicas === 1 ? "pod is" : "pods are"} ready.`;
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

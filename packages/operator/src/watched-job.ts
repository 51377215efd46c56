import type { ObservedRun } from "@gatewright/dialects";
import type { KubernetesObject } from "@gatewright/reconcile";

/** A Job that the operator, or a CronJob of its, wrote: its metadata, and what became of it. */
export interface WatchedJob extends KubernetesObject {
  readonly run: ObservedRun;
}

interface JobStatus {
  readonly startTime?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message?: string;
  }[];
}

/** What the watch keeps of a Job. */
export function watchedJob({ apiVersion, kind, metadata, status }: KubernetesObject): WatchedJob {
  const { startTime, conditions = [] } = (status ?? {}) as JobStatus;
  const holds = (type: string) => conditions.find((one) => one.type === type && one.status === "True");
  const failed = holds("Failed");
  return {
    apiVersion,
    kind,
    metadata,
    run: {
      name: metadata.name,
      phase: failed !== undefined ? "Failed" : holds("Complete") !== undefined ? "Succeeded" : "Running",
      ...(startTime === undefined ? {} : { startTime }),
      ...(failed?.message === undefined ? {} : { trouble: failed.message }),
    },
  };
}

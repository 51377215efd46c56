import type { KubernetesObject, Metadata } from "./object.ts";

/** How a run to the end is made; what is absent is the cluster's default. */
export interface RunSettings {
  /** Pod template, whose restartPolicy is OnFailure or Never. */
  readonly template: object;
  /** How often a failed run is tried again. */
  readonly backoffLimit?: number | undefined;
  readonly activeDeadlineSeconds?: number | undefined;
  readonly ttlSecondsAfterFinished?: number | undefined;
}

/** A Job: pods that run to their end, once. Its template cannot change. */
export function job(metadata: Metadata, of: RunSettings): KubernetesObject {
  return { apiVersion: "batch/v1", kind: "Job", metadata, spec: jobSpec(of) };
}

/** A CronJob: a Job at each time of a schedule. */
export function cronJob(
  metadata: Metadata,
  of: RunSettings & {
    readonly schedule: string;
    readonly timeZone?: string | undefined;
    readonly concurrencyPolicy: "Allow" | "Forbid" | "Replace";
    readonly suspend: boolean;
    /** Metadata of each Job. */
    readonly jobMetadata: Pick<Metadata, "labels" | "annotations">;
  },
): KubernetesObject {
  const { schedule, timeZone, concurrencyPolicy, suspend, jobMetadata } = of;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata,
    spec: {
      schedule,
      ...(timeZone === undefined ? {} : { timeZone }),
      concurrencyPolicy,
      suspend,
      jobTemplate: { metadata: jobMetadata, spec: jobSpec(of) },
    },
  };
}

function jobSpec({
  template,
  backoffLimit,
  activeDeadlineSeconds,
  ttlSecondsAfterFinished,
}: RunSettings): object {
  return {
    ...(backoffLimit === undefined ? {} : { backoffLimit }),
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
    template,
  };
}

import type { KubernetesObject, Metadata } from "./object.ts";

/** A HorizontalPodAutoscaler of a Deployment. Metrics are those of autoscaling/v2; CPU at 80 % without any. */
export function horizontalPodAutoscaler(
  metadata: Metadata,
  of: {
    readonly deployment: string;
    readonly minReplicas?: number | undefined;
    readonly maxReplicas: number;
    readonly metrics?: readonly object[] | undefined;
  },
): KubernetesObject {
  const { minReplicas, maxReplicas, metrics = [] } = of;
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: of.deployment },
      ...(minReplicas === undefined ? {} : { minReplicas }),
      maxReplicas,
      metrics: metrics.length > 0 ? metrics : [cpuAt80Percent],
    },
  };
}

const cpuAt80Percent = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
};

import type { KubernetesObject, Labels, Metadata } from "./object.ts";

/** A Deployment. */
export function deployment(
  metadata: Metadata,
  of: {
    /** Absent: somebody else decides, a HorizontalPodAutoscaler for example. */
    readonly replicas?: number | undefined;
    readonly selector: Labels;
    readonly template: object;
  },
): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      ...(of.replicas === undefined ? {} : { replicas: of.replicas }),
      selector: { matchLabels: of.selector },
      // A new pod is ready before an old one goes: no request falls between them.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: of.template,
    },
  };
}

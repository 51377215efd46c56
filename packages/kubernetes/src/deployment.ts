import type { KubernetesObject, Labels, Metadata } from "./object.ts";

/** A Deployment. */
export function deployment(
  metadata: Metadata,
  of: {
    /** Absent: somebody else decides, a HorizontalPodAutoscaler for example. */
    readonly replicas?: number | undefined;
    readonly selector: Labels;
    readonly template: object;
    /** The old pod goes before the new one comes: two could not hold the same volume. */
    readonly oneAtATime?: boolean;
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
      strategy: {
        type: "RollingUpdate",
        rollingUpdate:
          of.oneAtATime === true ? { maxUnavailable: 1, maxSurge: 0 } : { maxUnavailable: 0, maxSurge: 1 },
      },
      template: of.template,
    },
  };
}

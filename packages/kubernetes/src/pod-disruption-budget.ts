import type { KubernetesObject, Labels, Metadata } from "./object.ts";

/** A PodDisruptionBudget: one pod at a time may be taken away on purpose, by draining a node for example. */
export function podDisruptionBudget(metadata: Metadata, selector: Labels): KubernetesObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
  };
}

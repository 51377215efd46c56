import type { LabelSelector } from "./label-selector.ts";
import type { KubernetesObject, Labels, Metadata } from "./object.ts";

/** One end of connections. Addresses never stand beside selectors: the API server refuses that. */
export type NetworkPolicyPeer =
  | { readonly ipBlock: { readonly cidr: string } }
  | { readonly namespaceSelector?: LabelSelector; readonly podSelector?: LabelSelector };

export interface NetworkPolicyPort {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
}

/** Permitted connections. Without peers: from or to anywhere. Without ports: all of them. */
export interface NetworkPolicyRule {
  readonly peers?: readonly NetworkPolicyPeer[];
  readonly ports?: readonly NetworkPolicyPort[];
}

/**
 * A NetworkPolicy. A direction that is given denies everything but its rules; one that is not given is not touched.
 * An empty list of peers would permit everything and is refused as a defect of the caller.
 */
export function networkPolicy(
  metadata: Metadata,
  of: {
    readonly selector: Labels;
    readonly ingress?: readonly NetworkPolicyRule[] | undefined;
    readonly egress?: readonly NetworkPolicyRule[] | undefined;
  },
): KubernetesObject {
  const { selector, ingress, egress } = of;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata,
    spec: {
      podSelector: { matchLabels: selector },
      policyTypes: [
        ...(ingress === undefined ? [] : ["Ingress"]),
        ...(egress === undefined ? [] : ["Egress"]),
      ],
      ...(ingress === undefined ? {} : { ingress: ingress.map((rule) => ruleOf(rule, "from")) }),
      ...(egress === undefined ? {} : { egress: egress.map((rule) => ruleOf(rule, "to")) }),
    },
  };
}

function ruleOf({ peers, ports }: NetworkPolicyRule, direction: "from" | "to"): object {
  if (peers?.length === 0) throw new Error("a network rule whose list of peers is empty permits everything");
  return {
    ...(peers === undefined ? {} : { [direction]: peers }),
    ...(ports === undefined || ports.length === 0 ? {} : { ports }),
  };
}

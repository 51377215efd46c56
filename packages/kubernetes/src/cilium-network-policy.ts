import type { NetworkPolicyPort } from "./network-policy.ts";
import type { KubernetesObject, Labels, Metadata } from "./object.ts";

/** Permitted connections to hosts by name: exact ones, and patterns such as `*.example.com`. */
export interface HostRule {
  readonly names: readonly string[];
  readonly patterns: readonly string[];
  /** Absent: all of them. */
  readonly ports?: readonly NetworkPolicyPort[];
}

/**
 * A CiliumNetworkPolicy with rules for names. Cilium learns addresses from the answers of the cluster's DNS, so queries
 * to the namespace `kube-system` are permitted and looked at.
 */
export function ciliumNetworkPolicy(
  metadata: Metadata,
  of: { readonly selector: Labels; readonly hosts: readonly HostRule[] },
): KubernetesObject {
  return {
    apiVersion: "cilium.io/v2",
    kind: "CiliumNetworkPolicy",
    metadata,
    spec: { endpointSelector: { matchLabels: of.selector }, egress: [lookups, ...of.hosts.map(hostRule)] },
  };
}

const lookups = {
  toEndpoints: [{ matchLabels: { "k8s:io.kubernetes.pod.namespace": "kube-system" } }],
  toPorts: [{ ports: [{ port: "53", protocol: "ANY" }], rules: { dns: [{ matchPattern: "*" }] } }],
};

function hostRule({ names, patterns, ports }: HostRule): object {
  if (names.length + patterns.length === 0) throw new Error("a rule without hosts permits everything");
  return {
    toFQDNs: [
      ...names.map((matchName) => ({ matchName })),
      ...patterns.map((matchPattern) => ({ matchPattern })),
    ],
    ...(ports === undefined || ports.length === 0
      ? {}
      : { toPorts: [{ ports: ports.map(({ port, protocol }) => ({ port: String(port), protocol })) }] }),
  };
}

import type { Engine } from "@gatewright/plan";
import type { Reach } from "./gateway-digests.ts";

/** How the control plane runs. */
export interface OperatorOptions {
  /** Path of a kubeconfig file; unset: `KUBECONFIG`, the service account of the pod, or `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** Only these namespaces; empty: all of them. */
  readonly watchNamespaces: readonly string[];
  /** Engine of gateways that do not name one, by dialect; what is left out keeps the dialect's own. */
  readonly engines: { readonly [dialect: string]: Engine };
  readonly leaderElection: boolean;
  /** Names of the Leases, by dialect. */
  readonly leaderElectionIds: { readonly [dialect: string]: string };
  readonly leaderElectionNamespace: string;
  /** `host:port`, `:port`, or `0` for none. */
  readonly healthAddress: string;
  readonly metricsAddress: string;
  /** Namespace of the operator itself: its certificate is kept there. */
  readonly namespace: string;
  /** The operator's own image, which is the native engine's too. */
  readonly image: string;
  /** Image of the LiteLLM engine for langop gateways (`--gateway-image`). */
  readonly litellmImage: string;
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  readonly ingressClassName?: string;
  readonly agentIngressClassName?: string;
  readonly externalScheme?: "http" | "https";
  readonly agentStorageClassName?: string;
  /** Namespace of the ingress controller; found out when unset. */
  readonly ingressControllerNamespace?: string;
  /** IP ranges (`NETWORKPOLICY_API_SERVER_CIDRS`, `NETWORKPOLICY_CUSTOM_CIDRS`). */
  readonly apiServerRanges?: readonly string[];
  readonly customRanges?: readonly string[];
  readonly tlsIssuer?: { readonly name: string; readonly kind: "ClusterIssuer" | "Issuer" };
  /** Keys of one controller that are worked on at the same time. */
  readonly concurrency: number;
  /** Absent: no admission webhook. */
  readonly webhook?: { readonly port: number; readonly url?: string };
  /** False: no network policies are written (`LANGOP_NETWORK_ISOLATION_ENABLED`). */
  readonly networkIsolation: boolean;
  /** Stop when the cluster does not seem to enforce network policies. */
  readonly requireNetworkPolicy: boolean;
  /** Whether a wildcard record for the domain of a cluster is looked for (`DISABLE_DNS_VALIDATION`). */
  readonly validateDomains: boolean;
  readonly otlpEndpoint?: string;
  readonly otlpSampler?: { readonly name: string; readonly argument?: string };
  /** What stands between the operator and pods; for operators outside the cluster. */
  readonly reach?: Reach;
  /** DNS servers, `address:port`; the system's when unset. */
  readonly nameServers?: readonly string[];
  /** Seconds a model may wait for the LanguageCluster of its namespace before it gets a gateway of its own. */
  readonly standaloneAfterSeconds?: number;
}

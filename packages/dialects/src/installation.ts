/** What an installation of the operator says for all gateways alike: flags, environment, what the cluster can do. */
export interface Installation {
  /** Image of native gateways: the operator's own. */
  readonly image: string;
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Image of gateways that run on LiteLLM. */
  readonly litellmImage: string;
  /** Class of Ingresses whose resource names none. */
  readonly ingressClassName?: string;
  /** The same for the Ingresses of agents. */
  readonly agentIngressClassName?: string;
  /** Scheme of published URLs whose resource names none and has no TLS; http when unset. */
  readonly externalScheme?: "http" | "https";
  /** Storage class of agents' volumes whose resource names none; the cluster's when unset. */
  readonly agentStorageClassName?: string;
  /** Namespaces of ingress controllers, which may connect to agents. */
  readonly ingressControllerNamespaces?: readonly string[];
  /** IP ranges where agents find the API server, beside what is known about the network plugin. */
  readonly apiServerRanges?: readonly string[];
  /** IP ranges that all agents may connect to. */
  readonly customRanges?: readonly string[];
  /** cert-manager issuer of Ingresses whose resource names neither a Secret nor an issuer. */
  readonly tlsIssuer?: { readonly name: string; readonly kind: "ClusterIssuer" | "Issuer" };
  /** False: no NetworkPolicies are written, and ours are removed. */
  readonly networkIsolation: boolean;
  /** Optional APIs that this cluster serves. */
  readonly apis: {
    /** CiliumNetworkPolicy of cilium.io/v2. */
    readonly cilium: boolean;
    /** The network plugin is Calico. */
    readonly calico?: boolean;
    /** HTTPRoute of gateway.networking.k8s.io/v1. */
    readonly gatewayApi: boolean;
  };
  readonly operatorNamespace?: string;
  /** Where telemetry goes (OTEL_EXPORTER_OTLP_ENDPOINT of the operator). */
  readonly otlpEndpoint?: string;
  /** How much of it is sampled (OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG of the operator). */
  readonly otlpSampler?: { readonly name: string; readonly argument?: string };
}

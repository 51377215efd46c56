/** What an installation of the operator says for all gateways alike: flags, environment, what the cluster can do. */
export interface Installation {
  /** Image of native gateways: the operator's own. */
  readonly image: string;
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Image of gateways that run on LiteLLM. */
  readonly litellmImage: string;
  /** Class of Ingresses whose resource names none. */
  readonly ingressClassName?: string;
  /** cert-manager issuer of Ingresses whose resource names neither a Secret nor an issuer. */
  readonly tlsIssuer?: { readonly name: string; readonly kind: "ClusterIssuer" | "Issuer" };
  /** False: no NetworkPolicies are written, and ours are removed. */
  readonly networkIsolation: boolean;
  /** Optional APIs that this cluster serves. */
  readonly apis: {
    /** CiliumNetworkPolicy of cilium.io/v2. */
    readonly cilium: boolean;
    /** HTTPRoute of gateway.networking.k8s.io/v1. */
    readonly gatewayApi: boolean;
  };
  readonly operatorNamespace?: string;
  /** Where telemetry goes (OTEL_EXPORTER_OTLP_ENDPOINT of the operator). */
  readonly otlpEndpoint?: string;
}

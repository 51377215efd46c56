import type { KubernetesObject, Metadata } from "./object.ts";

/** An HTTPRoute of one host at one Gateway, all of whose paths lead to one port of one Service. */
export function httpRoute(
  metadata: Metadata,
  of: {
    readonly gateway: { readonly namespace: string; readonly name: string };
    readonly host: string;
    readonly service: { readonly name: string; readonly port: number };
  },
): KubernetesObject {
  const { gateway, host, service } = of;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata,
    spec: {
      parentRefs: [
        {
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          namespace: gateway.namespace,
          name: gateway.name,
        },
      ],
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ group: "", kind: "Service", name: service.name, port: service.port, weight: 1 }],
        },
      ],
    },
  };
}

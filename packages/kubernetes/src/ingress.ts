import type { KubernetesObject, Metadata } from "./object.ts";

/** An Ingress of one host, all of whose paths lead to one port of one Service. */
export function ingress(
  metadata: Metadata,
  of: {
    readonly className?: string | undefined;
    readonly host: string;
    readonly service: { readonly name: string; readonly port: number };
    /** Secret with the certificate of the host; absent: plain HTTP. */
    readonly tlsSecret?: string | undefined;
  },
): KubernetesObject {
  const { className, host, service, tlsSecret } = of;
  const backend = { service: { name: service.name, port: { number: service.port } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      ...(tlsSecret === undefined ? {} : { tls: [{ hosts: [host], secretName: tlsSecret }] }),
    },
  };
}

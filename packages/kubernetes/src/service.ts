import type { KubernetesObject, Labels, Metadata } from "./object.ts";

/** A port of a Service and the port of the pods it leads to. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  /** Default: TCP. */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
}

/** A Service. Addresses and node ports are the API server's to choose. */
export function service(
  metadata: Metadata,
  of: {
    readonly selector: Labels;
    readonly ports: readonly ServicePort[];
    readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | undefined;
  },
): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: of.type ?? "ClusterIP",
      selector: of.selector,
      ports: of.ports.map(({ name, port, targetPort, protocol = "TCP" }) => ({
        name,
        port,
        targetPort,
        protocol,
      })),
    },
  };
}

/** Whether a Service may be called so: a DNS label (RFC 1035) of at most 63 characters. */
export function isServiceName(name: string): boolean {
  return /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/u.test(name);
}

import type { KubernetesObject } from "@gatewright/reconcile";

/** An Ingress that the operator wrote: its metadata, and whether a controller serves it. */
export interface WatchedIngress extends KubernetesObject {
  /** A load balancer has an address for it. */
  readonly published: boolean;
}

interface IngressStatus {
  readonly loadBalancer?: { readonly ingress?: readonly object[] };
}

/** What the watch keeps of an Ingress. */
export function watchedIngress({ apiVersion, kind, metadata, status }: KubernetesObject): WatchedIngress {
  const { loadBalancer } = (status ?? {}) as IngressStatus;
  return { apiVersion, kind, metadata, published: (loadBalancer?.ingress ?? []).length > 0 };
}

import type { KubernetesObject } from "@gatewright/reconcile";

/** A pod of a gateway, as far as the operator looks at it. */
export interface GatewayPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly address?: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
}

/** What the pod watch keeps of a pod. */
export function gatewayPod(pod: KubernetesObject): GatewayPod {
  const { name, namespace = "", uid = "", labels = {}, annotations = {}, deletionTimestamp } = pod.metadata;
  const status = (pod["status"] ?? {}) as PodStatus;
  return {
    namespace,
    name,
    uid,
    ...(status.podIP === undefined ? {} : { address: status.podIP }),
    ready:
      status.conditions?.some(({ type, status: state }) => type === "Ready" && state === "True") === true,
    terminating: deletionTimestamp !== undefined,
    labels,
    annotations,
  };
}

interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

export { isAddressRange, singleAddressRange } from "./address-range.ts";
export { ciliumNetworkPolicy, type HostRule } from "./cilium-network-policy.ts";
export { configMap, dataBytes, mostDataBytes } from "./config-map.ts";
export { deployment } from "./deployment.ts";
export { horizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
export { httpRoute } from "./http-route.ts";
export { ingress } from "./ingress.ts";
export { cronJob, job, type RunSettings } from "./job.ts";
export { isLabelKey, isLabelValue, type LabelSelector, labelSelectorProblem } from "./label-selector.ts";
export { metadata, type Owner, ownedBy } from "./metadata.ts";
export { namespace } from "./namespace.ts";
export {
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  type NetworkPolicyRule,
  networkPolicy,
} from "./network-policy.ts";
export type { KubernetesObject, Labels, Metadata, OwnerReference } from "./object.ts";
export { persistentVolumeClaim } from "./persistent-volume-claim.ts";
export { podDisruptionBudget } from "./pod-disruption-budget.ts";
export { resourceQuota } from "./resource-quota.ts";
export { role } from "./role.ts";
export { roleBinding } from "./role-binding.ts";
export { secret } from "./secret.ts";
export { isServiceName, type ServicePort, service } from "./service.ts";
export { serviceAccount } from "./service-account.ts";

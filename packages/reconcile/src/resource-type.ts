/** Where the API server keeps the objects of one kind. */
export interface ResourceType {
  /** `""` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
}

/** The kinds of a plain cluster, by kind, and those of add-ons whose objects an operator may write. */
export const resourceTypes = {
  ConfigMap: type("", "v1", "ConfigMap", "configmaps"),
  Namespace: type("", "v1", "Namespace", "namespaces", "Cluster"),
  Node: type("", "v1", "Node", "nodes", "Cluster"),
  PersistentVolumeClaim: type("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
  Pod: type("", "v1", "Pod", "pods"),
  ResourceQuota: type("", "v1", "ResourceQuota", "resourcequotas"),
  Secret: type("", "v1", "Secret", "secrets"),
  Service: type("", "v1", "Service", "services"),
  ServiceAccount: type("", "v1", "ServiceAccount", "serviceaccounts"),
  DaemonSet: type("apps", "v1", "DaemonSet", "daemonsets"),
  Deployment: type("apps", "v1", "Deployment", "deployments"),
  ReplicaSet: type("apps", "v1", "ReplicaSet", "replicasets"),
  StatefulSet: type("apps", "v1", "StatefulSet", "statefulsets"),
  HorizontalPodAutoscaler: type("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
  CronJob: type("batch", "v1", "CronJob", "cronjobs"),
  Job: type("batch", "v1", "Job", "jobs"),
  Lease: type("coordination.k8s.io", "v1", "Lease", "leases"),
  EndpointSlice: type("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
  Event: type("events.k8s.io", "v1", "Event", "events"),
  Ingress: type("networking.k8s.io", "v1", "Ingress", "ingresses"),
  IngressClass: type("networking.k8s.io", "v1", "IngressClass", "ingressclasses", "Cluster"),
  NetworkPolicy: type("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
  PodDisruptionBudget: type("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
  ClusterRole: type("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "Cluster"),
  ClusterRoleBinding: type(
    "rbac.authorization.k8s.io",
    "v1",
    "ClusterRoleBinding",
    "clusterrolebindings",
    "Cluster",
  ),
  Role: type("rbac.authorization.k8s.io", "v1", "Role", "roles"),
  RoleBinding: type("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
  CustomResourceDefinition: type(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    "Cluster",
  ),
  ValidatingWebhookConfiguration: type(
    "admissionregistration.k8s.io",
    "v1",
    "ValidatingWebhookConfiguration",
    "validatingwebhookconfigurations",
    "Cluster",
  ),
  Gateway: type("gateway.networking.k8s.io", "v1", "Gateway", "gateways"),
  HTTPRoute: type("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"),
  ReferenceGrant: type("gateway.networking.k8s.io", "v1beta1", "ReferenceGrant", "referencegrants"),
  Certificate: type("cert-manager.io", "v1", "Certificate", "certificates"),
  CiliumNetworkPolicy: type("cilium.io", "v2", "CiliumNetworkPolicy", "ciliumnetworkpolicies"),
} as const satisfies { readonly [kind: string]: ResourceType };

/**
 * The type of an object, by its apiVersion and kind. Throws when no type of `known` has them: a kind that is written
 * must be in the table, guessing its plural would write to the wrong place.
 */
export function typeOf(
  object: { readonly apiVersion: string; readonly kind: string },
  known: Iterable<ResourceType> = Object.values(resourceTypes),
): ResourceType {
  for (const candidate of known) {
    if (candidate.kind === object.kind && apiVersionOf(candidate) === object.apiVersion) return candidate;
  }
  throw new Error(
    `no resource type is known for ${object.apiVersion} ${object.kind}: add it to the types the client was made with`,
  );
}

/** `v1` or `group/version`. */
export function apiVersionOf({ group, version }: ResourceType): string {
  return group === "" ? version : `${group}/${version}`;
}

/**
 * The path of a collection, or of one object when `name` is given.
 * @throws when a namespaced object is addressed without its namespace, or a part is empty: the path would mean something else.
 */
export function pathOf(
  resource: ResourceType,
  place: { readonly namespace?: string; readonly name?: string; readonly subresource?: string } = {},
): string {
  const { namespace, name, subresource } = place;
  const root =
    resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const parts = [root];
  if (name === "" || namespace === "") throw new Error(`an empty name or namespace of a ${resource.kind}`);
  if (resource.scope === "Namespaced") {
    if (namespace !== undefined) parts.push("namespaces", encodeURIComponent(namespace));
    else if (name !== undefined) throw new Error(`${resource.kind} ${name} has no namespace`);
  }
  parts.push(resource.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join("/");
}

function type<Kind extends string>(
  group: string,
  version: string,
  kind: Kind,
  plural: string,
  scope: ResourceType["scope"] = "Namespaced",
): ResourceType & { readonly kind: Kind } {
  return { group, version, kind, plural, scope };
}

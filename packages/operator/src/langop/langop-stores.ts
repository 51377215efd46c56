import {
  type KubernetesObject,
  type ReflectorHandle,
  type ReflectorOptions,
  type ResourceType,
  type Runtime,
  resourceTypes,
} from "@gatewright/reconcile";
import { type GatewayPod, gatewayPod } from "../gateway-pod.ts";
import { type WatchedDeployment, watchedDeployment } from "../watched-deployment.ts";
import { type WatchedIngress, watchedIngress } from "../watched-ingress.ts";
import { type WatchedJob, watchedJob } from "../watched-job.ts";
import { dialectLabel, langopTypes } from "./langop-types.ts";

/** Everything the controllers of the dialect watch. */
export interface LangopStores {
  readonly clusters: ReflectorHandle<KubernetesObject>;
  readonly models: ReflectorHandle<KubernetesObject>;
  readonly agents: ReflectorHandle<KubernetesObject>;
  readonly tools: ReflectorHandle<KubernetesObject>;
  readonly personas: ReflectorHandle<KubernetesObject>;
  readonly runtimes: ReflectorHandle<KubernetesObject>;
  readonly selfConfigs: ReflectorHandle<KubernetesObject>;
  readonly namespaces: ReflectorHandle<KubernetesObject>;
  /** All Secrets, by their metadata: the operator's memory holds no secret. */
  readonly secrets: ReflectorHandle<KubernetesObject>;
  readonly configMaps: ReflectorHandle<KubernetesObject>;
  readonly deployments: ReflectorHandle<WatchedDeployment>;
  readonly ingresses: ReflectorHandle<WatchedIngress>;
  readonly jobs: ReflectorHandle<WatchedJob>;
  readonly pods: ReflectorHandle<GatewayPod>;
  /** Where objects that this operator wrote are found, by kind. */
  readonly written: ReadonlyMap<string, ReflectorHandle<KubernetesObject>>;
}

/** Kinds whose objects are watched by their metadata, among those that carry our label. */
const writtenKinds = [
  "Service",
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "NetworkPolicy",
  "PersistentVolumeClaim",
  "CronJob",
  "HorizontalPodAutoscaler",
  "PodDisruptionBudget",
  "ResourceQuota",
] as const;

/** The same, of APIs that a cluster need not have. */
export const optionalWrittenKinds = ["CiliumNetworkPolicy", "HTTPRoute"] as const;

/** Kinds of which all objects are watched, also those without our label. */
export const completelyWatched: ReadonlySet<string> = new Set(["Secret", "ConfigMap", "Namespace"]);

export function langopStores(runtime: Runtime, namespaces: readonly string[]): LangopStores {
  const within = namespaces.length === 0 ? {} : { namespaces };
  /** What this operator wrote: no more than it works on anyway. */
  const ours = { labelSelector: `${dialectLabel}=langop`, atHandFirst: true } as const;
  const slim = { metadataOnly: true, keep: metadataOf, indexes: { namespace: namespaceOf } } as const;
  const watch = (options: ReflectorOptions<KubernetesObject>): ReflectorHandle<KubernetesObject> =>
    runtime.reflect({ ...(options.type.scope === "Cluster" ? {} : within), ...options });
  const resource = (type: ResourceType): ReflectorHandle<KubernetesObject> =>
    watch({
      type,
      optional: true,
      atHandFirst: true,
      keep: withoutManagedFields,
      indexes: { namespace: namespaceOf },
    });

  // Of these there may be any number in a cluster: page by page.
  const secrets = watch({ type: resourceTypes.Secret, ...slim });
  const configMaps = watch({ type: resourceTypes.ConfigMap, ...slim });
  const namespacesHandle = watch({ type: resourceTypes.Namespace, ...slim });
  const deployments = runtime.reflect<WatchedDeployment>({
    ...within,
    ...ours,
    type: resourceTypes.Deployment,
    keep: watchedDeployment,
  });
  const ingresses = runtime.reflect<WatchedIngress>({
    ...within,
    ...ours,
    type: resourceTypes.Ingress,
    keep: watchedIngress,
  });
  const jobs = runtime.reflect<WatchedJob>({
    ...within,
    ...ours,
    type: resourceTypes.Job,
    keep: watchedJob,
    indexes: { namespace: namespaceOf },
  });
  const written = new Map<string, ReflectorHandle<KubernetesObject>>([
    ["Secret", secrets],
    ["ConfigMap", configMaps],
    ["Namespace", namespacesHandle],
    ["Deployment", deployments],
    ["Ingress", ingresses],
    ["Job", jobs],
    ...writtenKinds.map((kind) => [kind, watch({ type: resourceTypes[kind], ...ours, ...slim })] as const),
    ...optionalWrittenKinds.map(
      (kind) => [kind, watch({ type: resourceTypes[kind], optional: true, ...ours, ...slim })] as const,
    ),
  ]);
  return {
    clusters: resource(langopTypes.LanguageCluster),
    models: resource(langopTypes.LanguageModel),
    agents: resource(langopTypes.LanguageAgent),
    tools: resource(langopTypes.LanguageTool),
    personas: resource(langopTypes.LanguagePersona),
    runtimes: resource(langopTypes.LanguageAgentRuntime),
    selfConfigs: resource(langopTypes.LanguageAgentSelfConfig),
    namespaces: namespacesHandle,
    secrets,
    configMaps,
    deployments,
    ingresses,
    jobs,
    pods: runtime.reflect<GatewayPod>({
      ...within,
      type: resourceTypes.Pod,
      labelSelector: "langop.io/kind in (gateway, LanguageModel)",
      atHandFirst: true,
      keep: gatewayPod,
      indexes: { namespace: ({ namespace }) => [namespace] },
    }),
    written,
  };
}

/** Metadata as the controllers need it: of objects that are not ours hardly more than that they are there. */
function metadataOf({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const { annotations: _, ...kept } = metadata;
  if (kept.labels?.[dialectLabel] !== undefined) return { apiVersion, kind, metadata: kept };
  const { managedFields: __, ...slim } = kept;
  return { apiVersion, kind, metadata: slim };
}

/**
 * The object as the applier may take it from the watch. One without our label is kept without what says who wrote it:
 * the applier has to read it, or it would adopt nothing of what the replaced operator wrote.
 */
export function asApplied(watched: KubernetesObject | undefined): KubernetesObject | undefined {
  return watched?.metadata.labels?.[dialectLabel] === undefined ? undefined : watched;
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function namespaceOf({ metadata }: KubernetesObject): readonly string[] {
  return metadata.namespace === undefined ? [] : [metadata.namespace];
}

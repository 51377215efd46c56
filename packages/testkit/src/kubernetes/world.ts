import type { KubernetesAccess } from "./kubernetes.ts";
import { digestOf, passingWords } from "./passing-words.ts";

/** Everything that an operator is answerable for in some namespaces, by `Kind name`. */
export type World = { readonly [place: string]: unknown };

export interface WorldOptions {
  /** Which namespaces, and LanguageClusters of the same names. */
  readonly namespaces: readonly string[];
  /** Names that differ from run to run, and the words that stand for them. */
  readonly words?: { readonly [name: string]: string };
}

/** API path of a kind, and whether only objects that bear the operator's label count. */
interface LookedAt {
  readonly kind: string;
  readonly api: string;
  readonly plural: string;
  readonly all?: boolean;
}

const lookedAt: readonly LookedAt[] = [
  { kind: "LanguageModel", api: "/apis/langop.io/v1alpha1", plural: "languagemodels", all: true },
  { kind: "LanguageAgent", api: "/apis/langop.io/v1alpha1", plural: "languageagents", all: true },
  { kind: "LanguageTool", api: "/apis/langop.io/v1alpha1", plural: "languagetools", all: true },
  { kind: "LanguagePersona", api: "/apis/langop.io/v1alpha1", plural: "languagepersonas", all: true },
  { kind: "Deployment", api: "/apis/apps/v1", plural: "deployments" },
  { kind: "Service", api: "/api/v1", plural: "services" },
  { kind: "ConfigMap", api: "/api/v1", plural: "configmaps" },
  { kind: "Secret", api: "/api/v1", plural: "secrets" },
  { kind: "ServiceAccount", api: "/api/v1", plural: "serviceaccounts" },
  { kind: "PersistentVolumeClaim", api: "/api/v1", plural: "persistentvolumeclaims" },
  { kind: "CronJob", api: "/apis/batch/v1", plural: "cronjobs" },
  { kind: "Job", api: "/apis/batch/v1", plural: "jobs" },
  { kind: "ResourceQuota", api: "/api/v1", plural: "resourcequotas" },
  { kind: "Role", api: "/apis/rbac.authorization.k8s.io/v1", plural: "roles" },
  { kind: "RoleBinding", api: "/apis/rbac.authorization.k8s.io/v1", plural: "rolebindings" },
  { kind: "NetworkPolicy", api: "/apis/networking.k8s.io/v1", plural: "networkpolicies" },
  { kind: "Ingress", api: "/apis/networking.k8s.io/v1", plural: "ingresses" },
  { kind: "HorizontalPodAutoscaler", api: "/apis/autoscaling/v2", plural: "horizontalpodautoscalers" },
  { kind: "PodDisruptionBudget", api: "/apis/policy/v1", plural: "poddisruptionbudgets" },
];

/**
 * Reads all objects that bear the label `gatewright.dev/dialect`, and the resources they were made for, and takes away
 * what no two runs have in common: versions, times, and random values. What refers to another object (an owner's uid,
 * the version of a Secret that pods were told of) is replaced by what it refers to, so that a dangling reference shows.
 */
export async function readWorld(
  { api }: Pick<KubernetesAccess, "api">,
  { namespaces, words = {} }: WorldOptions,
): Promise<World> {
  const get = async (path: string): Promise<readonly AnyObject[]> => {
    const { status, body } = await api("GET", path);
    if (status === 404) return [];
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body.items ?? [body];
  };
  const found = await Promise.all(
    namespaces.flatMap((namespace) => [
      get(`/api/v1/namespaces/${namespace}`).then(kinded("Namespace")),
      get(`/apis/langop.io/v1alpha1/languageclusters/${namespace}`).then(kinded("LanguageCluster")),
      get(`/api/v1/namespaces/${namespace}/pods?labelSelector=langop.io/kind`).then(kinded("Pod")),
      ...lookedAt.map(({ kind, api: base, plural, all }) =>
        get(
          `${base}/namespaces/${namespace}/${plural}${all === true ? "" : "?labelSelector=gatewright.dev/dialect"}`,
        ).then(kinded(kind)),
      ),
    ]),
  );
  const objects = found.flat();
  const world = Object.fromEntries(
    objects.map((object) => [
      [object.kind, object.metadata.namespace, object.metadata.name].filter(Boolean).join(" "),
      object.kind === "Pod" ? podOf(object, objects) : lastingOf(object),
    ]),
  );
  let text = JSON.stringify(world);
  for (const [passing, word] of [...passingWords(objects), ...Object.entries(words)]) {
    text = text.replaceAll(passing, word);
  }
  return sorted(JSON.parse(text)) as World;
}

/** API objects, looked into as they come. */
export interface AnyObject {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers; a wrong member fails the test.
  readonly metadata: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above.
  readonly [member: string]: any;
}

function kinded(kind: string): (objects: readonly AnyObject[]) => readonly AnyObject[] {
  return (objects) => objects.map((object) => ({ ...object, kind }));
}

/** Kinds whose status is the operator's; that of the others is written by the controllers of Kubernetes. */
const ownStatus: ReadonlySet<string> = new Set([
  "LanguageCluster",
  "LanguageModel",
  "LanguageAgent",
  "LanguageTool",
  "LanguagePersona",
]);

function lastingOf({ kind, metadata, spec, status, apiVersion: _, ...rest }: AnyObject): unknown {
  const { uid: _u, resourceVersion: _r, creationTimestamp: _c, generation, ...kept } = metadata;
  const { clusterIP: _i, clusterIPs: _is, ...lastingSpec } = spec ?? {};
  return {
    ...rest,
    metadata: {
      ...kept,
      ...(kept.deletionTimestamp === undefined ? {} : { deletionTimestamp: "set" }),
      managedFields: managersOf(kept.managedFields ?? []),
    },
    ...(spec === undefined ? {} : { spec: lastingSpec }),
    ...(ownStatus.has(kind) && status !== undefined ? { status: timeless(status, generation) } : {}),
  };
}

/** Who holds which fields: what server-side apply will remove one day depends on it. Statuses have no lasting order. */
function managersOf(entries: readonly AnyObject[]): readonly unknown[] {
  return entries
    .filter(({ subresource }) => subresource === undefined)
    .map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fieldsV1 }))
    .sort((a, b) => (a.manager + a.operation < b.manager + b.operation ? -1 : 1));
}

// biome-ignore lint/suspicious/noExplicitAny: see above.
function timeless({ conditions = [], observedGeneration, ...status }: any, generation: number): unknown {
  const age = (observed: number): string | number => (observed === generation ? "current" : observed);
  return {
    ...status,
    ...(observedGeneration === undefined ? {} : { observedGeneration: age(observedGeneration) }),
    // By type: a condition that came later stands later for ever, which means nothing.
    conditions: Object.fromEntries(
      conditions.map(({ lastTransitionTime: _, type, observedGeneration: observed, ...rest }: AnyObject) => [
        type,
        { ...rest, observedGeneration: age(observed) },
      ]),
    ),
  };
}

/** Of a pod only whether it has been told of what it should serve now. */
function podOf({ metadata }: AnyObject, objects: readonly AnyObject[]): unknown {
  const { namespace, annotations = {}, labels } = metadata;
  const standalone =
    labels["langop.io/kind"] === "LanguageModel" ? labels["app.kubernetes.io/name"] : undefined;
  const named = (kind: string, name: string): AnyObject | undefined =>
    objects.find(
      (one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name,
    );
  const config = named("ConfigMap", standalone === undefined ? "gateway-config" : `${standalone}-model`);
  const credentials = named("Secret", `${standalone ?? "gateway"}-credentials`);
  const workload = named("Deployment", standalone ?? "gateway");
  const digest = digestOf(config?.["data"]?.["config.yaml"] ?? "");
  const current = `${digest.slice(0, 16)}-${credentials?.metadata.resourceVersion}`;
  const hash = workload?.metadata.annotations?.["langop.io/config-hash"];
  return {
    delivered: annotations["gatewright.dev/delivered"] === current ? "current" : annotations,
    configHash: annotations["langop.io/config-hash"] === hash ? "current" : annotations,
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}

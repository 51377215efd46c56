import {
  type ApiClient,
  type AuditEvent,
  agentName,
  clusterName,
  createLangopWorld,
  editInstructions,
  editModel,
  editRules,
  type Kubernetes,
  type LangopWorld,
  modelName,
  type PretendGateways,
  pretendGateways,
  startKubernetes,
  unready,
  waitFor,
} from "@gatewright/testkit";
import type { OperatorProcess } from "./operator-process.ts";

/** An API server with its clusters, of which one or many are measured. */
export interface Side extends AsyncDisposable {
  readonly kubernetes: Kubernetes;
  readonly client: ApiClient;
  /** Makes it this many clusters, with an operator that is running, and waits until all are served. */
  grow(clusters: number): Promise<void>;
  readonly clusters: number;
  /** Edits something; milliseconds until the object that is to hold the edit does. */
  edit(subject: Subject, number: number): Promise<number>;
  /** What the operator asked since a position, watches and the lease aside. */
  requests(from: number): Promise<readonly AuditEvent[]>;
  /** Objects that the operator keeps something of. */
  objects(): Promise<number>;
}

/** What is in each cluster. */
export type Shape = Pick<LangopWorld, "models" | "agents">;

/**
 * What is edited: a model, which its gateway's ConfigMap then holds; the instructions of an agent, for which its pods are
 * replaced; or its network rules, for which they are not.
 */
export type Subject = "model" | "instructions" | "rules";

interface Edited {
  /** Path of the collection, and name of the object that is to hold the edit. */
  readonly held: { readonly path: string; readonly name: string };
  readonly value: string;
  readonly edit: () => Promise<void>;
}

const LONGEST_MILLISECONDS = 900_000;

/** Pods get addresses of the loopback network: whoever asks them is another process. `network` keeps sides apart. */
export async function startSide(shape: Shape, network: string): Promise<Side> {
  const kubernetes = await startKubernetes({
    definitions: [new URL("../../deploy/crds", import.meta.url).pathname],
    // Those of Endpoints refuse addresses of the loopback network, again and again.
    controllers: [
      "deployment-controller",
      "garbage-collector-controller",
      "namespace-controller",
      "replicaset-controller",
      "serviceaccount-controller",
    ],
  });
  const client = kubernetes.client();
  const gateways: PretendGateways = await pretendGateways(kubernetes, { network, port: 4000 });
  let world: LangopWorld = { clusters: 0, ...shape, prefix: "bench" };
  return {
    kubernetes,
    client,
    get clusters() {
      return world.clusters;
    },
    async grow(clusters) {
      const from = world.clusters;
      world = { ...world, clusters };
      await createLangopWorld(client, world, from);
      let left: readonly string[] = [];
      await waitFor(
        `${clusters} clusters are served`,
        async () => {
          left = await unready(client, world);
          if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 500));
          return left.length === 0;
        },
        { capMilliseconds: LONGEST_MILLISECONDS, detail: () => `left: ${left.slice(0, 5).join(", ")}` },
      );
    },
    async edit(subject, number) {
      const { held, value, edit } = edited(client, world, subject, number);
      const path = `${held.path}?fieldSelector=metadata.name%3D${held.name}`;
      const found = await client.api("GET", path);
      const stop = new AbortController();
      const events = await client.watch(
        `${path}&watch=true&resourceVersion=${found.body.metadata.resourceVersion}`,
        stop.signal,
      );
      const began = performance.now();
      const editing = edit();
      let took: number | undefined;
      for await (const { object } of events) {
        if (!JSON.stringify([object.data, object.spec]).includes(value)) continue;
        took = performance.now() - began;
        break;
      }
      stop.abort();
      await editing;
      if (took === undefined) throw new Error(`the watch of ${path} ended without the edit`);
      return took;
    },
    async requests(from) {
      const events = await kubernetes.auditEvents(from);
      return events.filter(
        ({ userAgent, verb, resource }) =>
          userAgent.startsWith("gatewright/") && verb !== "watch" && resource !== "leases",
      );
    },
    async objects() {
      const counts = await Promise.all(
        watched.map(async (path) => {
          const { body } = await client.api("GET", `${path}`);
          return (body.items ?? []).length as number;
        }),
      );
      return counts.reduce((sum, one) => sum + one, 0);
    },
    async [Symbol.asyncDispose]() {
      await gateways[Symbol.asyncDispose]();
      await kubernetes.stop();
    },
  };
}

function edited(client: ApiClient, world: LangopWorld, subject: Subject, number: number): Edited {
  const namespace = clusterName(world, (number * 37) % world.clusters);
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
  if (subject === "model") {
    const model = modelName((number * 7) % world.models);
    const value = `edited-${number}-${Date.now()}`;
    return {
      held: { path: configMaps, name: "gateway-config" },
      value,
      edit: () => editModel(client, namespace, model, value),
    };
  }
  const agent = agentName((number * 7) % (world.agents ?? 1));
  if (subject === "instructions") {
    const value = `edited-${number}-${Date.now()}`;
    return {
      held: { path: configMaps, name: `${agent}-agent` },
      value,
      edit: () => editInstructions(client, namespace, agent, value),
    };
  }
  const value = `192.0.2.${number % 256}/32`;
  return {
    held: { path: `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, name: agent },
    value,
    edit: () => editRules(client, namespace, agent, value),
  };
}

const ours = "?labelSelector=gatewright.dev%2Fdialect%3Dlangop";

/** Everything of which this world has objects, as the operator watches it. */
const watched = [
  "/apis/langop.io/v1alpha1/languageclusters",
  "/apis/langop.io/v1alpha1/languagemodels",
  "/apis/langop.io/v1alpha1/languageagents",
  "/apis/langop.io/v1alpha1/languagetools",
  "/apis/langop.io/v1alpha1/languagepersonas",
  "/api/v1/namespaces",
  "/api/v1/secrets",
  "/api/v1/configmaps",
  `/api/v1/services${ours}`,
  `/api/v1/serviceaccounts${ours}`,
  `/api/v1/persistentvolumeclaims${ours}`,
  `/apis/apps/v1/deployments${ours}`,
  `/apis/networking.k8s.io/v1/networkpolicies${ours}`,
  `/apis/rbac.authorization.k8s.io/v1/roles${ours}`,
  `/apis/rbac.authorization.k8s.io/v1/rolebindings${ours}`,
  `/api/v1/pods?labelSelector=${encodeURIComponent("langop.io/kind in (gateway,LanguageModel)")}`,
];

/** Edits once and counts what the operator asked until it had nothing left to do: `verb resource` → times. */
export async function requestsOfEdit(
  side: Side,
  operator: OperatorProcess,
  subject: Subject,
  number: number,
): Promise<{ readonly [request: string]: number }> {
  await operator.idle();
  const from = await side.kubernetes.auditPosition();
  await side.edit(subject, number);
  await operator.idle();
  return tally(await side.requests(from));
}

/** How often each was asked, most first. */
export function tally(events: readonly AuditEvent[]): { readonly [request: string]: number } {
  const counts = new Map<string, number>();
  for (const { verb, resource, subresource } of events) {
    const name = `${verb} ${resource}${subresource === "" ? "" : `/${subresource}`}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

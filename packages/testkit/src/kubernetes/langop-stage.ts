import process from "node:process";
import { fileURLToPath } from "node:url";
import { resourceTypes } from "@gatewright/reconcile";
import { type FakeUpstream, startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import { type NameServer, startNameServer } from "../name-server.ts";
import { waitFor } from "../wait.ts";
import { type RunningAgent, runningAgent } from "./agent/running-agent.ts";
import { agentKeyOf } from "./agent-key.ts";
import type { ImageProgram } from "./kubelet/container-command.ts";
import { type Kubelet, type KubeletPod, startKubelet } from "./kubelet/start-kubelet.ts";
import type { KubernetesAccess } from "./kubernetes.ts";
import { startTestOperator, type TestOperator, type TestOperatorOptions } from "./test-operator.ts";

/** An object as a manifest has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An object as the API server has it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
export type LiveObject = any;

export interface StageOptions {
  /** Names of the namespaces whose gateway pods run as processes of this machine begin so; others never start. */
  readonly prefix: string;
  readonly operator?: TestOperatorOptions;
  /** More images that run as processes: `{ "agent:test": agentImage }`. Agents of other images never start. */
  readonly images?: { readonly [image: string]: ImageProgram };
}

/**
 * All there is between a person at kubectl and a provider: the operator, a kubelet that runs gateways of the native
 * engine from their sources, an upstream, and the name server that the operator asks.
 */
export interface LangopStage extends AsyncDisposable {
  readonly operator: TestOperator;
  readonly kubelet: Kubelet;
  readonly upstream: FakeUpstream;
  readonly names: NameServer;
  /** `kubectl apply`; what it said. Clusters and runtimes are deleted when the stage is. @throws when anything is refused. */
  apply(...manifests: readonly Manifest[]): Promise<string>;
  /** `kubectl apply` of something that may be refused. */
  offer(manifest: Manifest): Promise<Reply>;
  /** The same of a `langop.io` object as one request, without kubectl, whose start takes half a second. */
  send(manifest: Manifest): Promise<Reply>;
  /** The object at an API path; undefined when there is none. */
  read(path: string): Promise<LiveObject>;
  cluster(name: string): Promise<LiveObject>;
  model(namespace: string, name: string): Promise<LiveObject>;
  /** An object in a namespace, of a kind that the operator writes. */
  object(kind: keyof typeof resourceTypes, namespace: string, name: string): Promise<LiveObject>;
  /** The document that a cluster's gateway is to serve; empty before there is one. */
  document(namespace: string): Promise<string>;
  /**
   * Waits until a condition of a cluster (by name) or model (`namespace/name`) speaks of its present generation and has
   * these members; or, with `undefined`, until there is no such condition.
   */
  condition(owner: string, type: string, want: Partial<Condition> | undefined): Promise<Condition>;
  /** Waits for a cluster that is Ready and whose pods serve its present document. */
  ready(cluster: string): Promise<LiveObject>;
  /** The one gateway pod of a namespace that runs and is ready, a model's own with `model`. */
  gateway(namespace: string): Promise<KubeletPod>;
  /**
   * The one pod of an agent that runs and is ready, whose image is `agentImage`; `port` is the agent's own. After a
   * change of the agent ask for it anew: the pod is another.
   */
  agent(namespace: string, name: string, port?: number): Promise<RunningAgent>;
  /** A key for the agent with this uid, signed as langop.md §3.4 says. */
  agentKey(namespace: string, uid?: string): Promise<string>;
  /** A request to the namespace's gateway. */
  ask(namespace: string, path: string, request?: Question): Promise<Response>;
  /** Status of a chat completion, and its text or the error's message. */
  chat(namespace: string, model: string, key?: string): Promise<{ status: number; text: string }>;
}

/** What became of a manifest, and what was said about it. */
export interface Reply {
  readonly accepted: boolean;
  readonly text: string;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
}

/** What is sent: with the given key, or an agent's, or with null without any. `body` makes it a POST. */
export interface Question {
  readonly key?: string | null;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
}

const entry = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));

export async function startLangopStage(
  kubernetes: KubernetesAccess,
  { prefix, operator: operatorOptions = {}, images = {} }: StageOptions,
): Promise<LangopStage> {
  const { api } = kubernetes;
  const upstream = await startFakeUpstream();
  const names = await startNameServer({}, { ttlSeconds: 1 });
  const kubelet = await startKubelet(kubernetes, {
    images: { "gatewright:test": { command: [process.execPath, entry] }, ...images },
    accepts: ({ metadata }) => metadata.namespace.startsWith(prefix),
    restartBackoffSeconds: 1,
  });
  const operator = await startTestOperator(kubernetes, {
    nameServers: [names.address],
    reach: (address, port) => kubelet.resolve(address, port),
    standaloneAfterSeconds: 0,
    ...operatorOptions,
  });

  const read = async (path: string): Promise<LiveObject> => {
    const { status, body } = await api("GET", path);
    if (status !== 200 && status !== 404) throw new Error(`GET ${path}: ${status} ${body.message}`);
    return status === 200 ? body : undefined;
  };
  const langop = "/apis/langop.io/v1alpha1";
  const cluster = (name: string) => read(`${langop}/languageclusters/${name}`);
  const model = (namespace: string, name: string) =>
    read(`${langop}/namespaces/${namespace}/languagemodels/${name}`);
  const object: LangopStage["object"] = (kind, namespace, name) => {
    const { group, version, plural } = resourceTypes[kind];
    const base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    return read(`${base}/namespaces/${namespace}/${plural}/${name}`);
  };
  /** Paths of what is in no namespace, and so goes with none. */
  const clusterWide = new Set<string>();
  const pathOf = ({ kind, metadata: { namespace, name } }: Manifest): string =>
    `${langop}/${namespace === undefined ? "" : `namespaces/${namespace}/`}${kind.toLowerCase()}s/${name}`;
  const remember = (manifest: Manifest): void => {
    const { kind } = manifest;
    if (kind === "LanguageCluster" || kind === "LanguageAgentRuntime") clusterWide.add(pathOf(manifest));
  };
  const offer: LangopStage["offer"] = async (manifest) => {
    remember(manifest);
    const input = JSON.stringify(manifest);
    const { code, stdout, stderr } = await kubernetes.kubectl(["apply", "-f", "-"], { input });
    return { accepted: code === 0, text: stdout + stderr };
  };
  const send: LangopStage["send"] = async (manifest) => {
    remember(manifest);
    const path = `${pathOf(manifest)}?fieldManager=kubectl&force=true&fieldValidation=Strict`;
    const { status, body } = await api("PATCH", path, manifest, "application/apply-patch+yaml");
    return { accepted: status < 300, text: body.message ?? "" };
  };
  /** The one pod with processes that is ready, of those that a label selector chooses. */
  const onlyPod = (what: string, namespace: string, selector: string): Promise<KubeletPod> =>
    waitFor(
      `one ready ${what} pod in ${namespace}`,
      async () => {
        const { items } = await read(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
        const live = items.filter(
          ({ metadata, status }: LiveObject) =>
            metadata.deletionTimestamp === undefined && conditionOf({ status }, "Ready")?.status === "True",
        );
        const [only, ...others] = kubelet.pods().filter(({ uid }) => live.some(hasUid(uid)));
        return others.length === 0 ? only : undefined;
      },
      { capMilliseconds: 60_000, detail: () => operator.log.slice(-5).join("") },
    );
  // Whatever else runs in the namespace: a gateway is no agent and no tool.
  const gateway: LangopStage["gateway"] = (namespace) =>
    onlyPod("gateway", namespace, encodeURIComponent("langop.io/component notin (agent, tool)"));
  const agentKey: LangopStage["agentKey"] = async (namespace, uid = "agent-1") => {
    const secret = await object("Secret", namespace, "gateway-auth");
    const hmac = Buffer.from(secret?.data["hmac-secret"] ?? "", "base64").toString();
    return agentKeyOf(uid, hmac);
  };
  const ask: LangopStage["ask"] = async (namespace, path, { key, headers = {}, body } = {}) => {
    const { address } = await gateway(namespace);
    const { host, port } = kubelet.resolve(address, 4000);
    return fetch(`http://${host}:${port}${path}`, {
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key ?? (await agentKey(namespace))}` }),
        "content-type": "application/json",
        ...headers,
      },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
  };

  return {
    operator,
    kubelet,
    upstream,
    names,
    async apply(...manifests) {
      for (const manifest of manifests) remember(manifest);
      const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests });
      const { code, stdout, stderr } = await kubernetes.kubectl(["apply", "-f", "-"], { input });
      if (code !== 0) throw new Error(stderr);
      return stdout + stderr;
    },
    offer,
    send,
    read,
    cluster,
    model,
    object,
    document: async (namespace) =>
      (await object("ConfigMap", namespace, "gateway-config"))?.data["config.yaml"] ?? "",
    condition: (owner, type, want) => {
      let last: LiveObject;
      const [namespace = "", name] = owner.split("/");
      return waitFor(
        `${type} of ${owner}${want === undefined ? " to go" : ""}`,
        async () => {
          const found = name === undefined ? await cluster(namespace) : await model(namespace, name);
          last = conditionOf(found, type);
          if (want === undefined) return last === undefined && found !== undefined ? {} : undefined;
          const current = last?.observedGeneration === found?.metadata.generation;
          return current && Object.entries(want).every(([member, value]) => last?.[member] === value)
            ? last
            : undefined;
        },
        { capMilliseconds: 60_000, detail: () => JSON.stringify(last) },
      );
    },
    ready: (name) => {
      let last: LiveObject;
      return waitFor(
        `the cluster ${name} to be ready`,
        async () => {
          last = await cluster(name);
          const current = (type: string) => {
            const condition = conditionOf(last, type);
            return condition?.status === "True" && condition.observedGeneration === last.metadata.generation;
          };
          return current("Ready") && current("ConfigServed") ? last : undefined;
        },
        { capMilliseconds: 60_000, detail: () => JSON.stringify(last?.status ?? {}, undefined, 1) },
      );
    },
    gateway,
    async agent(namespace, name, port = 8080) {
      const labels = `langop.io/kind=LanguageAgent,app.kubernetes.io/name=${name}`;
      const { address } = await onlyPod(`agent ${name}`, namespace, encodeURIComponent(labels));
      const agent = runningAgent(kubelet.resolve(address, port));
      // Without a readiness probe a pod is ready before its program listens.
      await waitFor(`the agent ${name} to listen`, () => agent.environment());
      return agent;
    },
    agentKey,
    ask,
    async chat(namespace, model, key) {
      const response = await ask(namespace, "/v1/chat/completions", {
        ...(key === undefined ? {} : { key }),
        body: { model, messages: [{ role: "user", content: "hello" }] },
      });
      const body = (await response.json()) as LiveObject;
      return {
        status: response.status,
        text: body.choices?.[0]?.message.content ?? body.error?.message ?? "",
      };
    },
    async [Symbol.asyncDispose]() {
      for (const path of clusterWide) await api("DELETE", path);
      for (const path of clusterWide) {
        await waitFor(`${path} to be gone`, async () => (await read(path)) === undefined);
      }
      await operator.close();
      await kubelet.stop();
      await Promise.all([upstream.close(), names.close()]);
    },
  };
}

/** A condition of an object. */
export function conditionOf(object: LiveObject, type: string): LiveObject {
  return object?.status?.conditions?.find((condition: LiveObject) => condition.type === type);
}

function hasUid(uid: string): (pod: LiveObject) => boolean {
  return ({ metadata }) => metadata.uid === uid;
}

import {
  type FakeUpstream,
  type Kubelet,
  type KubernetesAccess,
  sharedKubernetes,
  startFakeUpstream,
  startKubelet,
  startTestOperator,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  agentKey,
  clusterPath,
  digestOf,
  type Endpoint,
  gatewayImage,
  type Langop,
  type Live,
  langopOf,
  modelPath,
  patience,
} from "./langop.ts";

/* Models before there is a LanguageCluster, and LanguageClusters that go: gateways are processes of the bundle. */

const alone = uniqueName("alone");
const made = uniqueName("made");
const found = uniqueName("found");
const image = "gatewright:test";

let kubernetes: KubernetesAccess;
let upstream: FakeUpstream;
let kubelet: Kubelet;
let langop: Langop;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  upstream = stack.use(await startFakeUpstream());
  kubelet = stack.use(
    await startKubelet(kubernetes, {
      images: { [image]: gatewayImage(upstream.url) },
      accepts: ({ metadata }) => [alone, made, found].includes(metadata.namespace),
    }),
  );
  langop = langopOf(kubernetes, kubelet);
  const operator = await startTestOperator(kubernetes, {
    watchNamespaces: [alone, made, found],
    image,
    reach: kubelet.resolve,
    standaloneAfterSeconds: 3,
  });
  stack.defer(() => operator.close());
});
afterAll(async () => {
  await kubernetes.kubectl(["delete", "languagecluster", alone, "--ignore-not-found", "--timeout=60s"]);
  await stack.disposeAsync();
  await kubernetes.kubectl(["delete", "namespace", alone, found, "--ignore-not-found", "--wait=false"]);
});

const apply = (...objects: readonly object[]): Promise<string> =>
  langop.applyAll(["-f", "-"], { input: objects.map((object) => JSON.stringify(object)).join("\n---\n") });

const namespace = (name: string, labels: object = {}): object => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

const cluster = (name: string): object => ({
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageCluster",
  metadata: { name },
  spec: {},
});

const model = (place: string, name: string, finalizers: readonly string[] = []): object => ({
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageModel",
  metadata: { name, namespace: place, finalizers },
  spec: {
    provider: "openai",
    modelName: "gpt-4o",
    apiKeySecretRef: { name: "keys" },
  },
});

const keys = (place: string): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "keys", namespace: place },
  stringData: { "api-key": "sk-provider" },
});

const notes = (place: string): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "notes", namespace: place },
  data: { mine: "yes" },
});

/** Status and, when there is one, text of a chat. */
async function chat({ url }: Endpoint, apiKey: string): Promise<string> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  const asked = client.chat.completions.create({
    model: "gpt-4o",
    messages: [{ role: "user", content: "hi" }],
  });
  return asked.then(
    ({ choices }) => `200 ${choices[0]?.message.content}`,
    (error: { status?: number }) => String(error.status),
  );
}

/** Where a model's own Service leads, on each of its ports. */
async function endpointsOf(name: string): Promise<readonly (readonly Endpoint[])[]> {
  return Promise.all([8000, 4000].map((port) => langop.endpoints(alone, name, port)));
}

/** Objects in a namespace that bear the operator's label. */
async function ours(place: string): Promise<readonly string[]> {
  const kinds =
    "deployments,services,configmaps,secrets,serviceaccounts,networkpolicies,roles,rolebindings,resourcequotas";
  const said = await langop.kubectl([
    "get",
    kinds,
    "-n",
    place,
    "-l",
    "gatewright.dev/dialect",
    "-o",
    "name",
  ]);
  return said
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

const standing = [
  "configmap/gpt-model",
  "deployment.apps/gpt",
  "networkpolicy.networking.k8s.io/gpt",
  "secret/gpt-credentials",
  "service/gpt",
];

test("a model without a LanguageCluster waits for one, and then has a gateway of its own on both ports", async () => {
  await apply(namespace(alone), keys(alone), model(alone, "gpt"));
  const path = modelPath(alone, "gpt");
  await langop.until(path, "Ready", { status: "False", reason: "Pending" });
  expect(await ours(alone)).toEqual([]);

  await langop.until(path, "Ready", { status: "True", reason: "ReconcileSuccess" });
  expect((await langop.get(path)).status.phase).toBe("Ready");
  expect(await ours(alone)).toEqual(standing);
  expect(await langop.condition(path, "GatewayOpen")).toMatchObject({
    status: "True",
    reason: "StandaloneGateway",
  });
  const document = (await langop.get(`/api/v1/namespaces/${alone}/configmaps/gpt-model`)).data["config.yaml"];
  expect(await langop.until(path, "ConfigServed", { status: "True" })).toMatchObject({
    message: `1 of 1 pods serve ${digestOf(document)}`,
  });
  for (const endpoints of await endpointsOf("gpt")) {
    expect(endpoints).toHaveLength(1);
    // Clients of the first generation have no key that anybody made.
    for (const endpoint of endpoints) expect(await chat(endpoint, "sk-langop-proxy")).toMatch(/^200 gpt-4o/);
  }
  expect(upstream.requests.map(({ key }) => key)).toEqual(["sk-provider", "sk-provider"]);
});

test("a LanguageCluster takes it over: its old address leads to the shared gateway, its own one goes", async () => {
  await apply(cluster(alone));
  const gone = standing.filter((name) => name !== "service/gpt");
  await waitFor(
    "the model's own gateway to go",
    async () => (await ours(alone)).every((name) => name !== "deployment.apps/gpt"),
    patience,
  );
  // Not before there was another one.
  const shared = await langop.endpoints(alone, "gateway");
  expect(shared).toHaveLength(1);
  await langop.until(clusterPath(alone), "Ready", { status: "True" });
  await waitFor(
    "all that was its own to go, and its address to be there",
    async () => {
      const left = await ours(alone);
      return gone.every((name) => !left.includes(name)) && left.includes("service/gpt");
    },
    patience,
  );
  const service = await langop.get(`/api/v1/namespaces/${alone}/services/gpt`);
  expect(service.metadata.ownerReferences.map(({ kind }: Live) => kind)).toEqual(["LanguageCluster"]);
  await waitFor(
    "both ports to lead there",
    async () =>
      (await endpointsOf("gpt")).every((endpoints) => JSON.stringify(endpoints) === JSON.stringify(shared)),
    patience,
  );
  const secret = await langop.get(`/api/v1/namespaces/${alone}/secrets/gateway-auth`);
  const key = agentKey(Buffer.from(secret.data["hmac-secret"], "base64").toString(), "agent-1");
  for (const endpoint of shared) {
    expect(await chat(endpoint, key)).toMatch(/^200 gpt-4o/);
    expect(await chat(endpoint, "sk-langop-proxy")).toBe("401");
  }
  await langop.until(modelPath(alone, "gpt"), "Ready", { status: "True", reason: "ReconcileSuccess" });
  expect(await langop.condition(modelPath(alone, "gpt"), "GatewayOpen")).toBeUndefined();
  await waitFor(
    "the pods of its own gateway to end",
    () => kubelet.pods().filter((pod) => pod.namespace === alone).length === 1,
    patience,
  );
});

test("a LanguageCluster that made its namespace drains its members, and takes the namespace along", async () => {
  await apply(
    cluster(made),
    keys(made),
    model(made, "held", ["example.test/hold"]),
    model(made, "free"),
    notes(made),
  );
  await langop.until(clusterPath(made), "Ready", { status: "True" });
  const namespacePath = `/api/v1/namespaces/${made}`;
  expect((await langop.get(namespacePath)).metadata.ownerReferences).toMatchObject([
    { kind: "LanguageCluster" },
  ]);

  await langop.kubectl(["delete", "languagecluster", made, "--wait=false"]);
  await waitFor(
    "the free member to go",
    async () => (await langop.get(modelPath(made, "free"))) === undefined,
    patience,
  );
  // As long as a member is held, everything around it stands.
  expect((await langop.get(modelPath(made, "held"))).metadata.deletionTimestamp).toBeDefined();
  expect((await langop.get(clusterPath(made))).metadata.finalizers).toEqual(["langop.io/finalizer"]);
  expect((await langop.get(namespacePath)).status.phase).toBe("Active");

  const released = JSON.stringify({ metadata: { finalizers: null } });
  await langop.kubectl(["patch", "lmodel", "held", "-n", made, "--type=merge", "-p", released]);
  await waitFor(
    "the cluster to go",
    async () => (await langop.get(clusterPath(made))) === undefined,
    patience,
  );
  await waitFor("its namespace to go", async () => (await langop.get(namespacePath)) === undefined, patience);
});

test("a LanguageCluster that found its namespace leaves it, with what was there before and without what was ours", async () => {
  await apply(namespace(found, { team: "research" }), notes(found), keys(found));
  const before = (await langop.get(`/api/v1/namespaces/${found}`)).metadata.labels;
  await apply(cluster(found), model(found, "gpt"));
  await langop.until(clusterPath(found), "Ready", { status: "True" });
  const { metadata } = await langop.get(`/api/v1/namespaces/${found}`);
  expect(metadata.ownerReferences).toBeUndefined();
  expect(metadata.labels).toEqual({
    ...before,
    "app.kubernetes.io/managed-by": "language-operator",
    "langop.io/cluster": found,
    "gatewright.dev/dialect": "langop",
  });

  await langop.kubectl(["delete", "languagecluster", found, "--timeout=60s"]);
  await waitFor("what was ours to go", async () => (await ours(found)).length === 0, patience);
  const left = await langop.get(`/api/v1/namespaces/${found}`);
  expect(left.status.phase).toBe("Active");
  expect(left.metadata.labels).toEqual(before);
  expect((await langop.get(`/api/v1/namespaces/${found}/configmaps/notes`)).data).toEqual({ mine: "yes" });
  expect(await langop.get(`/api/v1/namespaces/${found}/secrets/keys`)).toBeDefined();
  expect(await langop.get(modelPath(found, "gpt"))).toBeUndefined();
});

import { fileURLToPath } from "node:url";
import {
  type FakeUpstream,
  type Kubelet,
  type Kubernetes,
  type RunningProcess,
  startFakeUpstream,
  startKubelet,
  startKubernetes,
  waitFor,
} from "@gatewright/testkit";
import OpenAI, { AuthenticationError, BadRequestError } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./bundle.ts";
import {
  agentKey,
  clusterPath,
  digestOf,
  type Endpoint,
  gatewayImage,
  type Langop,
  langopOf,
  modelPath,
  patience,
} from "./langop.ts";
import { type OpenStreams, openStreams } from "./open-streams.ts";
import { type PodTunnel, startPodTunnel } from "./pod-tunnel.ts";

/*
 * A LanguageCluster from its manifests to answers, and through everything that happens to it: the operator and the
 * gateways are processes of the bundle, what a person does is done by kubectl, clients are the official one. A server
 * of its own, because the example's names are what they are.
 */

const folder = fileURLToPath(new URL("../", import.meta.url));
const cluster = clusterPath("research");
const masterKey = "sk-example-master-key";
const namespace = "/api/v1/namespaces/research";
const messages = [{ role: "user" as const, content: "hello" }];

let kubernetes: Kubernetes;
let upstream: FakeUpstream;
let kubelet: Kubelet;
let tunnel: PodTunnel;
let langop: Langop;
let operator: RunningProcess;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  kubernetes = stack.use(await startKubernetes({ audit: false, definitions: [`${folder}deploy/crds/`] }));
  // Only streams can be held; other answers come at once.
  upstream = stack.use(
    await startFakeUpstream({ script: { default: { held: true, interval: 500, frames: 3 } } }),
  );
  const image = gatewayImage(upstream.url);
  kubelet = stack.use(
    await startKubelet(kubernetes, { images: { "gatewright:one": image, "gatewright:two": image } }),
  );
  tunnel = stack.use(await startPodTunnel(kubelet));
  langop = langopOf(kubernetes, kubelet);
  operator = await startOperator("gatewright:one");
});
afterAll(async () => {
  await operator?.stop();
  await stack.disposeAsync();
});

async function startOperator(image: string): Promise<RunningProcess> {
  const started = run(
    [
      ...["operator", "--kubeconfig", kubernetes.kubeconfig, "--image", image, "--disable-webhooks"],
      ...["--health-probe-bind-address", "0", "--metrics-bind-address", "0"],
    ],
    { environment: { DISABLE_DNS_VALIDATION: "true", ...tunnel.environment } },
  );
  await started.line(/operator runs/);
  return started;
}

const gateways = (): Promise<readonly Endpoint[]> => langop.endpoints("research", "gateway");

function client({ url }: Endpoint, apiKey = masterKey): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

/** What a model answers at a pod: the upstream's name of the model, or the error. */
async function ask(endpoint: Endpoint, model: string, key = masterKey): Promise<string | Error> {
  try {
    const { choices } = await client(endpoint, key).chat.completions.create({ model, messages });
    return choices[0]?.message.content?.split(" ")[0] ?? "";
  } catch (error) {
    return error as Error;
  }
}

/** Waits until every pod of the gateway answers so. */
async function everywhere(
  what: string,
  model: string,
  is: (answer: string | Error) => boolean,
): Promise<void> {
  let answers: readonly (string | Error)[] = [];
  await waitFor(
    what,
    async () => {
      answers = await Promise.all((await gateways()).map((endpoint) => ask(endpoint, model)));
      return answers.length > 0 && answers.every(is);
    },
    { ...patience, detail: () => answers.map(String).join("\n") },
  );
}

const served =
  (name: string) =>
  (answer: string | Error): boolean =>
    answer === name;
const unknown = (answer: string | Error): boolean => answer instanceof BadRequestError;

/** `ConfigServed` is true of the very document that stands in the ConfigMap. */
async function documentServed(): Promise<void> {
  await waitFor(
    "the document to be served by all pods",
    async () => {
      const config = await langop.get(`${namespace}/configmaps/gateway-config`);
      const said = await langop.condition(cluster, "ConfigServed");
      return (
        said?.status === "True" &&
        said.message === `2 of 2 pods serve ${digestOf(config.data["config.yaml"])}`
      );
    },
    patience,
  );
}

/** Which processes serve: names of pods, their process ids and restarts. */
function processes(): readonly string[] {
  return kubelet
    .pods()
    .flatMap(({ name, containers }) =>
      containers.map(({ pid, restarts }) => `${name}: process ${pid}, ${restarts} restarts`),
    )
    .sort();
}

const lastKey = (): string | undefined => upstream.requests.at(-1)?.key;

test("kubectl apply -f examples/langop/ comes to chat completions through the Service, for those who have a key", async () => {
  await langop.applyAll(["-f", `${folder}examples/langop/`]);
  await langop.until(cluster, "Ready", { status: "True", reason: "ReconcileSuccess" });
  await langop.until(cluster, "GatewayReady", { status: "True", message: "2 gateway pods are ready." });
  expect((await langop.get(cluster)).status).toMatchObject({
    phase: "Ready",
    gatewayEndpoint: "http://gateway.research.svc.cluster.local:8000",
    gatewayReady: true,
  });

  const pods = await waitFor("both pods behind the Service", async () => {
    const found = await gateways();
    return found.length === 2 && found;
  });
  for (const pod of pods) {
    expect(await ask(pod, "gpt-4o-mini")).toBe("gpt-4o-mini");
    expect(lastKey()).toBe("sk-example-openai-not-a-real-key");
    const { data } = await langop.get(`${namespace}/secrets/gateway-auth`);
    const key = agentKey(
      Buffer.from(data["hmac-secret"], "base64").toString(),
      "9f8221e3-a8ce-47c0-9e31-4afeb62657df",
    );
    expect(await ask(pod, "gpt-4o-mini", key)).toBe("gpt-4o-mini");
    for (const wrong of ["sk-langop-tunnel", `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`]) {
      expect(await ask(pod, "gpt-4o-mini", wrong)).toBeInstanceOf(AuthenticationError);
    }
  }
  await documentServed();
  // Old addresses of models lead to the same pods, on both ports.
  for (const port of [8000, 4000]) {
    const urls = (await langop.endpoints("research", "gpt", port)).map(({ url }) => url).sort();
    expect(urls).toEqual(pods.map(({ url }) => url).sort());
  }
});

test("models come, change and go, keys rotate and break: no pod restarts, and 50 streams go on", async () => {
  const pods = await gateways();
  const before = processes();
  const addresses = pods.map(({ url }) => url);
  const opened: OpenStreams[] = [];
  const open = async (count: number, model: string): Promise<void> => {
    opened.push(await openStreams(upstream, addresses, { count, model, key: masterKey }));
  };
  await open(30, "gpt-4o-mini");

  // A model is added, and another one gets its address.
  const extra = (spec: object): readonly object[] => [
    {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageModel",
      metadata: { name: "extra", namespace: "research" },
      spec: { provider: "openai-compatible", endpoint: upstream.url, ...spec },
    },
  ];
  await langop.kubectl(["apply", "-f", "-"], extra({ modelName: "first" }));
  await everywhere("the new model", "first", served("first"));
  const endpoint = JSON.stringify({ spec: { endpoint: upstream.url } });
  await langop.kubectl(["patch", "lmodel", "azure", "-n", "research", "--type=merge", "-p", endpoint]);
  await everywhere("the model with another address", "gpt-4-deployment", served("gpt-4-deployment"));
  await open(20, "first");

  // It is edited, and removed.
  await langop.kubectl(["apply", "-f", "-"], extra({ modelName: "second" }));
  await everywhere("the new name", "second", served("second"));
  await everywhere("the old name is gone", "first", unknown);
  await documentServed();
  await langop.kubectl(["delete", "lmodel", "extra", "-n", "research", "--timeout=60s"]);
  await everywhere("the model is gone", "second", unknown);
  expect(await langop.get(`${namespace}/services/extra`)).toBeUndefined();

  // A key is rotated.
  const secret = (data: object): Promise<string> =>
    langop.kubectl(
      ["apply", "-f", "-"],
      [
        {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "openai-credentials", namespace: "research" },
          stringData: data,
        },
      ],
    );
  await secret({ "api-key": "sk-rotated" });
  await everywhere("the new key", "gpt-4o-mini", () => lastKey() === "sk-rotated");

  // The key goes, then the whole Secret: its models go with it, and say so; no other does.
  await langop.kubectl([
    "patch",
    "secret",
    "openai-credentials",
    "-n",
    "research",
    "--type=json",
    "-p",
    '[{"op":"move","from":"/data/api-key","path":"/data/other"}]',
  ]);
  const keyMissing = await langop.until(modelPath("research", "gpt"), "Ready", {
    status: "False",
    reason: "SecretKeyMissing",
  });
  expect(keyMissing.message).toContain("api-key");
  expect(keyMissing.message).toContain("openai-credentials");
  await everywhere("the model without a key is left out", "gpt-4o-mini", unknown);
  await everywhere("the others are served", "gpt-4-deployment", served("gpt-4-deployment"));
  await langop.kubectl(["delete", "secret", "openai-credentials", "-n", "research"]);
  const absent = await langop.until(modelPath("research", "gpt"), "Ready", {
    status: "False",
    reason: "SecretNotFound",
  });
  expect(absent.message).toContain("openai-credentials");
  await everywhere("the others are served", "gpt-4-deployment", served("gpt-4-deployment"));
  expect(await langop.condition(cluster, "Ready")).toMatchObject({ status: "True" });
  await secret({ "api-key": "sk-back" });
  await langop.until(modelPath("research", "gpt"), "Ready", { status: "True" });
  await everywhere("the model is back", "gpt-4o-mini", () => lastKey() === "sk-back");
  await documentServed();

  expect(processes()).toEqual(before);
  expect(upstream.stats).toMatchObject({ openStreams: 50, aborted: 0 });
  await ended(opened);
});

/** All streams come to their proper end, with every frame that the upstream has sent. */
async function ended(opened: readonly OpenStreams[]): Promise<void> {
  const read = (await Promise.all(opened.map((streams) => streams.finish()))).flat();
  expect(read).toHaveLength(opened.reduce((sum, { count }) => sum + count, 0));
  expect(read.filter(({ broken, done }) => broken !== undefined || !done)).toEqual([]);
  const sent = upstream.requests.filter(({ frames }) => frames > 0);
  const all = sent.reduce((sum, { frames }) => sum + frames, 0);
  expect(read.reduce((sum, { frames }) => sum + frames.length, 0)).toBe(all);
  expect(upstream.stats.aborted).toBe(0);
}

test("another image rolls the gateway: 50 streams go on, and no request fails", async () => {
  upstream.forget();
  const before = kubelet.pods().map(({ uid }) => uid);
  const addresses = (await gateways()).map(({ url }) => url);
  const streams = await openStreams(upstream, addresses, {
    count: 50,
    model: "gpt-4o-mini",
    key: masterKey,
  });
  // Clients as they are: each request goes to some pod that the Service names at that moment.
  const stop = new AbortController();
  const answers: (string | Error)[] = [];
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const ready = await gateways();
      const endpoint = ready[Math.floor(Math.random() * ready.length)];
      answers.push(
        endpoint === undefined ? new Error("no endpoint") : await ask(endpoint, "gpt-4-deployment"),
      );
    }
  };
  const asking = [loop(), loop()].map((one) => one.catch((error: Error) => void answers.push(error)));

  expect(await operator.stop()).toEqual({ code: 0, signal: null });
  operator = await startOperator("gatewright:two");
  const image = async (): Promise<string> =>
    (await langop.get("/apis/apps/v1/namespaces/research/deployments/gateway")).spec.template.spec
      .containers[0].image;
  await waitFor("the new image", async () => (await image()) === "gatewright:two", patience);
  await langop.kubectl(["-n", "research", "rollout", "status", "deployment/gateway", "--timeout=90s"]);
  await documentServed();

  // The old pods are on their way out, not ready, and still hold all streams.
  const old = kubelet.pods().filter(({ uid }) => before.includes(uid));
  expect(old).toHaveLength(2);
  await waitFor("readiness of the old pods to go", () =>
    kubelet.pods().every(({ uid, containers }) => !before.includes(uid) || containers[0]?.ready === false),
  );
  expect(upstream.stats).toMatchObject({ openStreams: 50, aborted: 0 });
  const named = new Set((await gateways()).map(({ pod }) => pod));
  expect(old.filter(({ name }) => named.has(name))).toEqual([]);

  stop.abort();
  await Promise.all(asking);
  expect(answers.filter((answer) => answer !== "gpt-4-deployment")).toEqual([]);
  expect(answers.length).toBeGreaterThan(10);
  const read = await streams.finish();
  expect(read.filter(({ broken, done }) => broken !== undefined || !done)).toEqual([]);
  expect(upstream.stats.aborted).toBe(0);
  await waitFor(
    "the old pods to be gone",
    () => kubelet.pods().every(({ uid }) => !before.includes(uid)),
    patience,
  );
});

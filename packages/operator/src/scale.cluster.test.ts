import {
  clusterName,
  createLangopWorld,
  editInstructions,
  editModel,
  editRules,
  type Kubernetes,
  type LangopWorld,
  type MortalOperator,
  type PretendGateways,
  pretendGateways,
  type RecordedApiRequest,
  startKubernetes,
  startMortalOperator,
  unready,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

/*
 * Many clusters cost an edit nothing. What `npm run bench:operator` measures with 200 clusters in numbers of bytes and
 * milliseconds, counted here with 20: requests, which no busy machine makes more or fewer.
 */

const one: LangopWorld = { clusters: 1, models: 10, agents: 4, prefix: "scale" };
const many: LangopWorld = { ...one, clusters: 20 };

let kubernetes: Kubernetes;
let gateways: PretendGateways;
let operator: MortalOperator;

beforeAll(async () => {
  kubernetes = await startKubernetes({
    audit: false,
    definitions: [new URL("../../../deploy/crds/", import.meta.url).pathname],
  });
  gateways = await pretendGateways(kubernetes);
  operator = await start();
});
afterAll(async () => {
  await operator?.close();
  await gateways?.[Symbol.asyncDispose]();
  await kubernetes?.stop();
});

async function start(): Promise<MortalOperator> {
  return startMortalOperator(kubernetes, { reach: (address, port) => gateways.reach(address, port) });
}

/** Longer than the operator waits before it looks again at a pod that is behind. */
const REST_MILLISECONDS = 1_500;

async function allServed(world: LangopWorld): Promise<void> {
  await createLangopWorld(kubernetes.client(), world, world === many ? one.clusters : 0);
  let left: readonly string[] = [];
  await waitFor(
    `${world.clusters} clusters with all their models are Ready`,
    async () => {
      left = await unready(kubernetes.client(), world);
      return left.length === 0;
    },
    { capMilliseconds: 300_000, detail: () => `not Ready: ${left.join(", ")}` },
  );
  await operator.quiet(REST_MILLISECONDS);
}

interface Edit {
  /** With a value that is another one each time. */
  readonly edit: (namespace: string, number: number) => Promise<void>;
  /** What holds it then. */
  readonly path: string;
  readonly value: (number: number) => string;
}

const ofModel: Edit = {
  edit: (namespace, number) => editModel(kubernetes.client(), namespace, "model-3", `edited-${number}`),
  path: "/api/v1/namespaces/NAME/configmaps/gateway-config",
  value: (number) => `edited-${number}`,
};

const ofInstructions: Edit = {
  edit: (namespace, number) => editInstructions(kubernetes.client(), namespace, "agent-3", `Do ${number}.`),
  path: "/api/v1/namespaces/NAME/configmaps/agent-3-agent",
  value: (number) => `Do ${number}.`,
};

const ofRules: Edit = {
  edit: (namespace, number) => editRules(kubernetes.client(), namespace, "agent-3", `192.0.2.${number}/32`),
  path: "/apis/networking.k8s.io/v1/namespaces/NAME/networkpolicies/agent-3",
  value: (number) => `192.0.2.${number}/32`,
};

/** What the operator asks because of an edit, in no order. */
async function requestsOfEdit(
  { edit, path, value }: Edit,
  world: LangopWorld,
  cluster: number,
  number: number,
): Promise<readonly string[]> {
  const namespace = clusterName(many, cluster);
  operator.transport.forget();
  await edit(namespace, number);
  await waitFor("the edit to be applied", async () => {
    const { body } = await kubernetes.api("GET", path.replace("NAME", namespace));
    return JSON.stringify([body.data, body.spec]).includes(value(number));
  });
  await waitFor(
    "all to be Ready again",
    async () => (await unready(kubernetes.client(), world)).length === 0,
    { capMilliseconds: 60_000 },
  );
  await operator.quiet(REST_MILLISECONDS);
  // What is told of an agent's way is told by Events, which are joined to those of before where there are some.
  return operator.transport.requests
    .filter((request) => !request.path.startsWith("/apis/events.k8s.io/"))
    .map((request) => placeless(request, namespace))
    .sort();
}

function placeless({ method, path }: RecordedApiRequest, namespace: string): string {
  const named = path.replace(`namespaces/${namespace}/`, "").replace(`/${namespace}/`, "/");
  return `${method} ${named.replace(/\/pods\/.*/, "/pods")}`;
}

/**
 * Kind and name of all that stands, with its version. Not of claims: Kubernetes stores one anew at the first apply after
 * its creation, though not a byte of what it shows is another.
 */
async function versions(): Promise<ReadonlyMap<string, string>> {
  const paths = [
    "/apis/langop.io/v1alpha1/languageclusters",
    "/apis/langop.io/v1alpha1/languagemodels",
    "/apis/langop.io/v1alpha1/languageagents",
    "/apis/langop.io/v1alpha1/languagetools",
    "/apis/langop.io/v1alpha1/languagepersonas",
    "/api/v1/namespaces",
    "/api/v1/secrets",
    "/api/v1/configmaps",
    "/api/v1/services",
    "/api/v1/serviceaccounts",
    "/api/v1/pods",
    "/apis/apps/v1/deployments",
    "/apis/networking.k8s.io/v1/networkpolicies",
    "/apis/rbac.authorization.k8s.io/v1/roles",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
  ];
  const lists = await Promise.all(paths.map(async (path) => (await kubernetes.api("GET", path)).body));
  return new Map(
    lists.flatMap(({ kind, items }) =>
      (items as readonly { metadata: Metadata }[]).map(({ metadata }) => [
        `${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
        metadata.resourceVersion,
      ]),
    ),
  );
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly resourceVersion: string;
}

const edits = {
  model: {
    of: ofModel,
    requests: [
      "PATCH /api/v1/configmaps/gateway-config",
      "PATCH /api/v1/pods",
      "PATCH /apis/apps/v1/deployments/gateway",
      "PATCH /apis/langop.io/v1alpha1/languageclusters/status",
      "PATCH /apis/langop.io/v1alpha1/languagemodels/model-3/status",
    ],
  },
  rules: {
    of: ofRules,
    requests: [
      "PATCH /apis/apps/v1/deployments/agent-3",
      "PATCH /apis/langop.io/v1alpha1/languageagents/agent-3/status",
      "PATCH /apis/networking.k8s.io/v1/networkpolicies/agent-3",
    ],
  },
  instructions: {
    of: ofInstructions,
    requests: [
      "PATCH /api/v1/configmaps/agent-3-agent",
      "PATCH /apis/apps/v1/deployments/agent-3",
      "PATCH /apis/langop.io/v1alpha1/languageagents/agent-3/status",
    ],
  },
} as const;

/** How often Kubernetes tells of a Deployment that has changed is its own affair, and each time is one more status. */
function once(requests: readonly string[]): readonly string[] {
  return [...new Set(requests)];
}

test("an edit among 20 clusters of 10 models and 4 agents takes the requests that it takes at one", {
  timeout: 600_000,
}, async () => {
  await allServed(one);
  const { model, rules, instructions } = edits;
  expect(await requestsOfEdit(model.of, one, 0, 100)).toEqual(model.requests);
  expect(once(await requestsOfEdit(rules.of, one, 0, 100))).toEqual(rules.requests);
  const alone = await requestsOfEdit(instructions.of, one, 0, 100);
  expect(once(alone)).toEqual(instructions.requests);
  await allServed(many);
  const before = await passes();
  for (const cluster of [0, 7, 19]) {
    expect(await requestsOfEdit(model.of, many, cluster, cluster)).toEqual(model.requests);
  }
  // Each of the ten models once, the edited one again for its status, and a few over the cluster: nobody is woken by the
  // status of another.
  expect((await passes()) - before).toBeLessThanOrEqual(3 * 20);
  const between = await passes();
  for (const cluster of [0, 7, 19]) {
    const few = await requestsOfEdit(rules.of, many, cluster, cluster + 1);
    expect(once(few)).toEqual(rules.requests);
    expect(few.length).toBeLessThanOrEqual(rules.requests.length + 1);
    const found = await requestsOfEdit(instructions.of, many, cluster, cluster);
    expect(once(found)).toEqual(instructions.requests);
    expect(found.length).toBeLessThanOrEqual(alone.length + 4);
  }
  // Each edit wakes the agent, for what Kubernetes tells of its pods a few times, and its cluster: no other agent or model.
  expect((await passes()) - between).toBeLessThanOrEqual(3 * 2 * 12);
});

/** Passes so far, of all controllers. */
async function passes(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith("controller_runtime_reconcile_total{"));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

test("a second pass over everything asks nothing", async () => {
  const before = await passes();
  operator.transport.forget();
  const label = { metadata: { labels: { seen: "again" } } };
  for (let index = 0; index < many.clusters; index++) {
    await kubernetes.api(
      "PATCH",
      `/apis/langop.io/v1alpha1/languageclusters/${clusterName(many, index)}`,
      label,
    );
  }
  await operator.quiet(REST_MILLISECONDS);
  expect((await passes()) - before).toBeGreaterThanOrEqual(many.clusters * (1 + many.models + 4));
  // Events of the edits before may come this late, joined to one.
  const late = "/events/agent-3.";
  expect(operator.transport.requests.filter(({ path }) => !path.includes(late))).toEqual([]);
});

test("a restart changes nothing, and is at rest afterwards", { timeout: 300_000 }, async () => {
  await operator.close();
  const before = await versions();
  operator = await start();
  await operator.quiet(REST_MILLISECONDS);
  expect(await versions()).toEqual(before);
  const { requests } = operator.transport;
  // An apply for each object, and the keys of Secrets; none of it for each model but its Service. An agent has nine
  // objects and has the signing Secret read; a tool has three, and its pods are looked for, to be asked.
  const perCluster = requests.filter(({ path }) => path.includes("/namespaces/")).length / many.clusters;
  expect(perCluster).toBeLessThanOrEqual(26 + 4 * 10 + 4);
  // What may stand without our label is asked for once a kind, not for each namespace.
  const unlabelled = requests.filter(({ query }) => query?.["labelSelector"]?.startsWith("!") === true);
  expect(unlabelled.length).toBeGreaterThan(0);
  expect(new Set(unlabelled.map(({ path }) => path)).size).toBe(unlabelled.length);
  operator.transport.forget();
  await operator.quiet(5_000);
  expect(operator.transport.requests).toEqual([]);
});

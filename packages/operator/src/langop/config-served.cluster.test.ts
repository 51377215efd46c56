import { createHash } from "node:crypto";
import {
  clusterOf,
  conditionOf,
  createUser,
  type LiveObject,
  modelOf,
  type PretendGateways,
  pretendGateways,
  sharedKubernetes,
  startTestOperator,
  type TestOperator,
  type User,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

/* What condition ConfigServed says of pods that take their time, and when. */

const team = uniqueName("served");
const path = `/apis/langop.io/v1alpha1/languageclusters/${team}`;

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let operator: TestOperator;
let gateways: PretendGateways;
let user: User;
/** What the pod serves whatever stands; undefined: what stands. */
let held: (() => string) | undefined;
/** What stood when the pod was last asked. */
let standing = "";
/** The document that each test begins with. */
let first = "";

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  gateways = await pretendGateways(kubernetes, {
    says(namespace, digest) {
      if (namespace !== team) return digest;
      standing = digest;
      return held?.() ?? digest;
    },
  });
  user = await createUser(kubernetes);
  operator = await startTestOperator(kubernetes, { reach: (address, port) => gateways.reach(address, port) });
  await user.put(clusterOf(team, {}));
  await waitFor(
    "the namespace",
    async () => (await kubernetes.api("GET", `/api/v1/namespaces/${team}`)).status === 200,
  );
});
beforeEach(async () => {
  held = undefined;
  await edit("first");
  await waitFor("the document", async () => (await document()).includes("first"));
  first = createHash("sha256")
    .update(await document())
    .digest("hex");
  await served("True", () => first);
});
afterAll(async () => {
  await kubernetes?.api("DELETE", path);
  await waitFor("no cluster", async () => (await kubernetes.api("GET", path)).status === 404);
  await operator?.close();
  await gateways?.[Symbol.asyncDispose]();
  await user?.close();
});

const edit = (modelName: string): Promise<void> =>
  user.put(
    modelOf(team, "model", {
      provider: "openai-compatible",
      modelName,
      endpoint: "http://ollama.example.test",
    }),
  );

/** Waits until the condition has this status, of the document that has this model. */
async function served(status: "True" | "False", digest?: () => string): Promise<LiveObject> {
  let last: LiveObject;
  return waitFor(
    `ConfigServed ${status}`,
    async () => {
      last = conditionOf((await kubernetes.api("GET", path)).body, "ConfigServed");
      return last?.status === status && last.message.includes(digest?.() ?? "") ? last : undefined;
    },
    { capMilliseconds: 30_000, detail: () => JSON.stringify(last) },
  );
}

const document = async (): Promise<string> => {
  const { body } = await kubernetes.api("GET", `/api/v1/namespaces/${team}/configmaps/gateway-config`);
  return body.data?.["config.yaml"] ?? "";
};

/** Waits until all that changes wake has been passed over, and nothing but time will bring another pass. */
async function quiet(): Promise<void> {
  let lines = -1;
  let since = performance.now();
  await waitFor("the operator to be quiet", () => {
    if (operator.log.length !== lines) since = performance.now();
    lines = operator.log.length;
    return performance.now() - since > 700;
  });
}

const pod = async (): Promise<LiveObject> => {
  const { body } = await kubernetes.api("GET", `/api/v1/namespaces/${team}/pods`);
  return body.items[0];
};

test("passes that come while a pod is behind do not put off when it is asked again", async () => {
  held = () => first;
  for (let count = 0; count < 5; count += 1) {
    await edit(`another-${count}`);
    await served("False", () => standing);
    await quiet();
  }
  held = undefined;
  // Pauses that doubled with every pass were minutes long by now, and nothing else would wake the cluster.
  await served("True");
});

test("a pod that has moved on is not taken for one that still serves what is wanted again", async () => {
  // It is always one step behind.
  let second = "";
  held = () => (standing === first ? second : first);
  await edit("second");
  second = await waitFor("the other document", () => standing !== first && standing);
  await served("False", () => second);
  await edit("first");
  await served("False", () => first);
  expect(standing).toBe(first);
});

test("a pod that stays behind is touched again, so that its kubelet looks once more", async () => {
  const before = (await pod()).metadata.annotations;
  held = () => first;
  await edit("second");
  const after = await waitFor("another touch", async () => {
    const { annotations } = (await pod()).metadata;
    return annotations["gatewright.dev/reminded"] !== before["gatewright.dev/reminded"]
      ? annotations
      : undefined;
  });
  expect(Date.parse(after["gatewright.dev/reminded"])).toBeGreaterThan(0);
  held = undefined;
  await served("True");
});

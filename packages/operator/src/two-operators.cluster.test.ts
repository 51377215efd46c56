import { resourceTypes } from "@gatewright/reconcile";
import {
  clusterOf,
  createUser,
  type KubernetesAccess,
  type MortalOperator,
  namespaceOf,
  sharedKubernetes,
  startMortalOperator,
  teamModels,
  type User,
  uniqueName,
  waitFor,
  within,
} from "@gatewright/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { langopTypes } from "./langop/langop-types.ts";

/*
 * Two operators under one Lease. One of them acts at any time, whatever happens to the other.
 */

const { LanguageCluster } = langopTypes;
const { ConfigMap, Lease, Service } = resourceTypes;

let kubernetes: KubernetesAccess;
let user: User;
let name: string;
let running: MortalOperator[];

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  user = await createUser(kubernetes);
});
afterAll(() => user?.close());

beforeEach(async () => {
  name = uniqueName("two");
  running = [];
  await user.put(namespaceOf(name), ...teamModels(name), clusterOf(name, {}));
});

afterEach(async () => {
  for (const operator of running) await operator.close();
  const last = await startMortalOperator(kubernetes, { watchNamespaces: [name] });
  await user.delete(LanguageCluster, { name });
  await waitFor(
    "the cluster to be gone",
    async () => (await user.get(LanguageCluster, { name })) === undefined,
  );
  await last.close();
});

async function candidate(identity: string, lease = {}): Promise<MortalOperator> {
  const operator = await startMortalOperator(kubernetes, {
    watchNamespaces: [name],
    nameServers: ["127.0.0.1:9"],
    leaderElection: true,
    leaderElectionIds: { langop: name },
    leaderElectionNamespace: name,
    lease: {
      identity,
      durationMilliseconds: 3_000,
      deadlineMilliseconds: 2_000,
      retryMilliseconds: 300,
      ...lease,
    },
  });
  running.push(operator);
  return operator;
}

async function holder(): Promise<string | undefined> {
  const lease = await user.get(Lease, { namespace: name, name });
  return (lease?.["spec"] as { holderIdentity?: string } | undefined)?.holderIdentity;
}

/** Whether the domain has reached the gateway's Ingress: what an operator that acts sees to. */
async function served(domain: string): Promise<boolean> {
  const { body } = await kubernetes.api(
    "GET",
    `/apis/networking.k8s.io/v1/namespaces/${name}/ingresses/gateway`,
  );
  return body.spec?.rules?.[0]?.host === `gateway.${domain}`;
}

const pathsOf = ({ stateWrites }: MortalOperator): readonly string[] => stateWrites.map(({ path }) => path);

const publish = (domain: string): Promise<void> =>
  user.put(clusterOf(name, { domain, ingress: { enabled: true } }));

test("one acts, the other looks on and writes nothing, though its caches are full", async () => {
  const first = await candidate("first");
  await within("the first to work", first.working);
  const second = await candidate("second");
  await publish("one.example.test");
  await waitFor("the edit to be applied", () => served("one.example.test"));
  await waitFor("the second's watches", () => second.transport.openWatches >= first.transport.openWatches);
  await first.quiet(1_000);
  expect(await holder()).toBe("first");
  expect(pathsOf(second)).toEqual([]);
  expect(second.transport.writes.filter(({ path }) => path.includes("/events"))).toEqual([]);
});

test("a leader that is stopped hands over at once, long before its Lease ends", async () => {
  const times = { durationMilliseconds: 600_000, deadlineMilliseconds: 300_000 };
  const first = await candidate("first", times);
  await within("the first to work", first.working);
  const second = await candidate("second", times);
  await first.close();
  await within("the second to work", second.working);
  expect(await holder()).toBe("second");
  await publish("two.example.test");
  await waitFor("the edit to be applied", () => served("two.example.test"));
});

test("a leader whose way is cut stops by itself, and the other takes over; nothing of the old one comes later", async () => {
  const first = await candidate("first");
  await within("the first to work", first.working);
  const second = await candidate("second");
  await first.quiet(500);
  first.transport.inject({ fault: { kind: "unreachable" } });
  const lost = first.lost.catch((error: unknown) => error);
  await publish("three.example.test");
  expect(await within("the first to notice", lost)).toBeInstanceOf(Error);
  await within("the second to work", second.working);
  expect(await holder()).toBe("second");
  await waitFor("the edit to be applied", () => served("three.example.test"));
  // The way is back, but not the Lease: whatever the old one had begun stays undone.
  first.transport.revive();
  first.transport.forget();
  await publish("four.example.test");
  await waitFor("the next edit to be applied", () => served("four.example.test"));
  await second.quiet(1_000);
  expect(pathsOf(first)).toEqual([]);
  expect(await holder()).toBe("second");
});

test("a leader that hangs in the middle of a write does not finish it after another took over", async () => {
  const first = await candidate("first");
  await within("the first to work", first.working);
  await first.quiet(500);
  const second = await candidate("second");
  first.transport.forget();
  // As when the process is frozen between the decision and the request, the renewals with it.
  first.transport.inject({ when: ({ path }) => path.includes("/leases/"), fault: { kind: "stall" } });
  first.transport.inject({
    when: ({ path, method }) => method === "PATCH" && path.includes("/configmaps/"),
    fault: { kind: "delay", milliseconds: 6_000 },
  });
  await user.delete(langopTypes.LanguageModel, { namespace: name, name: "gpt" });
  await waitFor("the first at its write", () =>
    first.stateWrites.some(({ path }) => path.includes("/configmaps/")),
  );
  const begun = pathsOf(first).length;
  await within("the second to work", second.working);
  await waitFor("the second's write", async () => {
    const config = await user.get(ConfigMap, { namespace: name, name: "gateway-config" });
    return !Object.keys((config?.["data"] ?? {}) as object).includes("model__gpt.json");
  });
  await second.quiet(1_000);
  await expect(within("the first to notice", first.lost)).rejects.toThrow("is lost");
  await first.quiet(1_000);
  // That one request was on its way before the Lease was lost; nothing was sent after it.
  expect(pathsOf(first).slice(begun)).toEqual([]);
});

test("both are killed: a third one finds the Lease expired and goes on", async () => {
  const first = await candidate("first");
  await within("the first to work", first.working);
  const second = await candidate("second");
  for (const operator of [first, second]) operator.transport.inject({ fault: { kind: "unreachable" } });
  const third = await candidate("third");
  await within("the third to work", third.working);
  await user.delete(Service, { namespace: name, name: "gateway" });
  await waitFor("the Service to be back", () => user.get(Service, { namespace: name, name: "gateway" }));
  expect(await holder()).toBe("third");
});

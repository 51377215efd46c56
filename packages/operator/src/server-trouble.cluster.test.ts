import {
  clusterOf,
  createUser,
  type FaultRule,
  faultAnswers,
  fullSpec,
  isWrite,
  type Kubernetes,
  type MortalOperator,
  namespaceOf,
  startKubernetes,
  startMortalOperator,
  teamModels,
  type User,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

/*
 * An API server that is restarted, cut off, slow or full. The operator goes on by itself, does what was asked for
 * meanwhile, and does not add to the trouble. Without a Lease: whoever loses that ends, by design (two-operators).
 */

let kubernetes: Kubernetes;
let user: User;

beforeAll(async () => {
  kubernetes = await startKubernetes({
    audit: false,
    definitions: [new URL("../../../deploy/crds/", import.meta.url).pathname],
  });
  user = await createUser(kubernetes);
});
afterAll(async () => {
  await user?.close();
  await kubernetes?.stop();
});

/** An operator with one cluster that has everything, at rest. */
interface Ward {
  readonly operator: MortalOperator;
  /** Gives the cluster another domain, however long it takes to get there, and says which. */
  readonly edit: () => Promise<string>;
  /** Waits until the gateway is published under the domain, and the status says that all was looked at. */
  readonly applied: (domain: string) => Promise<void>;
  /** The request that was made most often, and how often. */
  readonly busiest: () => { readonly request: string; readonly times: number };
  /** Whatever happened: the operator says that it is well, and has nothing more to do. Ends it. */
  readonly discharge: () => Promise<void>;
}

async function admit(): Promise<Ward> {
  const team = uniqueName("trouble");
  let edits = 0;
  await user.put(namespaceOf(team), ...teamModels(team), clusterOf(team));
  const operator = await startMortalOperator(kubernetes, {
    watchNamespaces: [team],
    nameServers: ["127.0.0.1:9"],
  });
  const ward: Ward = {
    operator,
    async edit() {
      const domain = `d${++edits}.example.test`;
      const put = () => user.put(clusterOf(team, { ...fullSpec, domain })).then(() => true);
      await waitFor("the edit to be taken", put, { capMilliseconds: 60_000 });
      return domain;
    },
    async applied(domain) {
      const langop = "/apis/langop.io/v1alpha1/languageclusters";
      const ingresses = `/apis/networking.k8s.io/v1/namespaces/${team}/ingresses`;
      await waitFor(
        `${domain} to be applied`,
        async () => {
          const [ingress, cluster] = await Promise.all([
            kubernetes.api("GET", `${ingresses}/gateway`),
            kubernetes.api("GET", `${langop}/${team}`),
          ]);
          const { status, metadata } = cluster.body;
          const published = ingress.body.spec?.rules?.[0]?.host === `gateway.${domain}`;
          return published && status?.observedGeneration === metadata.generation;
        },
        { capMilliseconds: 90_000, detail: () => operator.log.slice(-15).join("") },
      );
    },
    busiest() {
      const counts = new Map<string, number>();
      for (const { method, path, watch } of operator.transport.requests) {
        const request = `${watch ? "WATCH" : method} ${path}`;
        counts.set(request, (counts.get(request) ?? 0) + 1);
      }
      const [[request, times] = ["nothing", 0]] = [...counts].sort(([, a], [, b]) => b - a);
      return { request, times };
    },
    async discharge() {
      await operator.quiet(1_000);
      for (const path of ["/healthz", "/readyz"]) {
        expect((await fetch(`http://127.0.0.1:${operator.healthPort}${path}`)).status).toBe(200);
      }
      await operator.close();
    },
  };
  await ward.applied(await ward.edit());
  await operator.quiet(500);
  operator.transport.forget();
  return ward;
}

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1000));

test.each(["SIGTERM", "SIGKILL"] as const)("the API server is restarted by %s", async (signal) => {
  const { edit, applied, busiest, discharge } = await admit();
  await kubernetes.restartApiServer(signal);
  await applied(await edit());
  expect(busiest().times).toBeLessThan(20);
  await discharge();
});

test("the API server is away for 5 s", async () => {
  const { operator, edit, applied, busiest, discharge } = await admit();
  const start = await kubernetes.stopApiServer();
  await seconds(5);
  const during = operator.transport.requests.length;
  await start();
  await applied(await edit());
  // Each of some twenty watches tries again with growing pauses.
  expect(during).toBeLessThan(200);
  expect(busiest().times).toBeLessThan(20);
  await discharge();
});

test("the API server answers nothing for 10 s", async () => {
  const { operator, edit, applied, discharge } = await admit();
  const stall = kubernetes.stallApiServer(10);
  await seconds(9);
  const during = operator.transport.requests.length;
  await stall;
  await applied(await edit());
  expect(during).toBeLessThan(10);
  await discharge();
});

test("an edit is applied although the API server answers nothing for 10 s once it was seen", async () => {
  const { operator, edit, applied, discharge } = await admit();
  const domain = await edit();
  await waitFor("the operator at work", () => operator.transport.requests.length > 0);
  await kubernetes.stallApiServer(10);
  await applied(domain);
  await discharge();
});

test("all watches are cut, again and again", async () => {
  const { operator, edit, applied, discharge } = await admit();
  const watches = operator.transport.openWatches;
  for (let time = 0; time < 5; time += 1) {
    await waitFor("watches", () => operator.transport.openWatches >= watches);
    operator.transport.cutWatches();
    await applied(await edit());
  }
  // What is read or told again is nothing new: only what was edited is written.
  const others = operator.stateWrites.filter(({ path }) => !/\/(ingresses\/gateway|status)$/.test(path));
  expect(others).toEqual([]);
  await discharge();
});

test("all watches are told 410 Gone when they are opened again", async () => {
  const { operator, edit, applied, busiest, discharge } = await admit();
  operator.transport.inject({ when: ({ watch }) => watch, fault: faultAnswers.gone(), times: 20 });
  operator.transport.cutWatches();
  await applied(await edit());
  await operator.quiet(1_000);
  const others = operator.stateWrites.filter(({ path }) => !/\/(ingresses\/gateway|status)$/.test(path));
  expect(others).toEqual([]);
  expect(busiest().times).toBeLessThan(10);
  await discharge();
});

interface Refusal {
  readonly name: string;
  readonly rule: FaultRule;
  /** Requests the operator may make in ten seconds of it: at least it tries again, but not all the time. */
  readonly requests: readonly [least: number, most: number];
}

const refusals: readonly Refusal[] = [
  { name: "everything with 500", rule: { fault: faultAnswers.serverError() }, requests: [20, 250] },
  {
    name: "everything with 429, to come back in 4 s",
    rule: { fault: faultAnswers.tooManyRequests(4) },
    requests: [20, 80],
  },
  {
    name: "writes with 503",
    rule: { when: isWrite, fault: faultAnswers.serverError(503) },
    requests: [3, 60],
  },
  {
    name: "writes with 429, to come back in 4 s",
    rule: { when: isWrite, fault: faultAnswers.tooManyRequests(4) },
    requests: [3, 20],
  },
  { name: "writes with 403", rule: { when: isWrite, fault: faultAnswers.forbidden() }, requests: [3, 60] },
  { name: "writes with 409", rule: { when: isWrite, fault: faultAnswers.conflict() }, requests: [3, 80] },
];

test.concurrent.each(refusals)("the API server refuses $name for 10 s", async ({ rule, requests }) => {
  const [least, most] = requests;
  const { operator, edit, applied, discharge } = await admit();
  operator.transport.inject(rule);
  // What cannot be read is noticed only when it is read anew.
  if (rule.when === undefined) operator.transport.cutWatches();
  const domain = await edit();
  await seconds(10);
  const during = operator.transport.requests.length;
  operator.transport.revive();
  await applied(domain);
  expect(during).toBeGreaterThanOrEqual(least);
  expect(during).toBeLessThanOrEqual(most);
  await discharge();
});

test("after a restart, a cut and errors the operator comes to rest: it asks for nothing", async () => {
  const { operator, edit, applied, discharge } = await admit();
  const watches = operator.transport.openWatches;
  operator.transport.inject({ fault: faultAnswers.serverError(), times: 60 });
  operator.transport.cutWatches();
  await kubernetes.restartApiServer("SIGKILL");
  await applied(await edit());
  await waitFor("all watches", () => operator.transport.openWatches >= watches, { capMilliseconds: 90_000 });
  await operator.quiet(2_000);
  operator.transport.forget();
  await seconds(20);
  const rest = operator.transport.requests.filter(({ watch }) => !watch);
  // Two controllers, five a minute each, are what is allowed.
  expect(rest.length).toBeLessThanOrEqual(3);
  await discharge();
});

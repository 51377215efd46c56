import {
  createFaultyTransport,
  type FaultyTransport,
  type Kubernetes,
  type KubernetesAccess,
  startKubernetes,
  uniqueName,
  waitFor,
  within,
} from "@gatewright/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Client,
  connect,
  createClient,
  createRuntime,
  done,
  fencedTransport,
  type LeaseOptions,
  type Logger,
  type ReflectorHandle,
  type Runtime,
  type RuntimeOptions,
  resourceTypes,
  source,
  startHealthServer,
} from "./index.ts";

const times = { durationMilliseconds: 2000, deadlineMilliseconds: 1200, retryMilliseconds: 200 };

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

let kubernetes: Kubernetes;
let namespace: string;
const transports: FaultyTransport[] = [];
const runtimes: Runtime[] = [];

beforeAll(async () => {
  kubernetes = await startKubernetes({ controllerManager: false });
});

afterAll(() => kubernetes.stop());

beforeEach(async () => {
  namespace = uniqueName("runtime");
  await kubernetes.api("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
});

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.stop()));
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
});

interface Operator {
  readonly runtime: Runtime;
  readonly transport: FaultyTransport;
  readonly configMaps: ReflectorHandle;
  /** Writes only while the lease is held. */
  readonly client: Client;
  /** Keys that were passed over, in order. */
  readonly passes: string[];
}

/** An operator that writes `data.seen` into every ConfigMap that lacks it. */
async function operator(
  options: Partial<RuntimeOptions> & {
    readonly reconcile?: (key: string, signal: AbortSignal, client: Client) => Promise<void>;
  } = {},
): Promise<Operator> {
  const access: KubernetesAccess = kubernetes;
  const { transport: real } = await connect({ kubeconfig: access.kubeconfig, userAgent: "runtime-test" });
  const transport = createFaultyTransport(real);
  transports.push(transport);
  const runtime = createRuntime({ client: createClient(transport), logger: silent, ...options });
  runtimes.push(runtime);
  const client = createClient(fencedTransport(transport, () => runtime.mayWrite()));
  const configMaps = runtime.reflect({ type: resourceTypes.ConfigMap, namespaces: [namespace] });
  const passes: string[] = [];
  runtime.add({
    name: uniqueName("configmaps"),
    sources: [source(configMaps, ({ metadata }) => [`${metadata.namespace}/${metadata.name}`])],
    async reconcile(key, signal) {
      passes.push(key);
      await options.reconcile?.(key, signal, client);
      const [, name = ""] = key.split("/");
      const data = configMaps.store.get(key)?.["data"] as { seen?: string } | undefined;
      if (data === undefined || data.seen === "yes") return done;
      await client.mergePatch(resourceTypes.ConfigMap, { namespace, name }, { data: { seen: "yes" } });
      return done;
    },
  });
  await runtime.start();
  return { runtime, transport, configMaps, client, passes };
}

const place = (name = ""): string => `/api/v1/namespaces/${namespace}/configmaps${name}`;

const make = (name: string) => kubernetes.api("POST", place(), { metadata: { name }, data: { value: "1" } });

const seen = (name: string) =>
  waitFor(
    `${name} to be seen`,
    async () => (await kubernetes.api("GET", place(`/${name}`))).body.data?.seen === "yes",
    {
      capMilliseconds: 60_000,
    },
  );

const lease = (identity: string): LeaseOptions => ({ name: "operator", namespace, identity, ...times });

describe("the runtime", () => {
  it("brings the world to rest and then asks nothing and does nothing", async () => {
    await make("a");
    const { runtime, transport, passes } = await operator();
    await within("the controllers", runtime.working);
    await seen("a");
    await waitFor("the pass over its own change", () => passes.length === 2);
    await waitFor("the watch", () => transport.openWatches === 1);
    transport.forget();
    // Absence takes time to show; a loop would ask hundreds of times.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(transport.requests).toEqual([]);
    expect(passes).toHaveLength(2);
  });

  it("lets controllers begin only when all their sources are read", async () => {
    await make("a");
    const { transport: real } = await connect({
      kubeconfig: kubernetes.kubeconfig,
      userAgent: "runtime-test",
    });
    const transport = createFaultyTransport(real);
    transports.push(transport);
    const runtime = createRuntime({ client: createClient(transport), logger: silent });
    runtimes.push(runtime);
    const first = runtime.reflect({ type: resourceTypes.ConfigMap, namespaces: [namespace] });
    const second = runtime.reflect({ type: resourceTypes.Secret, namespaces: [namespace] });
    const restore = transport.inject({
      when: ({ path }) => path.endsWith("/secrets"),
      fault: { kind: "unreachable" },
    });
    const passes: string[] = [];
    runtime.add({
      name: uniqueName("both"),
      sources: [source(first, ({ metadata }) => [metadata.name]), source(second, () => [])],
      async reconcile(key) {
        expect(second.store.synced).toBe(true);
        passes.push(key);
        return done;
      },
    });
    await runtime.start();
    await within("the first source", first.ready);
    await waitFor(
      "some attempts",
      () => transport.requests.filter(({ path }) => path.endsWith("/secrets")).length > 2,
    );
    expect(passes).toEqual([]);
    expect(runtime.health.ready[0]?.check()).toBe("not read yet: Secret");
    restore();
    await within("the controllers", runtime.working);
    await waitFor("the pass", () => passes.includes("a"));
    expect(runtime.health.ready[0]?.check()).toBeUndefined();
  });

  it("reads and stands for the lease before its controllers are there, and passes over what was read by then", async () => {
    await make("a");
    const { transport: real } = await connect({
      kubeconfig: kubernetes.kubeconfig,
      userAgent: "runtime-test",
    });
    const transport = createFaultyTransport(real);
    transports.push(transport);
    const client = createClient(transport);
    const runtime = createRuntime({ client, logger: silent, lease: lease("early") });
    runtimes.push(runtime);
    const configMaps = runtime.reflect({ type: resourceTypes.ConfigMap, namespaces: [namespace] });
    runtime.read();
    expect(() => runtime.reflect({ type: resourceTypes.Secret })).toThrow("reflect was called too late");
    await within("the reading", configMaps.ready);
    await waitFor("the lease", () => runtime.mayWrite());
    const passes: string[] = [];
    runtime.add({
      name: uniqueName("late"),
      sources: [source(configMaps, ({ metadata }) => [metadata.name])],
      async reconcile(key) {
        passes.push(key);
        return done;
      },
    });
    expect(passes).toEqual([]);
    await runtime.start();
    await within("the controllers", runtime.working);
    await waitFor("the pass", () => passes.includes("a"));
    expect(() => runtime.read()).toThrow("read was called too late");
    const reads = transport.requests.filter(({ path, watch }) => path.endsWith("/configmaps") && !watch);
    expect(reads).toHaveLength(1);
  });

  it("comes through restarts of the API server, also when its version is too old afterwards", async () => {
    const { runtime, configMaps } = await operator();
    await within("the controllers", runtime.working);
    await make("before");
    await seen("before");
    const start = await kubernetes.stopApiServer();
    await start();
    await make("between");
    await seen("between");
    await kubernetes.restartApiServer("SIGKILL");
    await make("after");
    await seen("after");
    await kubernetes.api("DELETE", place("/before"));
    await waitFor("the deletion", () => configMaps.store.get(`${namespace}/before`) === undefined);
    expect(runtime.health.live[0]?.check()).toBeUndefined();
  });

  it("comes through an API server that stands still for ten seconds, without a storm of requests", async () => {
    const { runtime, transport } = await operator();
    await within("the controllers", runtime.working);
    await waitFor("the watch", () => transport.openWatches === 1);
    transport.forget();
    const stalled = kubernetes.stallApiServer(10);
    const made = make("during");
    await stalled;
    await made;
    await seen("during");
    expect(transport.requests.length).toBeLessThanOrEqual(3);
  });

  it("lets another act when the leader ends, and only then", async () => {
    const first = await operator({ lease: lease("first") });
    await within("the first", first.runtime.working);
    const second = await operator({ lease: lease("second") });
    await within("the second's reading", second.configMaps.ready);
    await make("a");
    await seen("a");
    expect(second.passes).toEqual([]);
    expect(second.runtime.mayWrite()).toBe(false);
    await first.runtime.stop();
    await within("the second", second.runtime.working);
    await make("b");
    await seen("b");
    expect(second.passes).toContain(`${namespace}/b`);
    expect(first.passes).not.toContain(`${namespace}/b`);
  });

  it("stops everything when the lease is lost: passes abort, writes are refused, the caller is told", async () => {
    const refused: unknown[] = [];
    const aborted: string[] = [];
    let began = (): void => {};
    const inPass = new Promise<void>((resolve) => {
      began = resolve;
    });
    const first = await operator({
      lease: lease("first"),
      async reconcile(key, signal, client) {
        if (!key.endsWith("/slow")) return;
        began();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        aborted.push(key);
        await client
          .mergePatch(resourceTypes.ConfigMap, { namespace, name: "slow" }, { data: { late: "yes" } })
          .catch((error: unknown) => refused.push(error));
      },
    });
    const lost = first.runtime.lost.catch((error: Error) => error.message);
    await within("the first", first.runtime.working);
    await make("slow");
    await within("the pass", inPass);
    first.transport.inject({ when: ({ path }) => path.includes("/leases"), fault: { kind: "unreachable" } });
    expect(await within("the loss", lost)).toContain("is lost");
    expect(aborted).toEqual([`${namespace}/slow`]);
    await waitFor("the late write", () => refused.length === 1);
    expect(String(refused[0])).toContain("does not hold the lease");
    const passes = first.passes.length;
    await make("later");
    expect(first.runtime.health.live.at(-1)?.check()).toContain("is lost");
    expect(first.transport.openWatches).toBe(0);
    expect(first.passes).toHaveLength(passes);
    expect((await kubernetes.api("GET", place("/slow"))).body.data).toEqual({ value: "1" });
  });

  it("shows on its health page that the watches have gone quiet", async () => {
    const { runtime, transport } = await operator({ timing: { stallMilliseconds: 100 } });
    await within("the controllers", runtime.working);
    const health = await startHealthServer({
      healthAddress: "127.0.0.1:0",
      metricsAddress: "0",
      live: () => runtime.health.live,
      ready: () => runtime.health.ready,
      registry: runtime.metrics,
    });
    const page = async (path: string) => (await fetch(`http://127.0.0.1:${health.healthPort}${path}`)).text();
    expect(await page("/readyz")).toBe("[+]synced ok\nok\n");
    const restore = transport.inject({ fault: { kind: "unreachable" } });
    transport.cutWatches();
    await waitFor("liveness to fail", async () =>
      (await page("/healthz")).includes("nothing was heard of configmaps"),
    );
    restore();
    await waitFor("liveness to recover", async () => (await page("/healthz")).includes("[+]watches ok"));
    await health.close();
  });
});

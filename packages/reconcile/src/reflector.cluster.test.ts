import {
  createFaultyTransport,
  type FaultyTransport,
  faultAnswers,
  type KubernetesAccess,
  sharedKubernetes,
  uniqueName,
  waitFor,
  within,
} from "@gatewright/testkit";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  connect,
  createClient,
  createRuntime,
  type KubernetesObject,
  type Logger,
  type ReflectorHandle,
  type ReflectorOptions,
  type ReflectorTiming,
  type ResourceType,
  type Runtime,
  resourceTypes,
} from "./index.ts";

let kubernetes: KubernetesAccess;
let transport: FaultyTransport;
let namespace: string;
const warnings: string[] = [];
const runtimes: Runtime[] = [];

const logger: Logger = {
  debug() {},
  info() {},
  warn: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`),
  error: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`),
};

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
});

beforeEach(async () => {
  const { transport: real } = await connect({
    kubeconfig: kubernetes.kubeconfig,
    userAgent: "reflector-test",
  });
  transport = createFaultyTransport(real);
  namespace = uniqueName("reflector");
  warnings.length = 0;
  await makeNamespace(namespace);
});

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.stop()));
  await transport.close();
  await kubernetes.api("DELETE", `/api/v1/namespaces/${namespace}`);
});

async function makeNamespace(name: string): Promise<void> {
  expect((await kubernetes.api("POST", "/api/v1/namespaces", { metadata: { name } })).status).toBe(201);
}

/** Runs one reflector; the ConfigMaps of the test's namespace unless said otherwise. */
async function reflect<T = KubernetesObject>(
  options: Partial<ReflectorOptions<T>> = {},
  timing: Partial<ReflectorTiming> = {},
): Promise<ReflectorHandle<T>> {
  const runtime = createRuntime({ client: createClient(transport), logger, timing });
  runtimes.push(runtime);
  const handle = runtime.reflect<T>({ type: resourceTypes.ConfigMap, namespaces: [namespace], ...options });
  await runtime.start();
  return handle;
}

async function synced<T>(handle: ReflectorHandle<T>): Promise<ReflectorHandle<T>> {
  await within("the first reading", handle.ready);
  return handle;
}

const place = (name = "", where = namespace): string =>
  `/api/v1/namespaces/${where}/configmaps${name === "" ? "" : `/${name}`}`;

async function write(name: string, value = "1", where = namespace): Promise<void> {
  const body = { metadata: { name, labels: { [value]: "" } }, data: { value } };
  const made = await kubernetes.api("POST", place("", where), body);
  if (made.status === 409) await kubernetes.api("PATCH", place(name, where), { data: { value } });
  else expect(made.status).toBe(201);
}

const remove = (name: string) => kubernetes.api("DELETE", place(name));

const has = <T>(handle: ReflectorHandle<T>, name: string, where = namespace): Promise<T> =>
  waitFor(`${name} in the store`, () => handle.store.get(`${where}/${name}`)) as Promise<T>;

const hasNot = <T>(handle: ReflectorHandle<T>, name: string): Promise<true> =>
  waitFor(`${name} to be gone`, () => handle.store.get(`${namespace}/${name}`) === undefined);

const lists = () => transport.requests.filter(({ method, watch }) => method === "GET" && !watch);
const watches = () => transport.requests.filter(({ watch }) => watch);
const isWatch = ({ watch }: { readonly watch: boolean }): boolean => watch;
const isList = ({ watch }: { readonly watch: boolean }): boolean => !watch;

describe("a reflector", () => {
  it("follows what is made, changed and deleted, and asks nothing while nothing happens", async () => {
    await write("a");
    const changes: string[] = [];
    const handle = await reflect();
    handle.onChange((key, old, value) => {
      changes.push(
        `${key.split("/")[1]} ${old === undefined ? "-" : "old"} ${value === undefined ? "-" : "new"}`,
      );
    });
    await synced(handle);
    expect(handle.store.get(`${namespace}/a`)).toMatchObject({
      apiVersion: "v1",
      kind: "ConfigMap",
      data: { value: "1" },
    });
    await waitFor("the watch", () => transport.openWatches === 1);
    transport.forget();
    await write("b");
    await write("b", "2");
    await waitFor("the change", async () => {
      const found = handle.store.get(`${namespace}/b`);
      return (found?.["data"] as { value: string } | undefined)?.value === "2";
    });
    await remove("b");
    await hasNot(handle, "b");
    expect(changes.filter((change) => change.startsWith("b"))).toEqual(["b - new", "b old new", "b old -"]);
    expect(transport.requests).toEqual([]);
    expect(handle.contactAge()).toBeLessThan(20_000);
  });

  it("reads long lists in pages, and begins again when the pages have become too old", async () => {
    const names = Array.from({ length: 520 }, (_, index) => `page-${index}`);
    for (let from = 0; from < names.length; from += 40) {
      await Promise.all(names.slice(from, from + 40).map((name) => write(name)));
    }
    transport.inject({
      when: ({ query }) => query?.["continue"] !== undefined,
      times: 1,
      fault: faultAnswers.gone(),
    });
    const handle = await synced(await reflect({ metadataOnly: true, keep: ({ metadata }) => metadata.name }));
    expect([...handle.store.values()].filter((name) => name.startsWith("page-")).sort()).toEqual(
      names.sort(),
    );
    expect(lists().map(({ query }) => [query?.["limit"], query?.["continue"] !== undefined])).toEqual([
      ["500", false],
      ["500", true],
      [undefined, false],
    ]);
    expect(transport.requests.every(({ accept }) => accept?.includes("PartialObjectMetadata"))).toBe(true);
  });

  it("takes at first what the server has at hand, in one answer, and later what is so now", async () => {
    await Promise.all(["a", "b", "c"].map((name) => write(name)));
    transport.inject({ when: isList, times: 1, fault: { kind: "unreachable" } });
    const handle = await synced(await reflect({ atHandFirst: true }));
    for (const name of ["a", "b", "c"]) await has(handle, name);
    await waitFor("the watch", () => transport.openWatches === 1);
    transport.inject({ when: isWatch, times: 1, fault: faultAnswers.gone() });
    transport.cutWatches();
    await remove("a");
    await waitFor("another reading", () => lists().length === 3);
    await hasNot(handle, "a");
    // An older state than the one it knows would be worse than none: only the very first reading may be old.
    expect(lists().map(({ query }) => query?.["resourceVersion"])).toEqual(["0", "0", undefined]);
  });

  it("goes on in pages when a server with nothing at hand answers so", async () => {
    for (const name of ["a", "b"]) await write(name);
    const { status, body } = await kubernetes.api("GET", `${place()}?limit=1`);
    transport.inject({ times: 1, fault: { kind: "answer", response: { status, body } } });
    const handle = await synced(await reflect({ atHandFirst: true }));
    const names = [...handle.store.keys()].map((key) => key.split("/")[1]);
    expect(names.filter((name) => name === "a" || name === "b")).toEqual(["a", "b"]);
    expect(lists().map(({ query }) => Object.keys(query ?? {}).sort())).toEqual([
      ["limit", "resourceVersion"],
      ["continue", "limit"],
    ]);
  });

  it("goes on where it was after its watch was cut, without reading all again", async () => {
    const handle = await synced(await reflect());
    await waitFor("the watch", () => transport.openWatches === 1);
    transport.forget();
    transport.inject({ when: isWatch, times: 2, fault: { kind: "unreachable" } });
    transport.cutWatches();
    await write("meanwhile");
    await has(handle, "meanwhile");
    expect(lists()).toEqual([]);
    expect(watches().length).toBeGreaterThanOrEqual(3);
  });

  it("notices what was deleted while it could not watch and its version became too old", async () => {
    await write("goes");
    await write("stays");
    const gone: string[] = [];
    const handle = await synced(await reflect());
    handle.onChange((key, _, value) => value === undefined && gone.push(key));
    await waitFor("the watch", () => transport.openWatches === 1);
    const restore = transport.inject({ fault: { kind: "unreachable" } });
    transport.cutWatches();
    await remove("goes");
    await write("comes");
    transport.inject({ when: isWatch, times: 1, fault: faultAnswers.gone() });
    restore();
    await has(handle, "comes");
    await hasNot(handle, "goes");
    expect(gone).toEqual([`${namespace}/goes`]);
    expect(handle.store.get(`${namespace}/stays`)).toBeDefined();
  });

  it("begins anew when the server says in the watch that the version is too old", async () => {
    const handle = await synced(await reflect());
    await waitFor("the watch", () => transport.openWatches === 1);
    const watch = transport.watch.bind(transport);
    let said = false;
    // The server says so by an event of a watch that it opened: as the API server's watch cache does.
    transport.watch = async (request, signal) => {
      if (said) return watch(request, signal);
      said = true;
      return { status: 200, events: expired() };
    };
    transport.forget();
    transport.cutWatches();
    await waitFor("another reading", () => lists().length === 1);
    await write("after");
    await has(handle, "after");
    expect(warnings).toEqual([]);
  });

  it("tears down a watch that has gone silent", async () => {
    const handle = await synced(await reflect({}, { stallMilliseconds: 400 }));
    await waitFor("the watch", () => transport.openWatches === 1);
    transport.silenceWatches();
    await write("unheard");
    await has(handle, "unheard");
    expect(lists()).toHaveLength(1);
  });

  it("gives up a list or a watch that is not answered at all", async () => {
    transport.inject({ times: 1, fault: { kind: "stall" } });
    const handle = await reflect({}, { openMilliseconds: 300 });
    await synced(handle);
    transport.inject({ when: isWatch, times: 1, fault: { kind: "stall" } });
    await waitFor("the watch", () => transport.openWatches === 1);
    transport.cutWatches();
    await write("heard");
    await has(handle, "heard");
  });

  it.each([
    { name: "500", fault: faultAnswers.serverError() },
    { name: "503", fault: faultAnswers.serverError(503) },
    { name: "429", fault: faultAnswers.tooManyRequests(0) },
    { name: "403", fault: faultAnswers.forbidden() },
    { name: "401", fault: { kind: "answer", response: { status: 401, body: undefined } } as const },
    { name: "no connection", fault: { kind: "unreachable" } as const },
  ])("comes through $name on lists and watches, with pauses that grow", async ({ fault }) => {
    transport.inject({ when: isList, times: 2, fault });
    transport.inject({ when: isWatch, times: 2, fault });
    const began = performance.now();
    const handle = await synced(await reflect());
    await write("late");
    await has(handle, "late");
    // 100, 200, 400, 800 ms, each at least half.
    expect(performance.now() - began).toBeGreaterThan(740);
    expect(transport.requests).toHaveLength(6);
    expect(warnings.length, "one line for trouble that lasts").toBeLessThanOrEqual(2);
  });

  it("waits as long as a throttling server asks", async () => {
    transport.inject({ when: isList, times: 1, fault: faultAnswers.tooManyRequests(1) });
    const began = performance.now();
    await synced(await reflect());
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  });

  it("puts several namespaces into one store, and sees no others", async () => {
    const other = uniqueName("reflector");
    const foreign = uniqueName("reflector");
    await makeNamespace(other);
    await makeNamespace(foreign);
    for (const where of [namespace, other, foreign]) await write("a", "1", where);
    const handle = await synced(await reflect({ namespaces: [namespace, other] }));
    expect(handle.store.get(`${other}/a`)).toBeDefined();
    expect(handle.store.get(`${foreign}/a`)).toBeUndefined();
    await waitFor("the watches", () => transport.openWatches === 2);
    // The reading of one namespace says nothing about the others.
    transport.inject({
      when: ({ path, watch }) => watch && path.includes(other),
      times: 1,
      fault: faultAnswers.gone(),
    });
    transport.forget();
    transport.cutWatches();
    await waitFor("another reading", () => lists().length === 1);
    await waitFor("the watches", () => transport.openWatches === 2);
    expect(handle.store.get(`${namespace}/a`)).toBeDefined();
    for (const name of [other, foreign]) await kubernetes.api("DELETE", `/api/v1/namespaces/${name}`);
  });

  it("follows a label selector: what loses the label is gone", async () => {
    await write("a", "mine");
    const handle = await synced(await reflect({ labelSelector: "mine" }));
    expect(handle.store.size).toBe(1);
    await kubernetes.api("PATCH", place("a"), { metadata: { labels: { mine: null } } });
    await hasNot(handle, "a");
  });
});

async function* expired(): AsyncGenerator<unknown> {
  yield {
    type: "ERROR",
    object: { kind: "Status", apiVersion: "v1", code: 410, reason: "Expired", message: "too old" },
  };
}

describe("a reflector of a kind that may be absent", () => {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  let type: ResourceType;

  beforeEach(() => {
    type = {
      group: `${namespace}.example`,
      version: "v1",
      kind: "Thing",
      plural: "things",
      scope: "Namespaced",
    };
  });

  afterEach(() => kubernetes.api("DELETE", `${definitions}/things.${namespace}.example`));

  async function define(): Promise<void> {
    const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const made = await kubernetes.api("POST", definitions, {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `things.${type.group}` },
      spec: {
        group: type.group,
        scope: "Namespaced",
        names: { plural: "things", singular: "thing", kind: "Thing" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    });
    expect(made.status).toBe(201);
  }

  const make = (name: string) =>
    waitFor("the kind to be served", async () => {
      const body = { apiVersion: `${type.group}/v1`, kind: "Thing", metadata: { name } };
      const path = `/apis/${type.group}/v1/namespaces/${namespace}/things`;
      return (await kubernetes.api("POST", path, body)).status === 201;
    });

  const ofThings = (): number => transport.requests.filter(({ path }) => path.endsWith("/things")).length;

  it("counts as empty, attaches when the kind appears, detaches when it goes, and attaches again", async () => {
    const handle = await synced(await reflect({ type, optional: true }));
    expect([handle.attached, handle.store.size]).toEqual([false, 0]);
    await waitFor("the watch on definitions", () => transport.openWatches === 1);
    expect(ofThings()).toBe(1);
    await define();
    await make("one");
    await has(handle, "one");
    expect(handle.attached).toBe(true);
    expect((await kubernetes.api("DELETE", `${definitions}/things.${type.group}`)).status).toBe(200);
    await waitFor("the kind to be detached", () => !handle.attached && handle.store.size === 0);
    await waitFor("the definition to be gone", async () => {
      return (await kubernetes.api("GET", `${definitions}/things.${type.group}`)).status === 404;
    });
    await define();
    await make("two");
    await has(handle, "two");
    expect(transport.requests.filter(({ path }) => path === definitions)).toHaveLength(2);
  });

  it("looks now and then when it may not watch definitions", async () => {
    transport.inject({ when: ({ path }) => path === definitions, fault: faultAnswers.forbidden() });
    const handle = await synced(await reflect({ type, optional: true }, { pollMilliseconds: 500 }));
    await define();
    await make("one");
    await has(handle, "one");
  });

  it("is not taken for absent while it is there but forbidden: that would look like everything deleted", async () => {
    await define();
    await make("one");
    const allow = transport.inject({
      when: ({ path }) => path.endsWith("/things"),
      fault: faultAnswers.forbidden(),
    });
    const handle = await reflect({ type, optional: true });
    await waitFor("some attempts", () => ofThings() >= 3);
    expect(handle.store.synced).toBe(false);
    allow();
    await synced(handle);
    expect(handle.store.size).toBe(1);
  });

  it("keeps its store when the server denies the kind for a moment", async () => {
    await define();
    await make("one");
    const handle = await synced(await reflect({ type, optional: true }));
    await waitFor("both watches", () => transport.openWatches === 2);
    const removed: string[] = [];
    handle.onChange((key, _, value) => value === undefined && removed.push(key));
    transport.inject({
      when: ({ path }) => path.endsWith("/things"),
      times: 2,
      fault: { kind: "answer", response: { status: 404, body: "404 page not found" } },
    });
    transport.forget();
    transport.cutWatches();
    await waitFor("another watch", () =>
      transport.requests.some(({ path, watch }) => watch && path.endsWith("/things") && ofThings() >= 4),
    );
    expect(removed).toEqual([]);
    expect(handle.attached).toBe(true);
  });
});

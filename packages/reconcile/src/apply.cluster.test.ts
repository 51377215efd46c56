import {
  createFaultyTransport,
  type FaultyTransport,
  type KubernetesAccess,
  sharedKubernetes,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Applier, createApplier } from "./apply.ts";
import { type Client, createClient } from "./client.ts";
import { connect } from "./connect.ts";
import { createOnce } from "./create-once.ts";
import type { KubernetesObject, OwnerReference } from "./object.ts";
import { type ResourceType, resourceTypes } from "./resource-type.ts";

const { ConfigMap, Deployment, RoleBinding, Secret, Service } = resourceTypes;
const OURS = { "gatewright.dev/dialect": "test" };

let kubernetes: KubernetesAccess;
let transport: FaultyTransport;
let client: Client;
let applier: Applier;
let namespace: string;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  const connection = await connect({ kubeconfig: kubernetes.kubeconfig, userAgent: "gatewright/test" });
  transport = createFaultyTransport(connection.transport);
  client = createClient(transport);
});
afterAll(() => transport.close());

beforeEach(async () => {
  namespace = uniqueName("apply");
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  applier = newApplier();
  transport.forget();
});

/** One that remembers nothing, as after a restart. */
function newApplier(): Applier {
  return createApplier(client, { manager: "gatewright-test", adopt: ["manager", "language-operator"] });
}

/** What a cache would hold: the metadata, if it bears our label. */
async function cached(type: ResourceType, name: string): Promise<KubernetesObject | undefined> {
  const object = await client.get(type, { namespace, name }, { metadataOnly: true });
  return object?.metadata.labels?.["gatewright.dev/dialect"] === undefined ? undefined : object;
}

async function read(type: ResourceType, name: string): Promise<KubernetesObject> {
  const object = await client.get(type, { namespace, name });
  if (object === undefined) throw new Error(`no ${type.kind} ${name}`);
  return object;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into specs; a wrong member fails the test.
async function spec(type: ResourceType, name: string): Promise<any> {
  return (await read(type, name))["spec"];
}

function configMap(data: Record<string, string>, more: object = {}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings", namespace, labels: OURS, ...more },
    data,
  };
}

function deployment(container: object, more: { labels?: object; spec?: object } = {}): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "gateway", namespace, labels: { ...OURS, ...more.labels } },
    spec: {
      selector: { matchLabels: { app: "gateway" } },
      ...more.spec,
      template: {
        metadata: { labels: { app: "gateway" } },
        spec: { containers: [{ name: "gateway", image: "example.test/gateway:2", ...container }] },
      },
    },
  };
}

/** Applies with what a cache that is up to date would show. */
async function applyNow(desired: KubernetesObject, by = applier): Promise<string> {
  const watched = await cached(client.typeOf(desired), desired.metadata.name);
  return (await by.apply(desired, watched)).result;
}

test("a second pass makes no request, after a restart it makes one that changes nothing", async () => {
  const desired = [
    configMap({ a: "1" }),
    deployment({ resources: { limits: { cpu: "1000m" } } }, { spec: { replicas: 0 } }),
    { ...serviceOf("gateway"), metadata: { name: "gateway", namespace, labels: OURS } },
  ];
  for (const object of desired) expect(await applyNow(object)).toBe("created");
  await waitFor("the Deployment's status, which is not ours", async () => {
    const { status } = await read(Deployment, "gateway");
    return (status as { observedGeneration?: number }).observedGeneration === 1;
  });
  const watched = await Promise.all(
    desired.map((object) => cached(client.typeOf(object), object.metadata.name)),
  );
  transport.forget();
  for (const [index, object] of desired.entries()) {
    expect((await applier.apply(object, watched[index])).result).toBe("unchanged");
  }
  expect(transport.requests).toEqual([]);
  const restarted = newApplier();
  for (const [index, object] of desired.entries()) {
    expect((await restarted.apply(object, watched[index])).result).toBe("unchanged");
  }
  expect(transport.writes).toHaveLength(desired.length);
  transport.forget();
  for (const [index, object] of desired.entries()) await restarted.apply(object, watched[index]);
  expect(transport.requests).toEqual([]);
});

test("a cache that has not seen our write yet does not make us write again", async () => {
  await applyNow(configMap({ a: "1" }));
  const before = await cached(ConfigMap, "settings");
  expect((await applier.apply(configMap({ a: "2" }), before)).result).toBe("configured");
  transport.forget();
  expect((await applier.apply(configMap({ a: "2" }), before)).result).toBe("unchanged");
  expect(transport.requests).toEqual([]);
  expect((await applier.apply(configMap({ a: "2" }), undefined)).result).toBe("unchanged");
  expect(transport.writes).toEqual([]);
});

test.each<{ name: string; edit: object }>([
  { name: "changed", edit: { data: { a: "x" } } },
  { name: "taken away", edit: { data: { a: null } } },
  { name: "a label of ours changed", edit: { metadata: { labels: { team: "x" } } } },
])("drift by hand is put right: a value $name", async ({ edit }) => {
  const desired = configMap({ a: "1", b: "2" }, { labels: { ...OURS, team: "a" } });
  await applyNow(desired);
  await client.mergePatch(ConfigMap, { namespace, name: "settings" }, edit, { manager: "kubectl-edit" });
  expect(await applyNow(desired)).toBe("configured");
  const { data, metadata } = await read(ConfigMap, "settings");
  expect(data).toEqual({ a: "1", b: "2" });
  expect(metadata.labels?.["team"]).toBe("a");
  transport.forget();
  expect(await applyNow(desired)).toBe("unchanged");
  expect(transport.writes).toEqual([]);
});

test("one that was deleted by hand is there again", async () => {
  await applyNow(configMap({ a: "1" }));
  await client.delete(ConfigMap, { namespace, name: "settings" });
  expect(await applyNow(configMap({ a: "1" }))).toBe("created");
});

test("what others add stays, what we say no more goes", async () => {
  await applyNow(deployment({ env: [{ name: "A", value: "1" }] }, { labels: { old: "x" } }));
  const name = { namespace, name: "gateway" };
  expect((await kubernetes.kubectl(["-n", namespace, "rollout", "restart", "deployment/gateway"])).code).toBe(
    0,
  );
  expect(
    (await kubernetes.kubectl(["-n", namespace, "annotate", "deployment/gateway", "team.test/owner=a"])).code,
  ).toBe(0);
  await client.mergePatch(Deployment, name, { metadata: { finalizers: ["team.test/hold"] } });
  expect(await applyNow(deployment({ args: ["x"] }))).toBe("configured");
  const { metadata } = await read(Deployment, "gateway");
  expect(metadata.annotations?.["team.test/owner"]).toBe("a");
  expect(metadata.finalizers).toEqual(["team.test/hold"]);
  expect(metadata.labels).toEqual(OURS);
  const { template } = await spec(Deployment, "gateway");
  expect(template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]).toBeDefined();
  expect(template.spec.containers[0].env).toBeUndefined();
  await client.mergePatch(Deployment, name, { metadata: { finalizers: null } });
});

test("autoscaling that is switched on keeps the replicas, and switched off sets ours", async () => {
  await applyNow(deployment({}, { spec: { replicas: 3 } }));
  expect(await applyNow(deployment({}))).toBe("configured");
  expect((await spec(Deployment, "gateway")).replicas).toBe(3);
  await client.mergePatch(
    Deployment,
    { namespace, name: "gateway" },
    { spec: { replicas: 5 } },
    { subresource: "scale" },
  );
  expect(await applyNow(deployment({ args: ["x"] }))).toBe("configured");
  expect((await spec(Deployment, "gateway")).replicas).toBe(5);
  expect(await applyNow(deployment({ args: ["x"] }, { spec: { replicas: 2 } }))).toBe("configured");
  expect((await spec(Deployment, "gateway")).replicas).toBe(2);
});

/** A Deployment of the replaced operator, as one that updates whole objects leaves it. */
async function replacedDeployment(): Promise<void> {
  const { metadata, ...rest } = deployment({
    image: "example.test/gateway:1",
    command: ["python"],
    env: [{ name: "OLD", value: "1" }],
  });
  await client.create(
    {
      ...rest,
      metadata: {
        ...metadata,
        labels: { "app.kubernetes.io/managed-by": "replaced" },
        annotations: { "replaced.test/hash": "1" },
      },
      spec: { ...(rest["spec"] as object), replicas: 4 },
    } as KubernetesObject,
    { manager: "manager" },
  );
  // A second write adds nothing to what it manages but its time, and one by hand adds fields of its own.
  await client.mergePatch(
    Deployment,
    { namespace, name: "gateway" },
    {
      metadata: { annotations: { "team.test/owner": "a" } },
      spec: { template: { spec: { nodeSelector: { disk: "ssd" } } } },
    },
    { manager: "kubectl-edit" },
  );
}

async function expectAdopted(): Promise<void> {
  const { metadata } = await read(Deployment, "gateway");
  expect(metadata.labels).toEqual(OURS);
  expect(metadata.annotations?.["replaced.test/hash"]).toBeUndefined();
  expect(metadata.annotations?.["team.test/owner"]).toBe("a");
  const { template, replicas } = await spec(Deployment, "gateway");
  const [container] = template.spec.containers;
  expect(container.image).toBe("example.test/gateway:2");
  expect(container.command).toBeUndefined();
  expect(container.env).toBeUndefined();
  expect(template.spec.nodeSelector).toEqual({ disk: "ssd" });
  expect(replicas).toBe(4);
  const managers = metadata.managedFields?.filter(({ subresource }) => subresource === undefined);
  expect(managers?.map(({ manager, operation }) => `${manager} ${operation}`).sort()).toEqual([
    "gatewright-test Apply",
    "kubectl-edit Update",
  ]);
}

test("a Deployment of the replaced operator is taken over whole: what it wrote and we do not goes, the rest stays", async () => {
  await replacedDeployment();
  transport.forget();
  expect(await applyNow(deployment({}))).toBe("configured");
  // The hand-over comes first, and again when it met a change of status.
  expect([...new Set(transport.writes.map(({ contentType }) => contentType))]).toEqual([
    "application/json-patch+json",
    "application/apply-patch+yaml",
  ]);
  await expectAdopted();
});

test("entries that change while they are taken over are read again", async () => {
  await replacedDeployment();
  const before = await client.get(Deployment, { namespace, name: "gateway" }, { metadataOnly: true });
  await client.mergePatch(
    Deployment,
    { namespace, name: "gateway" },
    { metadata: { annotations: { "replaced.test/hash": "2" } } },
    { manager: "manager" },
  );
  expect((await applier.apply(deployment({}), before)).result).toBe("configured");
  await expectAdopted();
});

test("killed before or after any write, the next process finishes", async () => {
  const steps: readonly (() => KubernetesObject)[] = [
    () => deployment({}),
    () => configMap({ a: "1" }),
    () => roleBinding("new"),
  ];
  const pass = async (by: Applier): Promise<void> => {
    for (const step of steps) {
      const desired = step();
      await by.apply(desired, await cached(client.typeOf(desired), desired.metadata.name));
    }
    await by.remove(Secret, { namespace, name: "switched-off" }, await cached(Secret, "switched-off"));
  };
  let deaths = 0;
  for (let nth = 1; ; nth++) {
    const diedAt: boolean[] = [];
    for (const when of ["before", "after"] as const) {
      await prepareTakeOver();
      const died = transport.dieAtWrite(nth, when);
      await pass(newApplier()).catch(() => {});
      diedAt.push(died());
      transport.revive();
      await pass(newApplier());
      await expectAdopted();
      expect((await read(ConfigMap, "settings"))["data"]).toEqual({ a: "1" });
      expect((await read(RoleBinding, "binding"))["roleRef"]).toMatchObject({ name: "new" });
      expect(await client.get(Secret, { namespace, name: "switched-off" })).toBeUndefined();
    }
    if (!diedAt.includes(true)) break;
    deaths = nth;
  }
  // hand-over, apply; create; refused apply, delete, apply; delete. One more where the hand-over met a change of status.
  expect(deaths).toBeGreaterThanOrEqual(7);
});

async function prepareTakeOver(): Promise<void> {
  for (const [type, name] of [
    [Deployment, "gateway"],
    [ConfigMap, "settings"],
    [RoleBinding, "binding"],
    [Secret, "switched-off"],
  ] as const) {
    await client.delete(type, { namespace, name });
    await waitFor(
      `${name} to be gone`,
      async () => (await client.get(type, { namespace, name })) === undefined,
    );
  }
  await replacedDeployment();
  await client.create(roleBinding("old"));
  await client.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "switched-off", namespace, labels: OURS },
  });
}

function roleBinding(role: string, labels: Record<string, string> = OURS): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "binding", namespace, labels },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role },
    subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
  };
}

function serviceOf(app: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: app, namespace },
    spec: { selector: { app }, ports: [{ name: "http", port: 80, targetPort: 4000 }] },
  };
}

test("a RoleBinding with another role is made anew, unless it is somebody else's", async () => {
  await applyNow(roleBinding("old"));
  expect(await applyNow(roleBinding("new"))).toBe("created");
  expect((await read(RoleBinding, "binding"))["roleRef"]).toMatchObject({ name: "new" });
  await client.delete(RoleBinding, { namespace, name: "binding" });
  await client.create(roleBinding("old", {}));
  await expect(applyNow(roleBinding("new"))).rejects.toMatchObject({ code: "Invalid" });
  expect((await read(RoleBinding, "binding"))["roleRef"]).toMatchObject({ name: "old" });
});

test("a field that cannot be changed is told with the server's causes, and nothing is deleted", async () => {
  await applyNow(deployment({}));
  const { uid } = (await read(Deployment, "gateway")).metadata;
  const other = deployment({}, { spec: { selector: { matchLabels: { app: "other" } } } });
  await expect(applyNow(other)).rejects.toMatchObject({
    code: "Invalid",
    status: 422,
    causes: expect.arrayContaining([expect.objectContaining({ field: "spec.selector" })]),
    message: expect.stringContaining("immutable"),
  });
  expect((await read(Deployment, "gateway")).metadata.uid).toBe(uid);
});

async function owner(name: string): Promise<OwnerReference> {
  const { apiVersion, kind, metadata } = await client.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
  });
  return { apiVersion, kind, name, uid: metadata.uid ?? "", controller: true, blockOwnerDeletion: true };
}

test("an object of another owner is left alone, by writing and by removing", async () => {
  const [mine, theirs] = [await owner("mine"), await owner("theirs")];
  await client.create(configMap({ a: "theirs" }, { ownerReferences: [theirs] }));
  const desired = configMap({ a: "mine" }, { ownerReferences: [mine] });
  await expect(applyNow(desired)).rejects.toMatchObject({
    code: "ForeignObject",
    message: expect.stringContaining("theirs"),
  });
  const key = { namespace, name: "settings" };
  const watched = await cached(ConfigMap, "settings");
  expect(await applier.remove(ConfigMap, key, watched, { owner: mine.uid })).toBe("absent");
  expect((await read(ConfigMap, "settings"))["data"]).toEqual({ a: "theirs" });
  expect(await applier.remove(ConfigMap, key, watched, { owner: theirs.uid })).toBe("deleted");
});

test("what a user made under the same name is left alone; what the replaced operator made is taken over", async () => {
  const mine = await owner("mine");
  const desired = configMap({ a: "mine" }, { ownerReferences: [mine] });
  const { labels: _, ...unlabelled } = configMap({ a: "theirs" }).metadata;
  const theirs = { ...configMap({ a: "theirs" }), metadata: unlabelled };
  await client.create(theirs, { manager: "kubectl-create" });
  await expect(applyNow(desired)).rejects.toMatchObject({ code: "ForeignObject" });
  expect((await read(ConfigMap, "settings"))["data"]).toEqual({ a: "theirs" });
  await client.delete(ConfigMap, { namespace, name: "settings" });
  await client.create(theirs, { manager: "manager" });
  expect(await applyNow(desired)).toBe("configured");
  expect((await read(ConfigMap, "settings"))["data"]).toEqual({ a: "mine" });
});

test("what the replaced operator made for the same owner is removed though it has no label", async () => {
  const mine = await owner("mine");
  const key = { namespace, name: "gateway" };
  const service = serviceOf("gateway");
  await client.create(
    { ...service, metadata: { ...service.metadata, ownerReferences: [mine] } },
    { manager: "manager" },
  );
  expect(await applier.remove(Service, key, undefined)).toBe("absent");
  const other = newApplier();
  expect(await other.remove(Service, key, undefined, { owner: mine.uid })).toBe("deleted");
  expect(await other.remove(Service, key, undefined, { owner: mine.uid })).toBe("absent");
  transport.forget();
  expect(await other.remove(Service, key, undefined, { owner: mine.uid })).toBe("absent");
  expect(transport.requests).toEqual([]);
  await client.create(service);
  expect(await newApplier().remove(Service, key, undefined, { owner: mine.uid })).toBe("absent");
});

test("what cannot stand is not looked for, except where this process wrote it", async () => {
  const desired = configMap({ a: "1" });
  const key = { namespace, name: desired.metadata.name };
  const by = newApplier();
  const mayStand = async (): Promise<boolean> => false;
  transport.forget();
  expect(await by.remove(ConfigMap, key, undefined, { mayStand })).toBe("absent");
  expect(transport.requests).toEqual([]);
  await by.apply(desired, undefined);
  // The cache has not seen it yet.
  expect(await by.remove(ConfigMap, key, undefined, { mayStand })).toBe("deleted");
  expect(await client.get(ConfigMap, key)).toBeUndefined();
});

test("an object that is made once is the same for all who make it", async () => {
  const secret = (value: string): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "gateway-auth", namespace },
    stringData: { key: value },
  });
  const made = await Promise.all(
    ["a", "b", "c"].map((value) => createOnce(client, secret(value), { manager: "gatewright-test" })),
  );
  expect(made.filter(({ created }) => created)).toHaveLength(1);
  expect(new Set(made.map(({ object }) => JSON.stringify(object["data"]))).size).toBe(1);
});

import {
  createFaultyTransport,
  type FaultyTransport,
  faultAnswers,
  type KubernetesAccess,
  sharedKubernetes,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Client, createClient } from "./client.ts";
import { connect } from "./connect.ts";
import type { KubernetesObject } from "./object.ts";
import { resourceTypes } from "./resource-type.ts";

const { ConfigMap, Deployment, Namespace } = resourceTypes;

let kubernetes: KubernetesAccess;
let transport: FaultyTransport;
let client: Client;
let namespace: string;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  const connection = await connect({ kubeconfig: kubernetes.kubeconfig, userAgent: "gatewright/test" });
  expect(connection).toMatchObject({ server: kubernetes.url, namespace: "default" });
  transport = createFaultyTransport(connection.transport);
  client = createClient(transport);
});
afterAll(() => transport.close());

beforeEach(async () => {
  namespace = uniqueName("client");
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  transport.revive();
  transport.forget();
});

function configMap(name: string, labels: Record<string, string> = {}): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels }, data: { a: "1" } };
}

test("lists come page by page and whole, with the kind on each object", async () => {
  for (const name of ["a", "b", "c", "d", "e"]) await client.create(configMap(name, { mine: "yes" }));
  transport.forget();
  const list = await client.list(ConfigMap, { namespace, labelSelector: "mine=yes", limit: 2 });
  expect(list.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
    ["a", "b", "c", "d", "e"].map((name) => `ConfigMap ${name}`),
  );
  expect(transport.requests).toHaveLength(3);
  const [first] = await client.list(ConfigMap, { namespace, labelSelector: "mine=yes", metadataOnly: true });
  expect(first).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } });
  expect(first?.["data"]).toBeUndefined();
  transport.inject({
    when: ({ query }) => query?.["continue"] !== undefined,
    times: 1,
    fault: faultAnswers.gone(),
  });
  expect(await client.list(ConfigMap, { namespace, labelSelector: "mine=yes", limit: 2 })).toHaveLength(5);
});

test("an object that is not there is undefined to get, and no trouble to delete", async () => {
  const key = { namespace, name: "missing" };
  expect(await client.get(ConfigMap, key)).toBeUndefined();
  await client.delete(ConfigMap, key);
  await expect(client.mergePatch(ConfigMap, key, {})).rejects.toMatchObject({ code: "NotFound" });
});

test("only the very object that was meant is deleted", async () => {
  const { metadata } = await client.create(configMap("a"));
  const key = { namespace, name: "a" };
  await expect(
    client.delete(ConfigMap, key, { uid: "00000000-0000-0000-0000-000000000000" }),
  ).rejects.toMatchObject({ code: "Conflict" });
  await client.delete(ConfigMap, key, { uid: metadata.uid ?? "" });
  expect(await client.get(ConfigMap, key)).toBeUndefined();
});

test("refusals carry the server's reason: verb, object, why, which field", async () => {
  await client.create(configMap("a"));
  await expect(client.create(configMap("a"))).rejects.toMatchObject({ code: "AlreadyExists", status: 409 });
  const wrong = { ...configMap("b"), datum: {} };
  await expect(client.create(wrong)).rejects.toMatchObject({
    code: "BadRequest",
    message: expect.stringMatching(/POST .*configmaps.*unknown field "datum"/),
  });
  await expect(client.apply(wrong, { manager: "m" })).rejects.toThrow(/datum/);
  await expect(client.create(configMap("Not a name"))).rejects.toMatchObject({
    code: "Invalid",
    causes: [expect.objectContaining({ field: "metadata.name" })],
  });
  const { transport: stranger } = await connect({
    kubeconfig: await kubernetes.kubeconfigFor(await kubernetes.tokenFor("developer")),
    userAgent: "gatewright/test",
  });
  await expect(createClient(stranger).list(ConfigMap)).rejects.toMatchObject({
    code: "Forbidden",
    status: 403,
  });
  await stranger.close();
  const { transport: nobody } = await connect({
    kubeconfig: await kubernetes.kubeconfigFor("not-a-token"),
    userAgent: "gatewright/test",
  });
  await expect(createClient(nobody).list(ConfigMap)).rejects.toMatchObject({ code: "Unauthorized" });
  await nobody.close();
});

test("a patch with an old resourceVersion is a Conflict", async () => {
  const { metadata } = await client.create(configMap("a"));
  const key = { namespace, name: "a" };
  await client.mergePatch(ConfigMap, key, { data: { a: "2" } });
  const operations = [
    { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
  ] as const;
  await expect(
    client.jsonPatch(ConfigMap, key, [...operations, { op: "replace", path: "/data/a", value: "3" }]),
  ).rejects.toMatchObject({ code: "Conflict" });
});

test("what is served is found out anew each time, and a failure to find out is no absence", async () => {
  expect(await client.served(Deployment)).toBe(true);
  expect(await client.served(Namespace)).toBe(true);
  const kind = `T${uniqueName("x").slice(2)}`;
  const plural = `${kind.toLowerCase()}s`;
  const group = "served.test";
  const type = { group, version: "v1", kind, plural, scope: "Namespaced" } as const;
  expect(await client.served(type)).toBe(false);
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, kind },
      versions: [
        { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
      ],
    },
  };
  await client.create(definition);
  await waitFor("the kind to be served", () => client.served(type));
  transport.inject({ fault: faultAnswers.serverError(503) });
  await expect(client.served(type)).rejects.toMatchObject({ code: "ServerError", status: 503 });
  transport.revive();
  await client.delete(resourceTypes.CustomResourceDefinition, { name: definition.metadata.name });
});

test("a watch tells changes until its signal, over the same way", async () => {
  const stop = new AbortController();
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const { status, events } = await transport.watch(
    { method: "GET", path, query: { watch: "true" } },
    stop.signal,
  );
  expect(status).toBe(200);
  await client.create(configMap("a"));
  const seen: string[] = [];
  for await (const event of events) {
    const { type, object } = event as { type: string; object: KubernetesObject };
    if (object.metadata.name !== "a") continue;
    seen.push(type);
    if (type === "ADDED") await client.delete(ConfigMap, { namespace, name: "a" });
    if (type === "DELETED") stop.abort();
  }
  expect(seen).toEqual(["ADDED", "DELETED"]);
  expect(transport.openWatches).toBe(0);
});

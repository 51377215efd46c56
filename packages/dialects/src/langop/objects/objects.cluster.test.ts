import { readdirSync, readFileSync } from "node:fs";
import type { KubernetesObject } from "@gatewright/kubernetes";
import { type KubernetesAccess, sharedKubernetes, uniqueName } from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readManifests } from "../../manifest.ts";
import { worldOf } from "../../world.ts";
import { langop } from "../langop.ts";

/** What the objects of every fixture and example meet at a real API server, which knows what we only believe. */

const root = new URL("../../../../../", import.meta.url);
const folders = [
  "examples/langop/",
  ...readdirSync(new URL("fixtures/langop/", root))
    .map((name) => `fixtures/langop/${name}/`)
    .filter((folder) =>
      readFileSync(new URL(`${folder}input.yaml`, root), "utf8").includes("# objects: yes"),
    ),
];

const plurals: Readonly<Record<string, string>> = { NetworkPolicy: "networkpolicies", Ingress: "ingresses" };
const namespaces: string[] = [];
let kubernetes: KubernetesAccess;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
});
afterAll(async () => {
  for (const name of namespaces) await kubernetes.api("DELETE", `/api/v1/namespaces/${name}`);
});

function pathOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const api = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = plurals[kind] ?? `${kind.toLowerCase()}s`;
  const place = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${api}${place}/${plural}/${metadata.name}`;
}

/** Moves an object to a namespace that nobody else has. */
function moved(object: KubernetesObject, namespace: string): KubernetesObject {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return object.kind === "Namespace"
    ? { ...object, metadata: { ...metadata, name: namespace } }
    : { ...object, metadata: { ...metadata, namespace } };
}

async function apply(object: KubernetesObject) {
  const path = `${pathOf(object)}?fieldManager=test&force=true&fieldValidation=Strict`;
  return kubernetes.api("PATCH", path, object, "application/apply-patch+yaml");
}

/** What moves when an object is written, and not when its own controller does its work. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers; a wrong member fails the test.
function versionOf({ kind, metadata, spec }: any): unknown {
  if (kind === "Namespace" || kind === "ResourceQuota") return JSON.stringify([metadata.labels, spec]);
  return metadata.generation ?? metadata.resourceVersion;
}

describe.each(folders)("%s", (folder) => {
  const place = new URL(folder, root);
  const files = readdirSync(place).filter((name) => folder.startsWith("examples/") || name === "input.yaml");
  const { manifests } = readManifests(
    files.map((path) => ({ path, text: readFileSync(new URL(path, place), "utf8") })),
  );
  const world = worldOf(manifests);

  test.each(["native", "litellm"] as const)(
    "is taken whole, and taken again nothing changes (%s)",
    async (engine) => {
      const { gateways } = langop.read(world, { engine, agentKeys: () => engine === "native" });
      const moves = new Map<string, string>();
      for (const gateway of gateways) {
        const { namespace } = gateway.plan;
        const to = moves.get(namespace) ?? uniqueName("objects");
        if (!moves.has(namespace)) {
          namespaces.push(to);
          await kubernetes.api("POST", "/api/v1/namespaces", { metadata: { name: to } });
        }
        moves.set(namespace, to);
        const desired = langop.objects?.(world, gateway, {
          image: "gatewright:test",
          litellmImage: "litellm:test",
          networkIsolation: true,
          apis: { cilium: false, gatewayApi: false },
        });
        const objects = (desired?.objects ?? []).map((object) => moved(object, to));
        const first = [];
        for (const object of objects) {
          const answer = await apply(object);
          expect(
            answer.status,
            `${object.kind} ${object.metadata.name}: ${JSON.stringify(answer.body)}`,
          ).toBeLessThan(300);
          first.push(versionOf(answer.body));
        }
        for (const [index, object] of objects.entries()) {
          const { body } = await apply(object);
          expect(versionOf(body), `${object.kind} ${object.metadata.name} is written again`).toBe(
            first[index],
          );
        }
      }
    },
  );
});

test("native pods are admitted where the restricted Pod Security Standard is enforced", async () => {
  const namespace = uniqueName("restricted");
  namespaces.push(namespace);
  await kubernetes.api("POST", "/api/v1/namespaces", {
    metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });
  await kubernetes.api("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    metadata: { name: "gateway" },
  });
  const text = readFileSync(new URL("fixtures/langop/worked-example/input.yaml", root), "utf8");
  const world = worldOf(readManifests([{ path: "input.yaml", text }]).manifests);
  for (const gateway of langop.read(world, { engine: "native" }).gateways) {
    const desired = langop.objects?.(world, gateway, {
      image: "gatewright:test",
      litellmImage: "litellm:test",
      networkIsolation: true,
      apis: { cilium: false, gatewayApi: false },
    });
    const deployment = desired?.objects.find(({ kind }) => kind === "Deployment") as unknown as {
      spec: { template: { metadata: object; spec: object } };
    };
    const { metadata, spec } = deployment.spec.template;
    const { status, body } = await kubernetes.api(
      "POST",
      `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`,
      { metadata: { ...metadata, name: "gateway" }, spec },
    );
    expect(status, JSON.stringify(body)).toBe(201);
  }
});

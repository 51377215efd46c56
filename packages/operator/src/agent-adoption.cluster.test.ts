import { createHmac } from "node:crypto";
import { type KubernetesObject, type ResourceType, resourceTypes } from "@gatewright/reconcile";
import {
  agentManifest,
  createUser,
  type KubernetesAccess,
  leaveBehind,
  type MortalOperator,
  sharedKubernetes,
  startMortalOperator,
  theirAgentSecret,
  toolManifest,
  type User,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { langopTypes } from "./langop/langop-types.ts";

/*
 * An agent and a tool as the replaced operator left them (langop.md §2.4: its ServiceAccount, Role and RoleBinding have no
 * owner) are taken over where they stand: nothing is deleted or made anew, the workspace above all.
 */

const name = uniqueName("adopt");
const { LanguageAgent, LanguageCluster, LanguageTool } = langopTypes;
const rbac = "rbac.authorization.k8s.io";

let kubernetes: KubernetesAccess;
let user: User;
let operator: MortalOperator;
let before: ReadonlyMap<string, KubernetesObject>;
let after: ReadonlyMap<string, KubernetesObject>;
let agentUid = "";

const labelsOf = (kind: "LanguageAgent" | "LanguageTool", member: string) => ({
  "app.kubernetes.io/name": member,
  "app.kubernetes.io/managed-by": "language-operator",
  "app.kubernetes.io/part-of": "langop",
  "langop.io/kind": kind,
  "langop.io/component": kind === "LanguageAgent" ? "agent" : "tool",
  "langop.io/cluster": name,
});

const template = (labels: object, container: string, more: object = {}) => ({
  selector: { matchLabels: labels },
  template: {
    metadata: { labels },
    spec: { containers: [{ name: container, image: "example/old:1" }], ...more },
  },
});

/** What operators write; of the rest Kubernetes makes some itself, with the same labels. */
const written: ReadonlySet<string> = new Set([
  ...["ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Secret", "PersistentVolumeClaim"],
  ...["Deployment", "Service", "NetworkPolicy", "Ingress"],
]);

/** Everything that stands for the two, by kind and name. */
async function standing(): Promise<ReadonlyMap<string, KubernetesObject>> {
  const found = new Map<string, KubernetesObject>();
  const kinds = Object.values<ResourceType>(resourceTypes).filter(({ kind }) => written.has(kind));
  for (const type of kinds) {
    for (const object of await user.list(type, { namespace: name }).catch(() => [])) {
      const kind = object.metadata.labels?.["langop.io/kind"];
      if (kind === "LanguageAgent" || kind === "LanguageTool")
        found.set(`${object.kind} ${object.metadata.name}`, object);
    }
  }
  return found;
}

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  user = await createUser(kubernetes);
  await leaveBehind(user, name, { generation: "C" });
  await user.put(
    {
      ...agentManifest(name, "writer", { image: "example/new:1", models: [{ name: "gpt" }], workspace: {} }),
    },
    { ...toolManifest(name, "web", { image: "example/web:1" }) },
  );
  const agent = await user.get(LanguageAgent, { namespace: name, name: "writer" });
  const tool = await user.get(LanguageTool, { namespace: name, name: "web" });
  agentUid = agent?.metadata.uid ?? "";
  const create = async (
    kind: "LanguageAgent" | "LanguageTool",
    object: { readonly apiVersion: string; readonly kind: string; readonly [member: string]: unknown },
    called: string,
    owned = true,
  ): Promise<void> => {
    const owner = kind === "LanguageAgent" ? agent : tool;
    const { uid = "" } = owner?.metadata ?? {};
    const reference = { apiVersion: "langop.io/v1alpha1", kind, name: owner?.metadata.name ?? "", uid };
    await user.create(
      {
        ...object,
        metadata: {
          name: called,
          namespace: name,
          labels: labelsOf(kind, reference.name),
          ...(owned
            ? { ownerReferences: [{ ...reference, controller: true, blockOwnerDeletion: true }] }
            : {}),
        },
      },
      { manager: "manager" },
    );
  };
  const account = "language-agent-writer";
  const labels = labelsOf("LanguageAgent", "writer");
  await create("LanguageAgent", { apiVersion: "v1", kind: "ServiceAccount" }, account, false);
  await create(
    "LanguageAgent",
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }],
    },
    account,
    false,
  );
  await create(
    "LanguageAgent",
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      roleRef: { apiGroup: rbac, kind: "Role", name: account },
      subjects: [{ kind: "ServiceAccount", name: account, namespace: name }],
    },
    account,
    false,
  );
  await create(
    "LanguageAgent",
    { apiVersion: "v1", kind: "ConfigMap", data: { "config.yaml": "agent: {}\n" } },
    "writer-agent",
  );
  await create(
    "LanguageAgent",
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
    },
    "writer-workspace",
  );
  await create(
    "LanguageAgent",
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      spec: template(labels, "agent", { serviceAccountName: account }),
    },
    "writer",
  );
  const ports = [{ name: "http", port: 8080, targetPort: 8080, protocol: "TCP" }];
  await create(
    "LanguageAgent",
    { apiVersion: "v1", kind: "Service", spec: { selector: labels, ports } },
    "writer",
  );
  await create(
    "LanguageAgent",
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      // A rule of theirs that ours no longer has.
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "198.51.100.7/32" } }] }],
      },
    },
    "writer",
  );
  const ofTool = labelsOf("LanguageTool", "web");
  await create(
    "LanguageTool",
    { apiVersion: "apps/v1", kind: "Deployment", spec: template(ofTool, "tool") },
    "web",
  );
  await create(
    "LanguageTool",
    { apiVersion: "v1", kind: "Service", spec: { selector: ofTool, ports } },
    "web",
  );
  before = await standing();
  operator = await startMortalOperator(kubernetes, { watchNamespaces: [name], nameServers: ["127.0.0.1:9"] });
  await waitFor(
    "the agent's objects",
    async () => (await standing()).get("Deployment writer")?.metadata.labels?.["gatewright.dev/dialect"],
  );
  await operator.quiet(1_500);
  after = await standing();
});
afterAll(async () => {
  await user.delete(LanguageCluster, { name });
  await waitFor(
    "the cluster to be gone",
    async () => (await user.get(LanguageCluster, { name })) === undefined,
  );
  await operator?.close();
  await user?.close();
});

test("nothing is deleted or made anew", () => {
  expect(before.size).toBe(10);
  for (const [place, { metadata }] of before) {
    expect(after.get(place)?.metadata.uid, place).toBe(metadata.uid);
    expect(after.get(place)?.metadata.deletionTimestamp, place).toBeUndefined();
  }
  expect(operator.transport.writes.filter(({ method }) => method === "DELETE")).toEqual([]);
});

test("their fields are ours, and everything has an owner, so that it goes with its agent", () => {
  for (const place of before.keys()) {
    const metadata = after.get(place)?.metadata;
    const writers = (metadata?.managedFields ?? []).map(
      ({ manager, operation }) => `${manager} ${operation}`,
    );
    const own = place.endsWith(" web") ? "gatewright-languagetool Apply" : "gatewright-languageagent Apply";
    expect(writers, place).toContain(own);
    expect(writers, place).not.toContain("manager Update");
    expect(
      metadata?.ownerReferences?.map(({ kind }) => kind),
      place,
    ).toEqual([place.endsWith(" web") ? "LanguageTool" : "LanguageAgent"]);
  }
});

test("the specs are the present ones: rules of before are gone, the new image is in, the volume is as it was", () => {
  expect(JSON.stringify(after.get("NetworkPolicy writer"))).not.toContain("198.51.100.7");
  expect(JSON.stringify(after.get("Deployment writer")?.["spec"])).toContain("example/new:1");
  expect(JSON.stringify(after.get("Deployment writer")?.["spec"])).not.toContain("example/old:1");
  const selector = { selector: { matchLabels: labelsOf("LanguageAgent", "writer") } };
  expect(after.get("Deployment writer")?.["spec"]).toMatchObject(selector);
  expect(after.get("PersistentVolumeClaim writer-workspace")?.["spec"]).toEqual(
    before.get("PersistentVolumeClaim writer-workspace")?.["spec"],
  );
});

test("the agent's key is signed with the secret that is there", () => {
  const { MODEL_API_KEY = "" } = (after.get("Secret writer-gateway-key")?.["data"] ?? {}) as {
    readonly MODEL_API_KEY?: string;
  };
  const signature = createHmac("sha256", theirAgentSecret).update(agentUid).digest("hex").slice(0, 32);
  expect(Buffer.from(MODEL_API_KEY, "base64").toString()).toBe(`sk-langop-${agentUid}.${signature}`);
});

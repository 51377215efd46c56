import {
  type AuditEvent,
  agentImage,
  agentManifest,
  clusterOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  memberCondition,
  namespaceOf,
  personaManifest,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  toolManifest,
  uniqueName,
  upstreamModel,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * Agents and clusters that are deleted (langop.md §3.1, §6.2-16, §7 "cluster deletion"): who uses something goes before
 * what is used, an adopted namespace stays with what is the user's, and nothing of ours does.
 */

const made = uniqueName("made");
const found = `${made}-found`;
const kinds = ["languageagents", "languagetools", "languagepersonas", "languagemodels"] as const;

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

/** A held object is not gone before the test lets it go. */
const held = <Of extends Manifest>(manifest: Of): Of => ({
  ...manifest,
  metadata: { ...manifest.metadata, finalizers: ["example.test/hold"] },
});

const members = (namespace: string): readonly Manifest[] => [
  secretOf(namespace, "keys", { "api-key": "sk-provider" }) as Manifest,
  upstreamModel(stage, namespace, "small", "small-1"),
  personaManifest(namespace, "warm", { tone: "warm" }),
  toolManifest(namespace, "web"),
  agentManifest(namespace, "first", {
    models: [{ name: "small" }],
    persona: "warm",
    tools: [{ name: "web" }],
  }),
  agentManifest(namespace, "second", {
    modelRef: "small",
    credentials: [{ name: "IN_CLEAR", value: "x" }],
    deployment: { replicas: 2 },
    workspace: { enabled: true },
  }),
];
const notes = (namespace: string): Manifest =>
  ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "notes", namespace },
    data: { mine: "yes" },
  }) as Manifest;

const agentReady = (namespace: string, name: string) =>
  memberCondition(stage, { kind: "LanguageAgent", namespace, name }, "Ready", { status: "True" });

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: made, images: { "agent:test": agentImage } });
  await stage.apply(clusterOf(made, {}) as Manifest, namespaceOf(found) as Manifest, notes(found));
  await waitFor("the namespace", () => stage.read(`/api/v1/namespaces/${made}`));
  await stage.apply(
    clusterOf(found, { domain: "ai.example.test" }) as Manifest,
    notes(made),
    ...members(made).map((member) => (member.kind === "Secret" ? member : held(member))),
    ...members(found),
  );
  for (const namespace of [made, found]) {
    await stage.ready(namespace);
    for (const name of ["first", "second"]) await agentReady(namespace, name);
  }
});
afterAll(async () => {
  for (const namespace of [made, found]) {
    for (const kind of kinds) await release(namespace, kind);
  }
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", made, found, "--wait=false", "--ignore-not-found"]);
});

async function list(namespace: string, kind: string): Promise<readonly LiveObject[]> {
  const all = await stage.read(`/apis/langop.io/v1alpha1/namespaces/${namespace}/${kind}`);
  return all?.items ?? [];
}

async function release(namespace: string, kind: string): Promise<void> {
  for (const { metadata } of await list(namespace, kind)) {
    const path = `/apis/langop.io/v1alpha1/namespaces/${namespace}/${kind}/${metadata.name}`;
    const finalizers = (metadata.finalizers ?? []).filter((name: string) => name !== "example.test/hold");
    await kubernetes.api("PATCH", path, { metadata: { finalizers } });
  }
}

/** How many of each kind are there and are not being deleted. */
async function standing(namespace: string): Promise<readonly number[]> {
  const all = await Promise.all(kinds.map((kind) => list(namespace, kind)));
  return all.map((items) => items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length);
}

const isDelete = ({ verb, userAgent, code }: AuditEvent): boolean =>
  verb === "delete" && userAgent.startsWith("gatewright/") && code < 300;

describe("a cluster that made its namespace", () => {
  test("drains its agents, then tools and personas, then models, then the namespace", async () => {
    const from = await kubernetes.auditPosition();
    expect(await standing(made)).toEqual([2, 1, 1, 1]);
    expect(await kubernetes.kubectl(["delete", "languagecluster", made, "--wait=false"])).toMatchObject({
      code: 0,
    });

    const drain: readonly (readonly [kind: readonly string[], standing: readonly number[]])[] = [
      [["languageagents"], [0, 1, 1, 1]],
      [
        ["languagetools", "languagepersonas"],
        [0, 0, 0, 1],
      ],
      [["languagemodels"], [0, 0, 0, 0]],
    ];
    for (const [held, left] of drain) {
      await waitFor(
        `${held.join()} to be deleted`,
        async () => String(await standing(made)) === String(left),
        { capMilliseconds: 60_000 },
      );
      expect(await standing(made)).toEqual(left);
      expect((await stage.read(`/api/v1/namespaces/${made}`)).status.phase).toBe("Active");
      expect((await stage.cluster(made)).metadata.finalizers).toEqual(["langop.io/finalizer"]);
      for (const kind of held) await release(made, kind);
    }
    await waitFor("the cluster to go", async () => (await stage.cluster(made)) === undefined, {
      capMilliseconds: 60_000,
    });
    await waitFor(
      "the namespace to go",
      async () => (await stage.read(`/api/v1/namespaces/${made}`)) === undefined,
      {
        capMilliseconds: 60_000,
      },
    );
    // What the operator deleted first, and when the test let go of it, as the API server saw it.
    const seen = (await kubernetes.auditEvents(from))
      .filter(({ namespace, name }) => namespace === made || name === made)
      .flatMap((event) => {
        const { resource, name, verb, userAgent } = event;
        if (isDelete(event) && [...kinds, "namespaces"].includes(resource)) return [`delete ${name}`];
        const isRelease = verb === "patch" && !userAgent.startsWith("gatewright/");
        return isRelease && kinds.some((kind) => kind === resource) ? [`release ${name}`] : [];
      });
    const once = [...new Set(seen)];
    const steps = [once.splice(0, 2), once.splice(0, 2), once.splice(0, 2), once.splice(0, 2), once];
    expect(steps.map((step) => step.sort())).toEqual([
      ["delete first", "delete second"],
      ["release first", "release second"],
      ["delete warm", "delete web"],
      ["release warm", "release web"],
      [`delete ${made}`, "delete small", "release small"].sort(),
    ]);
    expect(seen.indexOf("release small")).toBeGreaterThan(seen.lastIndexOf("delete small"));
    expect(seen.indexOf(`delete ${made}`)).toBeGreaterThan(seen.indexOf("release small"));
    await waitFor(
      "its processes to end",
      () => stage.kubelet.pods().every(({ namespace }) => namespace !== made),
      {
        capMilliseconds: 60_000,
      },
    );
  });
});

describe("an agent, a tool and a persona", () => {
  test("an agent that is deleted takes everything of its own along, and nothing else", async () => {
    const ours = async (): Promise<readonly string[]> => {
      const everything =
        "deployments,pods,services,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,ingresses,pdb,pvc";
      const { stdout } = await kubernetes.kubectl([
        "get",
        everything,
        "-n",
        found,
        "-o",
        "name",
        "-l",
        "app.kubernetes.io/name=second",
      ]);
      return stdout.split("\n").filter((line) => line !== "");
    };
    expect((await ours()).map((name) => name.replace(/^(pod|replicaset\S*)\/.*/u, "$1")).sort()).toEqual([
      "configmap/second-agent",
      "deployment.apps/second",
      "ingress.networking.k8s.io/second",
      "networkpolicy.networking.k8s.io/second",
      "persistentvolumeclaim/second-workspace",
      "pod",
      "pod",
      "poddisruptionbudget.policy/second",
      "role.rbac.authorization.k8s.io/language-agent-second",
      "rolebinding.rbac.authorization.k8s.io/language-agent-second",
      "secret/second-gateway-key",
      "secret/second-runtime",
      "service/second",
      "serviceaccount/language-agent-second",
    ]);
    const { metadata } = await agentReady(found, "second");
    const key = await stage.agentKey(found, metadata.uid);
    expect(await stage.chat(found, "small-1", key)).toMatchObject({ status: 200 });
    expect(await kubernetes.kubectl(["delete", "lagent", "second", "-n", found])).toMatchObject({ code: 0 });
    await waitFor("nothing of it", async () => (await ours()).length === 0, { capMilliseconds: 60_000 });
    await agentReady(found, "first");
    expect(await (await stage.agent(found, "first")).ask()).toMatchObject([{ status: 200 }]);
  });

  test("a tool that is deleted takes its pods, Service and policy along", async () => {
    expect(await kubernetes.kubectl(["delete", "ltool", "web", "-n", found])).toMatchObject({ code: 0 });
    for (const kind of ["Deployment", "Service", "NetworkPolicy"] as const) {
      await waitFor(`no ${kind}`, async () => (await stage.object(kind, found, "web")) === undefined, {
        capMilliseconds: 60_000,
      });
    }
    await stage.apply(toolManifest(found, "web"));
    await agentReady(found, "first");
  });
});

describe("a cluster that found its namespace", () => {
  test("leaves it as it was, without agents, gateway or anything of ours, and ends all processes", async () => {
    const from = await kubernetes.auditPosition();
    expect(await kubernetes.kubectl(["delete", "languagecluster", found, "--timeout=60s"])).toMatchObject({
      code: 0,
    });
    for (const kind of kinds) expect(await list(found, kind), kind).toEqual([]);
    const everything =
      "deployments,services,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,ingresses,pdb,hpa,pvc,resourcequotas,pods";
    await waitFor(
      "nothing of ours",
      async () => {
        const { stdout } = await kubernetes.kubectl(["get", everything, "-n", found, "-o", "name"]);
        const left = stdout
          .split("\n")
          .filter((line) => line !== "")
          .sort();
        // Kubernetes' own, and the user's.
        return (
          String(left) ===
          String(["configmap/kube-root-ca.crt", "configmap/notes", "secret/keys", "serviceaccount/default"])
        );
      },
      { capMilliseconds: 60_000 },
    );
    const { metadata, status } = await stage.read(`/api/v1/namespaces/${found}`);
    expect([status.phase, metadata.labels, metadata.ownerReferences]).toEqual([
      "Active",
      { "kubernetes.io/metadata.name": found },
      undefined,
    ]);
    expect((await stage.read(`/api/v1/namespaces/${found}/configmaps/notes`)).data).toEqual({ mine: "yes" });
    await waitFor("no process", () => stage.kubelet.pods().every(({ namespace }) => namespace !== found), {
      capMilliseconds: 60_000,
    });
    const deleted = (await kubernetes.auditEvents(from))
      .filter((event) => isDelete(event) && event.namespace === found)
      .map(({ resource }) => resource);
    expect(deleted.filter((resource) => kinds.some((kind) => kind === resource))).toEqual([
      "languageagents",
      ...deleted.filter((resource) => resource === "languagetools" || resource === "languagepersonas"),
      "languagemodels",
    ]);
    expect(deleted).not.toContain("namespaces");
  });

  test("members without a cluster wait for one, and what a new one of that name finds is put to work again", async () => {
    await stage.apply(...members(found));
    const agent = { kind: "LanguageAgent", namespace: found, name: "first" } as const;
    const waiting = await memberCondition(stage, agent, "Ready", {
      status: "False",
      reason: "ClusterNotFound",
    });
    expect(waiting.status).toMatchObject({
      phase: "Pending",
      message: expect.stringContaining(`LanguageCluster ${found}`),
    });
    await memberCondition(stage, { ...agent, kind: "LanguageTool", name: "web" }, "Ready", {
      reason: "ClusterNotFound",
    });
    expect(await stage.object("Deployment", found, "first")).toBeUndefined();
    await stage.apply(clusterOf(found, {}) as Manifest);
    await agentReady(found, "first");
    const again = await stage.agent(found, "first");
    await waitFor("an answer", async () => (await again.ask())[0]?.status === 200, {
      capMilliseconds: 60_000,
    });
  });
});

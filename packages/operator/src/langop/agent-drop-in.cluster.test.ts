import {
  agentImage,
  agentManifest,
  clusterOf,
  conditionOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  memberCondition,
  namespaceOf,
  personaManifest,
  readMember,
  runtimeManifest,
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
 * What makes the operator a drop-in for agents: the rows of langop.md §8 and §7 that concern them, as
 * drop-in.cluster.test.ts has them for gateways. Elsewhere: 8-5 (what a change replaces) in agent-changes.cluster.test.ts,
 * 8-7 in agent-network.cluster.test.ts, 8-8 in agent-weak-points.cluster.test.ts (6.2-15), of 8-9 and §7 the deletion of a
 * cluster in agent-deletion.cluster.test.ts, of 8-10 what is refused in agent-bad-input.cluster.test.ts.
 */

/** Agents of this cluster run. */
const home = uniqueName("home");
/** Pods of namespaces that begin otherwise never start. */
const still = uniqueName("still");
const runtime = uniqueName("runtime");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: home, images: { "agent:test": agentImage } });
  await stage.apply(
    namespaceOf(home) as Manifest,
    namespaceOf(still) as Manifest,
    clusterOf(home, {}) as Manifest,
    clusterOf(still, {}) as Manifest,
    secretOf(home, "keys", { "api-key": "sk-provider" }) as Manifest,
    upstreamModel(stage, home, "small", "small-1"),
  );
  await stage.ready(home);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", home, still, "--wait=false", "--ignore-not-found"]);
});

const agent = (name: string, namespace = still) => ({ kind: "LanguageAgent", namespace, name }) as const;
const tool = (name: string, namespace = still) => ({ kind: "LanguageTool", namespace, name }) as const;
const ready = (name: string): Promise<LiveObject> =>
  memberCondition(stage, agent(name, home), "Ready", { status: "True" });

/** The Deployment of an agent, when all its objects are those of a generation of the agent. */
const deployed = (name: string, generation: number): Promise<LiveObject> =>
  waitFor(`the objects of ${name} in generation ${generation}`, async () => {
    const { status } = await readMember(stage, agent(name));
    const isWritten = status?.observedGeneration === generation && status.managedResources !== undefined;
    return isWritten ? stage.object("Deployment", still, name) : undefined;
  });

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubernetes.kubectl(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

describe("8-1: identity", () => {
  test("kinds, scopes, short names and columns", async () => {
    const resources = await kubectl("api-resources", "--api-group=langop.io", "--no-headers");
    for (const [plural, short, scoped, kind] of [
      ["languageagents", "lagent", true, "LanguageAgent"],
      ["languagetools", "ltool", true, "LanguageTool"],
      ["languagepersonas", "lpersona", true, "LanguagePersona"],
      ["languageagentruntimes", "laruntime", false, "LanguageAgentRuntime"],
      ["languageagentselfconfigs", "lasc", true, "LanguageAgentSelfConfig"],
    ] as const) {
      expect(resources).toMatch(
        new RegExp(`^${plural}\\s+${short}\\s+langop\\.io/v1alpha1\\s+${scoped}\\s+${kind}$`, "mu"),
      );
    }
    await stage.apply(
      agentManifest(still, "seen"),
      toolManifest(still, "seen-tool"),
      personaManifest(still, "seen-persona", { tone: "dry" }),
    );
    const columns = async (kind: string): Promise<readonly string[] | undefined> =>
      (await kubectl("get", kind, "-n", still))
        .split("\n")[0]
        ?.trim()
        .split(/\s{2,}/u);
    expect(await columns("lagent")).toEqual(["NAME", "PHASE", "REPLICAS", "READY", "UUID", "AGE"]);
    expect(await columns("ltool")).toEqual(["NAME", "TYPE", "IMAGE", "PHASE", "ENDPOINT", "AGE"]);
    expect(await columns("lpersona")).toEqual(["NAME", "PERSONALITY", "TONE", "PHASE", "AGE"]);
  });

  test("defaults of the dialect are stored", async () => {
    await stage.apply({
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageAgent",
      metadata: { name: "bare", namespace: still },
      spec: {
        image: "agent:1",
        models: [{ name: "m" }],
        tools: [{ name: "t" }],
        ports: [{ name: "http", port: 80 }],
        execution: {},
      },
    } as Manifest);
    const { spec } = await readMember(stage, agent("bare"));
    expect(spec).toMatchObject({
      models: [{ name: "m", role: "primary" }],
      tools: [{ name: "t", enabled: true }],
      ports: [{ name: "http", port: 80, protocol: "TCP", expose: false }],
      workspace: { enabled: true, size: "10Gi", accessMode: "ReadWriteOnce", mountPath: "/workspace" },
      execution: { mode: "service", concurrencyPolicy: "Forbid" },
    });
    await stage.apply(toolManifest(still, "bare-tool"));
    expect((await readMember(stage, tool("bare-tool"))).spec).toMatchObject({
      type: "mcp",
      deploymentMode: "service",
      port: 8080,
    });
  });

  test("the fields of all three generations are stored as they were written", async () => {
    const whole = {
      image: `registry.example.test:5000/agent@sha256:${"0".repeat(64)}`,
      models: [{ name: "m", role: "reasoning", priority: 1, model: "x" }],
      modelRefs: [{ name: "n", role: "fallback" }],
      modelRef: { name: "o" },
      tools: [{ name: "t", enabled: false, url: "https://mcp.example.test", headers: { "x-a": "b" } }],
      persona: "p",
      instructions: "Do.",
      workspace: {
        enabled: true,
        size: "1Gi",
        storageClassName: "fast",
        accessMode: "ReadWriteMany",
        mountPath: "/w",
        retain: true,
        initialFiles: { "a/b.md": "c" },
        seedConfigMapRef: { name: "seed" },
      },
      networkPolicies: {
        egress: [{ to: [{ dns: ["a.example.test"] }], ports: [{ protocol: "TCP", port: 443 }] }],
      },
      ports: [{ name: "http", port: 8081, protocol: "TCP", expose: true }],
      deployment: { replicas: 1, env: [{ name: "A", value: "b" }] },
      credentials: [
        { name: "T", valueFrom: { name: "s", key: "k" } },
        { name: "U", value: "v" },
      ],
      selfConfigure: {
        enabled: true,
        allowedActions: ["tools", "models", "envVars", "instructions", "roleRules"],
      },
      monitoring: { serviceMonitor: { interval: "30s" }, rules: { any: true } },
      execution: {
        mode: "service",
        timezone: "Europe/Berlin",
        activeDeadlineSeconds: 1,
        ttlSecondsAfterFinished: 0,
        concurrencyPolicy: "Allow",
        suspend: true,
        retryLimit: 0,
      },
      repository: {
        url: "https://git.example.test/a",
        ref: "main",
        path: "src",
        depth: 1,
        secretRef: { name: "g" },
      },
    };
    await stage.apply(agentManifest(still, "whole", whole));
    expect((await readMember(stage, agent("whole"))).spec).toEqual(whole);
    const first = {
      image: "tool:1",
      type: "openapi",
      deploymentMode: "service",
      port: 80,
      replicas: 2,
      egress: [{ to: { dns: ["a.example.test"] } }],
    };
    await stage.apply(toolManifest(still, "first", first));
    expect((await readMember(stage, tool("first"))).spec).toMatchObject(first);
    await waitFor(
      "two pods of the tool",
      async () => (await stage.object("Deployment", still, "first"))?.spec.replicas === 2,
    );
  });
});

describe("8-4: agent wiring", () => {
  test("§7 LLM_MODEL: modelNames in the main container and in init containers, which work before it starts", async () => {
    await stage.apply(
      agentManifest(home, "wired", {
        models: [{ name: "small" }],
        workspace: { size: "1Gi", initialFiles: { "notes/first.md": "hello" } },
        deployment: {
          // Asks its models once: a wrong key or address would keep the agent from starting.
          initContainers: [
            { name: "asks", image: "agent:test", args: ["once"] },
            {
              name: "own",
              image: "agent:test",
              args: ["once"],
              env: [{ name: "LLM_MODEL", value: "small" }],
            },
          ],
          env: [{ name: "LLM_MODEL", value: "small,small-1" }],
        },
      }),
    );
    await ready("wired");
    const running = await stage.agent(home, "wired");
    const { items } = await stage.read(
      `/api/v1/namespaces/${home}/pods?labelSelector=${encodeURIComponent("app.kubernetes.io/name=wired")}`,
    );
    const [pod] = items;
    const said = async (container: string) =>
      JSON.parse(await stage.kubelet.logs(home, pod.metadata.name, container)) as LiveObject;
    expect(await said("asks")).toMatchObject([{ model: "small-1", status: 200 }]);
    expect(await said("own")).toMatchObject([{ model: "small", status: 200 }]);
    expect(await running.ask()).toMatchObject([
      { model: "small", status: 200 },
      { model: "small-1", status: 200 },
    ]);
  });

  test("/etc/agent is a folder with config.yaml, the workspace has its first files and outlives the pod", async () => {
    const running = await stage.agent(home, "wired");
    const files = await running.files("/etc/agent", "/workspace");
    expect(Object.keys(files).sort()).toEqual(["/etc/agent/config.yaml", "/workspace/notes/first.md"]);
    await running.write("/workspace/notes/first.md", "changed");
    await stage.apply(
      agentManifest(home, "wired", {
        models: [{ name: "small" }],
        workspace: { size: "1Gi", initialFiles: { "notes/first.md": "hello" } },
        instructions: "Again.",
      }),
    );
    await waitFor(
      "the other pod",
      async () => (await (await stage.agent(home, "wired")).environment())["AGENT_INSTRUCTIONS"] === "Again.",
      { capMilliseconds: 60_000 },
    );
    const again = await stage.agent(home, "wired");
    expect((await again.files("/workspace"))["/workspace/notes/first.md"]).toBe("changed");
    const { status } = await memberCondition(stage, agent("wired", home), "WorkspaceSeeded", {
      status: "True",
    });
    expect(status.workspacePVCName).toBe("wired-workspace");
  });

  test("an agent without models has the gateway all the same, and no LLM_MODEL", async () => {
    await stage.apply(agentManifest(home, "modelless"));
    await ready("modelless");
    const told = await (await stage.agent(home, "modelless")).environment();
    expect([told["LLM_MODEL"], told["MODEL_ENDPOINT"]]).toEqual([
      undefined,
      `http://gateway.${home}.svc.cluster.local:8000`,
    ]);
    const [answer] = await (await stage.agent(home, "modelless")).ask({ model: "small-1" });
    expect(answer?.status).toBe(200);
  });
});

describe("the objects of an agent (§2.4)", () => {
  test("names, labels, selector, identity and restrictions", async () => {
    await stage.apply(agentManifest(still, "shaped", { workspace: { size: "2Gi" } }));
    const { metadata } = await readMember(stage, agent("shaped"));
    const { spec, metadata: of } = await deployed("shaped", 1);
    const labels = {
      "app.kubernetes.io/name": "shaped",
      "app.kubernetes.io/managed-by": "language-operator",
      "app.kubernetes.io/part-of": "langop",
      "langop.io/kind": "LanguageAgent",
      "langop.io/component": "agent",
      "langop.io/cluster": still,
    };
    expect(of.ownerReferences).toMatchObject([
      { kind: "LanguageAgent", name: "shaped", uid: metadata.uid, controller: true },
    ]);
    expect([spec.selector.matchLabels, spec.replicas]).toEqual([labels, 1]);
    const { template } = spec;
    expect(template.metadata.labels).toMatchObject(labels);
    expect(template.metadata.annotations["langop.io/config-hash"]).toMatch(/^[0-9a-f]{16}$/u);
    expect(template.spec).toMatchObject({
      serviceAccountName: "language-agent-shaped",
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 101,
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    const [container, ...others] = template.spec.containers;
    expect(others).toEqual([]);
    expect(container).toMatchObject({
      name: "agent",
      image: "agent:test",
      ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
      resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "2Gi" } },
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      },
    });
    expect(container.volumeMounts.map(({ name, mountPath }: LiveObject) => [name, mountPath]).sort()).toEqual(
      [
        ["agent-config", "/etc/agent"],
        ["tmp", "/tmp"],
        ["workspace", "/workspace"],
      ],
    );
    expect((await stage.object("Service", still, "shaped")).spec).toMatchObject({
      type: "ClusterIP",
      selector: labels,
      ports: [{ name: "http", port: 8080, targetPort: 8080 }],
    });
    expect((await stage.object("PersistentVolumeClaim", still, "shaped-workspace")).spec).toMatchObject({
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "2Gi" } },
    });
    const rules = (await stage.object("Role", still, "language-agent-shaped")).rules;
    expect(rules).toEqual([
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
    ]);
  });

  test("its Role is what its ServiceAccount may do: to read, never Secrets", async () => {
    const token = await kubernetes.tokenFor(`system:serviceaccount:${still}:language-agent-shaped`);
    const client = kubernetes.client(token);
    const status = async (path: string) => (await client.api("GET", `/api/v1/namespaces/${path}`)).status;
    await waitFor("its rights", async () => (await status(`${still}/pods`)) === 200);
    expect(await status(`${still}/configmaps`)).toBe(200);
    expect(await status(`${still}/secrets/gateway-auth`)).toBe(403);
    expect(await status(`${still}/secrets`)).toBe(403);
    expect(await status(`${home}/configmaps`)).toBe(403);
  });

  test("overrides of deployment arrive, and go again when they are taken out", async () => {
    const deployment = {
      replicas: 3,
      command: ["/agent"],
      args: ["--fast"],
      envFrom: [{ configMapRef: { name: "settings" } }],
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "a", operator: "Exists" }],
      podLabels: { team: "x" },
      podAnnotations: { note: "y" },
      serviceAccountName: "theirs",
      serviceType: "NodePort",
      serviceAnnotations: { lb: "z" },
      readinessProbe: { httpGet: { path: "/health", port: 8080 } },
      resources: { limits: { cpu: "2" } },
      volumes: [{ name: "extra", emptyDir: {} }],
      volumeMounts: [{ name: "extra", mountPath: "/extra" }],
    };
    await stage.apply(agentManifest(still, "shaped", { workspace: { size: "2Gi" }, deployment }));
    const { spec } = await deployed("shaped", 2);
    const [container] = spec.template.spec.containers;
    expect(spec.replicas).toBe(3);
    expect(spec.template.metadata).toMatchObject({ labels: { team: "x" }, annotations: { note: "y" } });
    expect(spec.template.spec).toMatchObject({
      serviceAccountName: "theirs",
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "a", operator: "Exists" }],
    });
    expect(container).toMatchObject({
      command: ["/agent"],
      args: ["--fast"],
      envFrom: [{ configMapRef: { name: "settings" } }],
      readinessProbe: { httpGet: { path: "/health" } },
      resources: { limits: { cpu: "2" } },
    });
    expect(container.volumeMounts).toContainEqual(
      expect.objectContaining({ name: "extra", mountPath: "/extra" }),
    );
    const service = await waitFor("the type of the Service", async () => {
      const found = await stage.object("Service", still, "shaped");
      return found.spec.type === "NodePort" ? found : undefined;
    });
    expect(service.metadata.annotations).toMatchObject({ lb: "z" });
    await waitFor(
      "no account of ours",
      async () => (await stage.object("ServiceAccount", still, "language-agent-shaped")) === undefined,
    );
    expect(await stage.object("Role", still, "language-agent-shaped")).toBeUndefined();

    await stage.apply(agentManifest(still, "shaped", { workspace: { size: "2Gi" } }));
    const after = (await deployed("shaped", 3)).spec;
    expect(JSON.stringify(after)).not.toMatch(/theirs|"ssd"|--fast|settings|"extra"/u);
    expect([after.replicas, after.template.spec.serviceAccountName]).toEqual([1, "language-agent-shaped"]);
  });

  test("a runtime gives what the agent does not say", async () => {
    await stage.apply(
      runtimeManifest(runtime, {
        image: "of-the-runtime:1",
        ports: [{ name: "web", port: 3000 }],
        deployment: {
          env: [
            { name: "FROM", value: "runtime" },
            { name: "BOTH", value: "runtime" },
          ],
          nodeSelector: { a: "b" },
        },
      }),
      agentManifest(still, "ran", {
        image: undefined,
        runtime,
        deployment: { env: [{ name: "BOTH", value: "agent" }] },
      }),
    );
    const { spec } = (await deployed("ran", 1)).spec.template;
    const [container] = spec.containers;
    expect([container.image, container.ports, spec.nodeSelector]).toEqual([
      "of-the-runtime:1",
      [{ name: "web", containerPort: 3000, protocol: "TCP" }],
      { a: "b" },
    ]);
    expect(container.env.filter(({ name }: LiveObject) => /^(FROM|BOTH)$/u.test(name))).toEqual([
      { name: "FROM", value: "runtime" },
      { name: "BOTH", value: "agent" },
    ]);
    await memberCondition(stage, agent("ran"), "RuntimeResolved", {
      status: "True",
      reason: "RuntimeApplied",
    });
  });
});

describe("8-9: life cycle and status", () => {
  test("finalizers, phases, conditions and managedResources of an agent, a tool and a persona", async () => {
    await stage.apply(
      agentManifest(home, "living", {
        models: [{ name: "small" }],
        tools: [{ name: "web" }],
        persona: "warm",
      }),
      toolManifest(home, "web"),
      personaManifest(home, "warm", { tone: "warm" }),
    );
    const { metadata, status } = await ready("living");
    expect(metadata.finalizers).toEqual(["langop.io/finalizer"]);
    expect(status).toMatchObject({ phase: "Running", uuid: metadata.uid, observedGeneration: 1 });
    expect(status.conditions.map(({ type, status: is, reason }: LiveObject) => [type, is, reason])).toEqual([
      ["Ready", "True", "ReconcileSuccess"],
      ["NetworkPolicyReady", "True", "NetworkPolicyReady"],
    ]);
    const named = (resources: readonly LiveObject[]) =>
      resources.map(({ kind, name, namespace }) => `${kind} ${namespace}/${name}`);
    expect(named(status.managedResources)).toEqual([
      `ServiceAccount ${home}/language-agent-living`,
      `Role ${home}/language-agent-living`,
      `RoleBinding ${home}/language-agent-living`,
      `ConfigMap ${home}/living-agent`,
      `NetworkPolicy ${home}/living`,
      `Deployment ${home}/living`,
      `Service ${home}/living`,
    ]);
    const web = await memberCondition(stage, tool("web", home), "Ready", { status: "True" });
    expect(web.metadata.finalizers).toEqual(["langop.io/finalizer"]);
    expect(web.status).toMatchObject({
      phase: "Running",
      endpoint: `http://web.${home}.svc.cluster.local:8080/mcp`,
      replicas: 1,
      readyReplicas: 1,
      updatedReplicas: 1,
    });
    expect(named(web.status.managedResources)).toEqual([
      `NetworkPolicy ${home}/web`,
      `Deployment ${home}/web`,
      `Service ${home}/web`,
    ]);
    const warm = await memberCondition(
      stage,
      { kind: "LanguagePersona", namespace: home, name: "warm" },
      "Ready",
      { status: "True" },
    );
    expect([warm.metadata.finalizers, warm.status.phase]).toEqual([["langop.io/finalizer"], "Ready"]);
  });

  test("Updating while pods are replaced, then Running", async () => {
    const phases = new Set<string>();
    const image = (name: string) =>
      agentManifest(home, "changing", {
        models: [{ name: "small" }],
        image: name,
        deployment: { replicas: 2 },
      });
    await stage.apply(image("agent:test"));
    await ready("changing");
    const slow = {
      readinessProbe: { httpGet: { path: "/health", port: 8080 }, initialDelaySeconds: 1, periodSeconds: 1 },
      replicas: 2,
    };
    await stage.apply(agentManifest(home, "changing", { models: [{ name: "small" }], deployment: slow }));
    const { status } = await waitFor(
      "the roll-out",
      async () => {
        const found = await readMember(stage, agent("changing", home));
        if (found.status.observedGeneration !== 2) return undefined;
        phases.add(found.status.phase);
        // One of before may still be there, and ready, while it ends.
        const isOver = found.status.readyReplicas === 2;
        return isOver && conditionOf(found, "Ready").status === "True" ? found : undefined;
      },
      { capMilliseconds: 60_000 },
    );
    expect([status.phase, phases.has("Updating")]).toEqual(["Running", true]);
    expect(status.activeReplicas).toBe(2);
  });

  test("what somebody deletes comes back, and no pod is replaced for it", async () => {
    const objects = [
      ["Service", "living"],
      ["ConfigMap", "living-agent"],
      ["NetworkPolicy", "living"],
      ["Role", "language-agent-living"],
      ["Secret", "living-gateway-key"],
    ] as const;
    const pods = () =>
      stage.kubelet.pods().filter(({ namespace, name }) => namespace === home && name.startsWith("living"));
    const before = pods();
    for (const [kind, name] of objects) {
      const { metadata } = await stage.object(kind, home, name);
      await kubectl("delete", kind.toLowerCase(), name, "-n", home);
      await waitFor(`${kind} ${name} again`, async () => {
        const found = await stage.object(kind, home, name);
        return found !== undefined && found.metadata.uid !== metadata.uid;
      });
    }
    await ready("living");
    expect(pods()).toEqual(before);
    await waitFor(
      "an answer",
      async () => (await (await stage.agent(home, "living")).ask())[0]?.status === 200,
    );
  });
});

describe("8-10: keys of agents", () => {
  test("sk-langop-<uid>.<signature> in the agent's Secret, which the gateway takes as bearer and as x-api-key", async () => {
    const { metadata } = await ready("living");
    const { data } = await stage.object("Secret", home, "living-gateway-key");
    const key = Buffer.from(data.MODEL_API_KEY, "base64").toString();
    expect(key).toMatch(new RegExp(`^sk-langop-${metadata.uid}\\.[0-9a-f]{32}$`, "u"));
    expect(key).toBe(await stage.agentKey(home, metadata.uid));
    const body = { model: "small-1", max_tokens: 10, messages: [{ role: "user", content: "hi" }] };
    const bearer = await stage.ask(home, "/v1/chat/completions", { key, body });
    const header = await stage.ask(home, "/v1/messages", { key: null, headers: { "x-api-key": key }, body });
    expect([bearer.status, header.status]).toEqual([200, 200]);
  });

  test("where the gateway is told to be open, agents of old that send a placeholder are answered", async () => {
    await stage.apply(clusterOf(home, {}, { "gatewright.dev/agent-keys": "open" }) as Manifest);
    await stage.condition(home, "GatewayOpen", { status: "True" });
    const running = await stage.agent(home, "living");
    await waitFor(
      "the placeholder to be taken",
      async () => (await running.ask({ model: "small-1", key: "sk-langop-proxy" }))[0]?.status === 200,
      { capMilliseconds: 60_000 },
    );
    expect(await running.ask()).toMatchObject([{ status: 200 }]);
    await stage.apply({ ...clusterOf(home, {}), metadata: { name: home, annotations: {} } } as Manifest);
    await waitFor(
      "the placeholder to be refused",
      async () => (await running.ask({ model: "small-1", key: "sk-langop-proxy" }))[0]?.status === 401,
      { capMilliseconds: 60_000 },
    );
  });
});

describe("§7: what documents and code say otherwise", () => {
  const at = (kind: "Ingress" | "HTTPRoute", name = "shown") =>
    stage.object(kind, still, name).catch(() => undefined);

  test("Ingress: that of an agent comes with the domain, whether its ports are exposed or not; the gateway's is opt-in", async () => {
    await stage.apply(
      clusterOf(still, { domain: "ai.example.test" }) as Manifest,
      agentManifest(still, "shown", { ports: [{ name: "http", port: 8080 }] }),
    );
    const { spec } = await waitFor("the Ingress", () => at("Ingress"));
    expect(spec.rules[0].host).toBe("shown.ai.example.test");
    await stage.condition(still, "Ready", { status: "False" });
    expect(await at("Ingress", "gateway")).toBeUndefined();
  });

  test("HTTPRoute: none unless a parent is named; then beside the Ingress, at the same host, and gone with the annotation", async () => {
    const crd = "httproutes.gateway.networking.k8s.io";
    await stage.apply(httpRoutes(crd));
    try {
      await waitFor("the kind to be served", () =>
        stage.read(`/apis/gateway.networking.k8s.io/v1/namespaces/${still}/httproutes`),
      );
      expect(await at("HTTPRoute")).toBeUndefined();
      await stage.apply(
        clusterOf(
          still,
          { domain: "ai.example.test" },
          { "gatewright.dev/gateway-parent": "infra/public" },
        ) as Manifest,
      );
      const { spec } = await waitFor("the HTTPRoute", () => at("HTTPRoute"), { capMilliseconds: 60_000 });
      expect(spec).toMatchObject({
        hostnames: ["shown.ai.example.test"],
        parentRefs: [{ name: "public", namespace: "infra" }],
        rules: [{ backendRefs: [{ name: "shown", port: 8080 }] }],
      });
      expect(await at("Ingress")).toBeDefined();
      await stage.apply({
        ...clusterOf(still, { domain: "ai.example.test" }),
        metadata: { name: still, annotations: {} },
      } as Manifest);
      await waitFor("no HTTPRoute", async () => (await at("HTTPRoute")) === undefined);
    } finally {
      await kubernetes.kubectl(["delete", "crd", crd]);
    }
    await stage.apply(clusterOf(still, {}) as Manifest);
    await waitFor("no Ingress", async () => (await at("Ingress")) === undefined);
  });
});

/** The Gateway API's kind, that takes anything. */
function httpRoutes(name: string): Manifest {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name, annotations: { "api-approved.kubernetes.io": "unapproved, for a test" } },
    spec: {
      group: "gateway.networking.k8s.io",
      scope: "Namespaced",
      names: { kind: "HTTPRoute", plural: "httproutes", singular: "httproute" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  } as Manifest;
}

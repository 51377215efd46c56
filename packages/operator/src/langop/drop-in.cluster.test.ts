import { readFile } from "node:fs/promises";
import {
  clusterOf,
  conditionOf,
  fullSpec,
  type LangopStage,
  type LiveObject,
  type Manifest,
  modelOf,
  namespaceOf,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * The ten behaviours that make a replacement drop-in (langop.md §8), on a real API server with real gateways. Left out:
 * - of 8-2 /v1/responses and /v1/messages: issue 6, with the client APIs.
 * - what concerns agents and tools: agent-drop-in.cluster.test.ts, and what that names; here what a gateway must make of it.
 */

const home = uniqueName("drop");
/** Its objects are looked at; its pods never start. */
const still = uniqueName("still");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: home });
  await stage.apply(clusterOf(home, {}), clusterOf(still, {}));
  for (const name of [home, still]) {
    await waitFor("the namespace", () => stage.read(`/api/v1/namespaces/${name}`));
  }
  await stage.apply(secretOf(home, "keys", { "api-key": "sk-one" }), local("llama", "llama3.2"));
  await stage.ready(home);
});
afterAll(() => stage?.[Symbol.asyncDispose]());

function local(name: string, modelName: string, more: object = {}): Manifest {
  return modelOf(home, name, {
    provider: "openai-compatible",
    modelName,
    endpoint: stage.upstream.url,
    apiKeySecretRef: { name: "keys" },
    ...more,
  }) as Manifest;
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubernetes.kubectl(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** The template's container of a gateway. */
async function container(namespace: string): Promise<LiveObject> {
  const { spec } = await stage.object("Deployment", namespace, "gateway");
  return spec.template.spec.containers[0];
}

/** Changes a cluster and waits until its status speaks of that. */
async function change(name: string, spec: object, annotations = {}): Promise<LiveObject> {
  await stage.apply(clusterOf(name, spec as never, annotations));
  return waitFor("its status", async () => {
    const { metadata, status } = await stage.cluster(name);
    return status?.observedGeneration === metadata.generation ? status : undefined;
  });
}

describe("8-1: identity", () => {
  test("kinds, scopes, short name and columns", async () => {
    const resources = await kubectl("api-resources", "--api-group=langop.io", "--no-headers");
    expect(resources).toMatch(/^languageclusters\s+langop\.io\/v1alpha1\s+false\s+LanguageCluster$/mu);
    expect(resources).toMatch(/^languagemodels\s+lmodel\s+langop\.io\/v1alpha1\s+true\s+LanguageModel$/mu);
    const [clusters] = (await kubectl("get", "languagecluster", home)).split("\n");
    expect(clusters?.split(/\s{2,}/u)).toEqual(["NAME", "PHASE", "GATEWAY", "GATEWAYREADY", "AGE"]);
    const [columns, row] = (await kubectl("get", "lmodel", "-n", home, "llama")).split("\n");
    expect(columns?.split(/\s{2,}/u)).toEqual(["NAME", "PROVIDER", "MODEL", "PHASE", "AGE"]);
    expect(row).toMatch(/^llama\s+openai-compatible\s+llama3\.2\s+Ready\s/u);
  });

  test("defaults of the dialect, and a cluster that is its namespace", async () => {
    const { spec } = await stage.model(home, "llama");
    expect(spec).toMatchObject({ timeout: "5m", apiKeySecretRef: { name: "keys", key: "api-key" } });
    expect((await stage.cluster(home)).metadata.finalizers).toEqual(["langop.io/finalizer"]);
    expect((await stage.model(home, "llama")).metadata.finalizers).toEqual(["langop.io/finalizer"]);
    const { metadata } = await stage.read(`/api/v1/namespaces/${home}`);
    expect(metadata.labels).toMatchObject({
      "app.kubernetes.io/managed-by": "language-operator",
      "langop.io/cluster": home,
    });
    expect(metadata.ownerReferences).toMatchObject([
      { kind: "LanguageCluster", name: home, controller: true },
    ]);
  });

  test("the fields of all three generations are stored as they were written", async () => {
    const [first, second, third] = [
      {
        provider: "openai",
        modelName: "gpt-4",
        apiKeySecretRef: { name: "keys", namespace: home, key: "api-key" },
        configuration: { maxTokens: 4096, stopSequences: ["END"], additionalParameters: { seed: 7 } },
        rateLimits: { requestsPerMinute: 100, tokensPerMinute: 100_000, concurrentRequests: 10 },
        timeout: "10m",
        retryPolicy: {
          maxAttempts: 5,
          initialBackoff: "500ms",
          maxBackoff: "1m",
          backoffMultiplier: 1.5,
          retryableStatusCodes: [429],
        },
        fallbacks: [{ modelRef: "llama", conditions: ["error"] }],
        loadBalancing: {
          strategy: "latency-based",
          endpoints: [{ url: "https://a.example.test", weight: 1, region: "eu", priority: 1 }],
          healthCheck: {
            enabled: true,
            interval: "20s",
            timeout: "3s",
            unhealthyThreshold: 4,
            healthyThreshold: 1,
          },
        },
        caching: { enabled: true, ttl: "5m", maxSize: 512, backend: "redis" },
        observability: {
          metrics: true,
          tracing: true,
          logging: { level: "debug", logRequests: false, logResponses: true },
        },
        costTracking: { enabled: true, currency: "USD", inputTokenCost: 0.003, outputTokenCost: 0.015 },
        regions: [{ name: "eu", endpoint: "https://eu.example.test", priority: 1, enabled: true }],
        egress: [
          {
            description: "the provider",
            to: { dns: ["api.openai.com"] },
            ports: [{ port: 443, protocol: "TCP" }],
          },
        ],
      },
      { provider: "anthropic", modelName: "claude", endpoint: "https://a.example.test", timeout: "90s" },
      {
        litellmProvider: "groq",
        modelName: "x",
        credentialsSecretRef: { name: "keys" },
        region: "r",
        project: "p",
        location: "l",
        apiVersion: "v",
        params: { top_k: 3, nested: { a: [1] } },
        aliases: ["y"],
        timeout: "5m",
      },
    ];
    for (const spec of [first, second, third]) {
      await stage.apply(
        modelOf(still, "stored", { provider: null, litellmProvider: null, ...spec }) as Manifest,
      );
      expect((await stage.model(still, "stored")).spec).toEqual(spec);
      await kubectl("delete", "lmodel", "-n", still, "stored");
    }
    const flat = [
      { description: "old", to: { cidr: "10.0.0.0/8" }, ports: [{ port: 443, protocol: "TCP" }] },
    ];
    await change(still, {
      networkPolicies: flat,
      gateway: { enabled: false },
      ingress: { tls: { issuerRef: { name: "ca" } } },
    });
    expect((await stage.cluster(still)).spec.networkPolicies).toEqual(flat);
    const { spec } = await stage.object("NetworkPolicy", still, `${still}-agents`);
    expect(spec.egress[2]).toEqual({
      to: [{ ipBlock: { cidr: "10.0.0.0/8" } }],
      ports: [{ port: 443, protocol: "TCP" }],
    });
  });

  test("server-side apply takes the last field out again", async () => {
    // Without a default of spec, what is left is null, which the API server refuses.
    for (const spec of [{ domain: "a.example.test" }, {}]) {
      expect(await stage.send(clusterOf(`${still}-applied`, spec as never))).toEqual({
        accepted: true,
        text: "",
      });
    }
    expect((await stage.cluster(`${still}-applied`)).spec).toEqual({});
  });

  test("the examples that people have apply unchanged", async () => {
    const folder = new URL("../../../../examples/langop/", import.meta.url).pathname;
    for (const file of ["agents", "cluster", "models", "secrets"]) {
      const input = (await readFile(`${folder}${file}.yaml`, "utf8")).replaceAll(/\bresearch\b/gu, still);
      const { code, stderr } = await kubernetes.kubectl(["apply", "--dry-run=server", "-f", "-"], { input });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining("unknown field")]);
    }
  });
});

describe("8-2: the endpoint", () => {
  test("Service gateway, 8000 to 4000, as the status says", async () => {
    const { spec } = await stage.object("Service", home, "gateway");
    expect([spec.type, spec.ports]).toMatchObject([
      "ClusterIP",
      [{ name: "http", port: 8000, targetPort: 4000 }],
    ]);
    expect((await stage.cluster(home)).status.gatewayEndpoint).toBe(
      `http://gateway.${home}.svc.cluster.local:8000`,
    );
    const pods = await stage.read(
      `/api/v1/namespaces/${home}/pods?labelSelector=${encodeURIComponent(
        Object.entries(spec.selector)
          .map(([key, value]) => `${key}=${value}`)
          .join(),
      )}`,
    );
    expect(pods.items).toHaveLength(1);
  });

  test("answers, streams and the list of models, by modelName", async () => {
    expect(await stage.chat(home, "llama3.2")).toMatchObject({
      status: 200,
      text: expect.stringContaining("llama3.2"),
    });
    const stream = await stage.ask(home, "/v1/chat/completions", {
      body: { model: "llama3.2", stream: true, messages: [{ role: "user", content: "hi" }] },
    });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    expect(await stream.text()).toMatch(/data: \[DONE\]\s*$/u);
    const { data } = (await (await stage.ask(home, "/v1/models")).json()) as LiveObject;
    expect(data.map(({ id }: LiveObject) => id)).toContain("llama3.2");
  });

  test("any bearer is accepted where agent keys are off, and none is needed", async () => {
    await change(home, {}, { "gatewright.dev/agent-keys": "open" });
    await waitFor(
      "an open gateway",
      async () => (await stage.chat(home, "llama3.2", "anything")).status === 200,
    );
    const body = { model: "llama3.2", messages: [{ role: "user", content: "hi" }] };
    expect((await stage.ask(home, "/v1/chat/completions", { key: null, body })).status).toBe(200);
    await change(home, {});
    await waitFor(
      "a closed gateway",
      async () => (await stage.chat(home, "llama3.2", "anything")).status === 401,
    );
  });
});

describe("8-3: the files", () => {
  test("gateway-config has model__<name>.json for each model: its spec, as it is stored", async () => {
    const { data } = await waitFor("the models", async () =>
      stage.object("ConfigMap", home, "gateway-config"),
    );
    expect(Object.keys(data).sort()).toEqual(["config.yaml", "model__llama.json", "runtime.json"]);
    expect(JSON.parse(data["model__llama.json"])).toEqual((await stage.model(home, "llama")).spec);
  });

  test("engine litellm finds Secrets under /etc/secrets/<secret>/<key>, all optional, two colliding names apart", async () => {
    await stage.apply(
      modelOf(still, "a", {
        provider: "openai",
        modelName: "a",
        apiKeySecretRef: { name: "team.keys", key: "one" },
      }) as Manifest,
      modelOf(still, "b", {
        provider: "anthropic",
        modelName: "b",
        apiKeySecretRef: { name: "team-keys" },
      }) as Manifest,
    );
    await change(still, {}, { "gatewright.dev/engine": "litellm" });
    const { spec } = await waitFor("the mounts", async () => {
      const found = await stage.object("Deployment", still, "gateway");
      return found?.spec.template.spec.volumes.length === 3 ? found : undefined;
    });
    const { containers, volumes } = spec.template.spec;
    expect(
      containers[0].volumeMounts.map(({ mountPath, readOnly }: LiveObject) => [mountPath, readOnly]),
    ).toEqual([
      ["/etc/langop/models", true],
      ["/etc/secrets/team-keys", true],
      ["/etc/secrets/team.keys", true],
    ]);
    expect(volumes.map(({ secret }: LiveObject) => secret).filter(Boolean)).toMatchObject([
      { secretName: "team-keys", optional: true, items: [{ key: "api-key", path: "api-key" }] },
      { secretName: "team.keys", optional: true, items: [{ key: "one", path: "one" }] },
    ]);
    expect(new Set(volumes.map(({ name }: LiveObject) => name)).size).toBe(3);
    expect(containers[0]).toMatchObject({
      image: "litellm:test",
      args: ["--config", "/etc/langop/models/config.yaml", "--port", "4000"],
    });
    await kubectl("delete", "lmodel", "-n", still, "a", "b");
    await change(still, {});
  });

  test("a model outside of any cluster gets model.json and a gateway of its own on both ports", async () => {
    const alone = `${home}-alone`;
    await stage.apply(namespaceOf(alone) as Manifest);
    await stage.apply(
      secretOf(alone, "keys", { "api-key": "sk-alone" }),
      modelOf(alone, "solo", {
        provider: "openai-compatible",
        modelName: "solo-model",
        endpoint: `${stage.upstream.url}/v1`,
        apiKeySecretRef: { name: "keys" },
      }) as Manifest,
    );
    await stage.condition(`${alone}/solo`, "ConfigServed", { status: "True" });
    const { data } = await stage.object("ConfigMap", alone, "solo-model");
    expect(JSON.parse(data["model.json"])).toEqual((await stage.model(alone, "solo")).spec);
    const { spec } = await stage.object("Service", alone, "solo");
    expect(spec.ports.map(({ name, port, targetPort }: LiveObject) => [name, port, targetPort])).toEqual([
      ["http", 8000, 4000],
      ["direct", 4000, 4000],
    ]);
    expect(await stage.chat(alone, "solo-model", "any")).toMatchObject({ status: 200 });
    expect(stage.upstream.requests.at(-1)?.key).toBe("sk-alone");
    await stage.condition(`${alone}/solo`, "GatewayOpen", { reason: "StandaloneGateway" });
    await kubectl("delete", "namespace", alone, "--wait=false");
  });

  test("prefixes, /v1, the key of servers that need none, and durations", async () => {
    const plain = (provider: string, endpoint?: string) => ({
      provider,
      modelName: provider,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    const rows = [
      [plain("openai"), "model: openai\n"],
      [plain("anthropic"), "model: anthropic/anthropic\n"],
      [plain("gemini"), "model: gemini/gemini\n"],
      [plain("azure", "https://a.example.test/"), "model: azure/azure\n"],
      [plain("bedrock"), "model: bedrock/bedrock\n"],
      [plain("vertex"), "model: vertex_ai/vertex\n"],
      [plain("openai-compatible", "http://a/"), "api_base: http://a/v1\n"],
      [plain("custom", "http://b/v1/"), "api_base: http://b/v1\n"],
      [{ litellmProvider: "groq", modelName: "groq/x", timeout: "1h" }, "model: groq/x\n"],
    ] as const;
    await stage.apply(
      ...rows.map(([spec], index) => modelOf(still, `m${index}`, { timeout: "250ms", ...spec }) as Manifest),
    );
    const text = await waitFor("all of them", async () => {
      const found = await stage.document(still);
      return rows.every((_, index) => found.includes(`id: m${index}\n`)) ? found : undefined;
    });
    for (const [, line] of rows) expect(text).toContain(line);
    expect(text.match(/api_key: sk-local-dummy-key/gu)).toHaveLength(2);
    expect(text.match(/^ {6}timeout: 0\.25$/gmu)).toHaveLength(8);
    expect(text).toContain("timeout: 3600\n");
    await kubectl("delete", "lmodel", "-n", still, "--all");
  });
});

test("8-4: what agents are given works: a signed key as bearer or x-api-key, and every name of LLM_MODEL", async () => {
  const key = await stage.agentKey(home, "9f8221e3-a8ce-47c0-9e31-4afeb62657df");
  const body = { model: "llama3.2", messages: [{ role: "user", content: "hi" }] };
  for (const headers of [{ authorization: `Bearer ${key}` }, { "x-api-key": key }]) {
    expect((await stage.ask(home, "/v1/chat/completions", { key: null, headers, body })).status).toBe(200);
  }
  // The signature is bound to the agent: nobody becomes another by changing the id.
  expect(await stage.chat(home, "llama3.2", key.replace("9f82", "9f83"))).toMatchObject({ status: 401 });
  const secret = await stage.object("Secret", home, "gateway-auth");
  expect(Buffer.from(secret.data["hmac-secret"], "base64").toString()).toMatch(/^[0-9a-f]{64}$/u);
});

describe("8-5: changes arrive", () => {
  test("a model added, edited and deleted, and a key rotated, reach clients with no restart", async () => {
    const pod = await stage.gateway(home);
    await stage.apply(local("second", "before"));
    await waitFor("the added one", async () => (await stage.chat(home, "before")).status === 200);
    await stage.apply(local("second", "after", { aliases: ["nick"] }));
    await waitFor("the edited one", async () => (await stage.chat(home, "nick")).status === 200);
    expect(stage.upstream.requests.at(-1)?.model).toBe("after");
    expect((await stage.chat(home, "before")).status).toBe(400);
    await stage.apply(secretOf(home, "keys", { "api-key": "sk-two" }));
    await waitFor("the new key", async () => {
      await stage.chat(home, "after");
      return stage.upstream.requests.at(-1)?.key === "sk-two";
    });
    await kubectl("delete", "lmodel", "-n", home, "second");
    await waitFor("the deleted one gone", async () => (await stage.chat(home, "after")).status === 400);
    expect((await stage.gateway(home)).containers).toEqual(pod.containers);
    const { message } = await stage.condition(home, "ConfigServed", { status: "True" });
    expect(message).toMatch(/^1 of 1 pods serve sha256:[0-9a-f]{64}$/u);
  });
});

describe("8-6: the Deployment", () => {
  test("names, labels, selector, ports, probes and strategy", async () => {
    const { metadata, spec } = await stage.object("Deployment", home, "gateway");
    const selector = {
      "app.kubernetes.io/name": "language-operator",
      "app.kubernetes.io/managed-by": "language-operator",
      "app.kubernetes.io/part-of": "langop",
      "langop.io/kind": "gateway",
      "app.kubernetes.io/component": "gateway",
      "langop.io/cluster": home,
    };
    expect(metadata.labels).toMatchObject(selector);
    expect(spec.selector).toEqual({ matchLabels: selector });
    expect(spec.strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
    expect(spec.template.spec.serviceAccountName).toBe("gateway");
    expect(await container(home)).toMatchObject({
      name: "gateway",
      ports: [{ name: "http", containerPort: 4000 }],
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } },
      livenessProbe: { httpGet: { path: "/health/liveliness", port: 4000 } },
      readinessProbe: { httpGet: { path: "/health/readiness", port: 4000 } },
    });
  });

  test("every override of gateway.deployment arrives, and goes again when it is taken out", async () => {
    const [template] = [(await stage.object("Deployment", still, "gateway")).spec.template];
    const probe = { tcpSocket: { port: 4000 }, periodSeconds: 7 };
    const deployment = {
      replicas: 3,
      imagePullPolicy: "Always",
      imagePullSecrets: [{ name: "registry" }],
      env: [
        { name: "A", value: "1" },
        { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: true } } },
      ],
      envFrom: [{ prefix: "P_", configMapRef: { name: "c", optional: true } }],
      resources: { requests: { cpu: "250m" } },
      nodeSelector: { disk: "fast" },
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [{ key: "zone", operator: "Exists" }] } },
          ],
        },
      },
      tolerations: [{ key: "gateways", operator: "Exists" }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
      serviceAccountAnnotations: { "iam.example.test/role": "gateway" },
      roleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      securityContext: { runAsUser: 1000, runAsNonRoot: true },
      volumes: [{ name: "own", emptyDir: {} }],
      volumeMounts: [{ name: "own", mountPath: "/own" }],
      podAnnotations: { "example.test/a": "1" },
      podLabels: { team: "research" },
      initContainers: [{ name: "wait", image: "busybox:1" }],
      livenessProbe: probe,
      readinessProbe: probe,
      startupProbe: probe,
      command: ["/own"],
      args: ["--own"],
      serviceType: "NodePort",
      serviceAnnotations: { "example.test/b": "2" },
    };
    await change(still, { gateway: { deployment } });
    const live = await stage.object("Deployment", still, "gateway");
    const { spec, metadata } = live.spec.template;
    const [gateway] = spec.containers;
    expect(live.spec.replicas).toBe(3);
    expect(gateway).toMatchObject({
      imagePullPolicy: "Always",
      env: deployment.env,
      envFrom: deployment.envFrom,
      resources: { requests: { cpu: "250m" } },
      livenessProbe: probe,
      readinessProbe: probe,
      startupProbe: probe,
      command: ["/own"],
      args: ["--own"],
    });
    expect(gateway.resources.limits).toBeUndefined();
    expect(gateway.volumeMounts.at(-1)).toEqual({ name: "own", mountPath: "/own" });
    expect(spec).toMatchObject({
      imagePullSecrets: deployment.imagePullSecrets,
      nodeSelector: deployment.nodeSelector,
      affinity: deployment.affinity,
      tolerations: deployment.tolerations,
      topologySpreadConstraints: deployment.topologySpreadConstraints,
      securityContext: deployment.securityContext,
      initContainers: [{ name: "wait", image: "busybox:1" }],
      automountServiceAccountToken: true,
    });
    expect([metadata.annotations["example.test/a"], metadata.labels.team]).toEqual(["1", "research"]);
    const service = await stage.object("Service", still, "gateway");
    expect([service.spec.type, service.metadata.annotations["example.test/b"]]).toEqual(["NodePort", "2"]);
    const account = await stage.object("ServiceAccount", still, "gateway");
    expect(account.metadata.annotations).toMatchObject(deployment.serviceAccountAnnotations);
    expect((await stage.object("Role", still, "gateway")).rules).toEqual(deployment.roleRules);
    expect((await stage.object("RoleBinding", still, "gateway")).roleRef.name).toBe("gateway");

    await change(still, {});
    const after = await stage.object("Deployment", still, "gateway");
    expect(after.spec.template).toEqual(template);
    expect((await stage.object("Service", still, "gateway")).spec.type).toBe("ClusterIP");
    for (const kind of ["Role", "RoleBinding"] as const) {
      expect(await stage.object(kind, still, "gateway")).toBeUndefined();
    }
  });

  test("a ServiceAccount of the user's replaces the managed one", async () => {
    await change(still, {
      gateway: {
        deployment: {
          serviceAccountName: "workload",
          roleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
        },
      },
    });
    expect((await stage.object("Deployment", still, "gateway")).spec.template.spec.serviceAccountName).toBe(
      "workload",
    );
    for (const kind of ["ServiceAccount", "Role"] as const) {
      expect(await stage.object(kind, still, "gateway")).toBeUndefined();
    }
    await change(still, {});
    expect(await stage.object("ServiceAccount", still, "gateway")).toBeDefined();
  });

  test("an autoscaler at 80 % CPU keeps the number of pods that there is, and goes when it is switched off", async () => {
    await change(still, { gateway: { deployment: { replicas: 3 } } });
    await change(still, { gateway: { deployment: { autoscaling: { minReplicas: 2, maxReplicas: 5 } } } });
    expect((await stage.object("HorizontalPodAutoscaler", still, "gateway")).spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [{ resource: { name: "cpu", target: { averageUtilization: 80 } } }],
    });
    expect((await stage.object("Deployment", still, "gateway")).spec.replicas).toBe(3);
    // Whoever scales it now is not undone.
    await kubectl("scale", "deployment/gateway", "-n", still, "--replicas=4");
    await change(still, {
      domain: "a.example.test",
      gateway: { deployment: { autoscaling: { minReplicas: 2, maxReplicas: 6 } } },
    });
    expect((await stage.object("Deployment", still, "gateway")).spec.replicas).toBe(4);
    await change(still, {});
    expect(await stage.object("HorizontalPodAutoscaler", still, "gateway")).toBeUndefined();
    expect((await stage.object("Deployment", still, "gateway")).spec.replicas).toBe(1);
  });
});

describe("8-7: network isolation", () => {
  test("the policy of all agents, its default rules and the user's", async () => {
    const port = { port: 443, protocol: "TCP" };
    await change(still, {
      networkPolicies: {
        ingress: [{ from: [{ group: "front" }], ports: [{ port: 8080 }] }],
        egress: [{ to: [{ cidr: "10.0.0.0/8" }, { service: { name: "db" } }], ports: [{ port: 443 }] }],
      },
    });
    const { metadata, spec } = await stage.object("NetworkPolicy", still, `${still}-agents`);
    const namespace = (name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    });
    expect(metadata.labels["app.kubernetes.io/component"]).toBe("agent-network-policy");
    expect(spec).toEqual({
      podSelector: { matchLabels: { "langop.io/cluster": still, "langop.io/kind": "LanguageAgent" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { "langop.io/group": "front" } } }],
          ports: [{ port: 8080, protocol: "TCP" }],
        },
      ],
      egress: [
        { to: [namespace("default")], ports: [port] },
        {
          to: [namespace("kube-system")],
          ports: [
            { port: 53, protocol: "UDP" },
            { port: 53, protocol: "TCP" },
          ],
        },
        { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }, namespace(still)], ports: [port] },
      ],
    });
    await change(still, {});
    expect((await stage.object("NetworkPolicy", still, `${still}-agents`)).spec.policyTypes).toEqual([
      "Egress",
    ]);
  });

  test("nothing selects the gateway's pods", async () => {
    const { items } = await stage.read(`/apis/networking.k8s.io/v1/namespaces/${home}/networkpolicies`);
    expect(items.map(({ spec }: LiveObject) => spec.podSelector.matchLabels["langop.io/kind"])).toEqual([
      "LanguageAgent",
    ]);
  });
});

describe("8-8: capacity", () => {
  test("langop-quota has the dialect's keys, only those that are set, and goes when capacity does", async () => {
    const capacity = {
      maxAgents: 1,
      maxModels: 2,
      maxTools: 3,
      maxPersonas: 4,
      maxCPU: "8",
      maxMemory: "16Gi",
    };
    await change(still, { capacity });
    const quota = await stage.object("ResourceQuota", still, "langop-quota");
    expect(quota.spec.hard).toEqual({
      "count/languageagents.langop.io": "1",
      "count/languagemodels.langop.io": "2",
      "count/languagetools.langop.io": "3",
      "count/languagepersonas.langop.io": "4",
      "limits.cpu": "8",
      "limits.memory": "16Gi",
    });
    expect(quota.metadata.labels["app.kubernetes.io/component"]).toBe("capacity");
    await change(still, { capacity: { maxModels: 7 } });
    expect((await stage.object("ResourceQuota", still, "langop-quota")).spec.hard).toEqual({
      "count/languagemodels.langop.io": "7",
    });
    const status = await change(still, {});
    expect(await stage.object("ResourceQuota", still, "langop-quota")).toBeUndefined();
    expect(status.capacity).toEqual({
      agentCount: 0,
      modelCount: 0,
      toolCount: 0,
      personaCount: 0,
      totalCPULimits: "1",
      totalMemoryLimits: "512Mi",
    });
  });
});

describe("8-9: life and status", () => {
  test("conditions, reasons and managedResources of a cluster that is ready", async () => {
    const { status } = await stage.ready(home);
    expect(status).toMatchObject({ phase: "Ready", gatewayReady: true });
    const told = status.conditions.map(
      ({ type, status: state, reason }: LiveObject) => `${type} ${state} ${reason}`,
    );
    expect(told).toEqual([
      "Ready True ReconcileSuccess",
      "GatewayReady True GatewayReady",
      "NetworkPolicyReady True NetworkPolicyReady",
      "CapacityReady True ReconcileSuccess",
      "ConfigServed True ConfigServed",
    ]);
    expect(conditionOf({ status }, "Ready").message).toBe("LanguageCluster is ready");
    const model = await stage.model(home, "llama");
    expect(model.status).toMatchObject({ phase: "Ready", observedGeneration: model.metadata.generation });
    expect(conditionOf(model, "Ready")).toMatchObject({ status: "True", reason: "ReconcileSuccess" });
    await change(still, fullSpec);
    const { managedResources } = (await stage.cluster(still)).status;
    expect(
      managedResources.map(
        ({ kind, name, namespace = "-", group = "core" }: LiveObject) =>
          `${kind} ${name} ${namespace.replace(still, "in")} ${group}`,
      ),
    ).toEqual([
      `Namespace ${still} - core`,
      "Role agents in rbac.authorization.k8s.io",
      "RoleBinding agents in rbac.authorization.k8s.io",
      `NetworkPolicy ${still}-agents in networking.k8s.io`,
      "ConfigMap gateway-config in core",
      "Deployment gateway in apps",
      "Service gateway in core",
      "ServiceAccount gateway in core",
      "Role gateway in rbac.authorization.k8s.io",
      "RoleBinding gateway in rbac.authorization.k8s.io",
      "Ingress gateway in networking.k8s.io",
      "HorizontalPodAutoscaler gateway in autoscaling",
      "ResourceQuota langop-quota in core",
      "PodDisruptionBudget gateway in policy",
    ]);
    await change(still, {});
  });

  test("a cluster that is deleted drains its members first, then its own namespace goes", async () => {
    const gone = `${still}-gone`;
    await stage.apply(clusterOf(gone, {}));
    await waitFor("the namespace", () => stage.read(`/api/v1/namespaces/${gone}`));
    await stage.apply(modelOf(gone, "held", { provider: "openai", modelName: "x" }) as Manifest);
    await stage.condition(`${gone}/held`, "Ready", { status: "True" });
    const hold = (finalizers: readonly string[]) =>
      kubectl(
        "patch",
        "lmodel",
        "-n",
        gone,
        "held",
        "--type=merge",
        "-p",
        JSON.stringify({ metadata: { finalizers } }),
      );
    await hold(["langop.io/finalizer", "example.test/mine"]);
    await kubectl("delete", "languagecluster", gone, "--wait=false");
    const model = await waitFor("the model on its way out", async () => {
      const found = await stage.model(gone, "held");
      return found?.metadata.deletionTimestamp !== undefined && found.metadata.finalizers.length === 1
        ? found
        : undefined;
    });
    expect(model.metadata.finalizers).toEqual(["example.test/mine"]);
    // Not before its members are gone.
    expect((await stage.read(`/api/v1/namespaces/${gone}`)).metadata.deletionTimestamp).toBeUndefined();
    expect((await stage.cluster(gone)).metadata.deletionTimestamp).toBeDefined();
    await hold([]);
    await waitFor(
      "the cluster and its namespace gone",
      async () => {
        const [cluster, namespace] = [
          await stage.cluster(gone),
          await stage.read(`/api/v1/namespaces/${gone}`),
        ];
        return cluster === undefined && namespace === undefined;
      },
      { capMilliseconds: 60_000 },
    );
  });

  test("a namespace that was there is labelled, not owned", async () => {
    const found = `${still}-found`;
    await stage.apply({
      ...namespaceOf(found),
      metadata: { name: found, labels: { team: "a" } },
    } as Manifest);
    await stage.apply(clusterOf(found, {}));
    const { metadata } = await waitFor("its label", async () => {
      const namespace = await stage.read(`/api/v1/namespaces/${found}`);
      return namespace.metadata.labels["langop.io/cluster"] === found ? namespace : undefined;
    });
    expect([metadata.ownerReferences, metadata.labels.team]).toEqual([undefined, "a"]);
  });
});

describe("8-10: admission and access", () => {
  test("LITELLM_MASTER_KEY gets in beside agents, and LANGOP_GATEWAY_EXTRA_CONFIG is honoured or told", async () => {
    const extra =
      "router_settings: {model_group_alias: {boss: llama3.2}}\nlitellm_settings: {no_such_setting: 1}\n";
    await stage.apply(secretOf(home, "admin", { key: "sk-master" }));
    await change(home, {
      gateway: {
        deployment: {
          env: [
            { name: "LITELLM_MASTER_KEY", valueFrom: { secretKeyRef: { name: "admin", key: "key" } } },
            { name: "LANGOP_GATEWAY_EXTRA_CONFIG", value: extra },
          ],
        },
      },
    });
    await stage.ready(home);
    await waitFor(
      "the rolled gateway",
      async () => (await stage.chat(home, "boss", "sk-master")).status === 200,
      { capMilliseconds: 60_000 },
    );
    expect(await stage.chat(home, "boss")).toMatchObject({ status: 200 });
    expect(await stage.chat(home, "boss", "sk-other")).toMatchObject({ status: 401 });
    const { message } = await stage.condition(home, "Degraded", { status: "True" });
    expect(message).toContain("no_such_setting");
  });

  test("the gateway is published at gateway.<domain> only when that is asked for", async () => {
    await change(still, { domain: "ai.example.test" });
    expect(await stage.object("Ingress", still, "gateway")).toBeUndefined();
    const ingress = { enabled: true, className: "nginx", tls: { secretName: "cert" } };
    await change(still, { domain: "ai.example.test", ingress });
    expect((await stage.object("Ingress", still, "gateway")).spec).toEqual({
      ingressClassName: "nginx",
      rules: [
        {
          host: "gateway.ai.example.test",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "gateway", port: { number: 8000 } } },
              },
            ],
          },
        },
      ],
      tls: [{ hosts: ["gateway.ai.example.test"], secretName: "cert" }],
    });
    await change(still, { domain: "ai.example.test", ingress: { enabled: false } });
    expect(await stage.object("Ingress", still, "gateway")).toBeUndefined();
  });

  // The membership rule, the providers' fields and all refusals: bad-input.cluster.test.ts.
});

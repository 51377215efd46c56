import {
  agentImage,
  agentManifest,
  clusterOf,
  conditionOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  memberCondition,
  modelOf,
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
 * The rows of langop.md §6.2 that concern agents, tools and personas, as weak-points.cluster.test.ts has those of
 * gateways. Elsewhere: 6.2-1 (limits of agents) in agents.cluster.test.ts, 6.2-2 and 6.2-4 (what a change replaces) in
 * agent-changes.cluster.test.ts, 6.2-20 (no Argo) in agent-tasks.cluster.test.ts, of 6.2-16 the drain of a cluster in
 * agent-deletion.cluster.test.ts; 6.2-7, 6.2-8 and 6.2-9 (network) in agent-network.cluster.test.ts.
 */

/** Agents of this cluster run. */
const team = uniqueName("weaker");
/** Pods of namespaces that begin otherwise never start. */
const idle = uniqueName("idle");
const runtime = uniqueName("runtime");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: team, images: { "agent:test": agentImage } });
  await stage.apply(
    namespaceOf(team) as Manifest,
    namespaceOf(idle) as Manifest,
    clusterOf(team, {}) as Manifest,
    clusterOf(idle, {}) as Manifest,
    secretOf(team, "keys", { "api-key": "sk-provider" }) as Manifest,
    model("small", "shared/small"),
    model("large", "vendor/large:1"),
    agentManifest(team, "asking", { models: [{ name: "large" }, { name: "small", role: "fallback" }] }),
  );
  await stage.ready(team);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", team, idle, "--wait=false", "--ignore-not-found"]);
});

function model(name: string, modelName: string): Manifest {
  return upstreamModel(stage, team, name, modelName);
}

const agent = (name: string, namespace = idle) => ({ kind: "LanguageAgent", namespace, name }) as const;
const tool = (name: string, namespace = idle) => ({ kind: "LanguageTool", namespace, name }) as const;
const settled = (name: string) =>
  waitFor(`the status of ${name}`, async () => {
    const found = await readMember(stage, agent(name));
    const speaks = found?.status?.observedGeneration === found?.metadata.generation;
    return speaks && found.status.managedResources !== undefined ? found : undefined;
  });

const container = async (kind: "Deployment", namespace: string, name: string): Promise<LiveObject> =>
  (await stage.object(kind, namespace, name)).spec.template.spec.containers[0];

describe("6.2-3: one bad Secret takes down nobody but who needs it", () => {
  test("an agent whose credential is missing starts all the same, and the others do not notice", async () => {
    const credentials = [{ name: "TOKEN", valueFrom: { name: "nowhere" } }];
    await stage.apply(agentManifest(team, "tokenless", { models: [{ name: "small" }], credentials }));
    await memberCondition(stage, agent("tokenless", team), "Ready", { status: "True" });
    const running = await stage.agent(team, "tokenless");
    expect((await running.environment())["TOKEN"]).toBeUndefined();
    expect(await running.ask()).toMatchObject([{ status: 200 }]);
  });

  test("a model without its key is refused to the agent, by name; its other models answer", async () => {
    await stage.apply(
      modelOf(team, "keyless", {
        provider: "openai-compatible",
        modelName: "keyless-1",
        endpoint: stage.upstream.url,
        apiKeySecretRef: { name: "nowhere" },
      }) as Manifest,
      agentManifest(team, "half", { models: [{ name: "small" }, { name: "keyless" }] }),
    );
    await stage.condition(`${team}/keyless`, "Ready", { reason: "SecretNotFound" });
    await memberCondition(stage, agent("half", team), "Ready", { status: "True" });
    const [whole, broken] = await (await stage.agent(team, "half")).ask();
    expect(whole).toMatchObject({ model: "shared/small", status: 200 });
    expect(broken).toMatchObject({ model: "keyless-1", status: 400 });
    await kubernetes.kubectl(["delete", "lagent/half", "lmodel/keyless", "-n", team]);
  });
});

describe("6.2-5: Ready says what is", () => {
  test("an agent and a tool without a pod that is ready are not", async () => {
    await stage.apply(agentManifest(idle, "waiting"), toolManifest(idle, "waiting-tool"));
    for (const member of [agent("waiting"), tool("waiting-tool")]) {
      const { status } = await memberCondition(stage, member, "Ready", {
        status: "False",
        reason: "PodsNotReady",
      });
      expect(status).toMatchObject({ phase: "Pending", message: "0 of 1 pod is ready." });
    }
    await kubernetes.kubectl(["delete", "lagent/waiting", "ltool/waiting-tool", "-n", idle]);
  });

  test("an object of somebody else's in its place: the condition names it, and it is left alone", async () => {
    const foreign = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "taken", namespace: idle },
      spec: { selector: { app: "shop" }, ports: [{ port: 80 }] },
    };
    await stage.apply(foreign as Manifest, agentManifest(idle, "taken"));
    const { status } = await memberCondition(stage, agent("taken"), "Ready", { reason: "ServiceError" });
    expect(status.message).toContain(`Service ${idle}/taken`);
    expect((await stage.object("Service", idle, "taken")).spec.selector).toEqual({ app: "shop" });
    await kubernetes.kubectl(["delete", "service/taken", "lagent/taken", "-n", idle]);
  });
});

describe("6.2-6: names of models", () => {
  test("LLM_MODEL has the modelNames, in the agent's order; the resources' names are answered, too", async () => {
    await memberCondition(stage, agent("asking", team), "Ready", { status: "True" });
    const running = await stage.agent(team, "asking");
    expect(await running.environment()).toMatchObject({ LLM_MODEL: "vendor/large:1,shared/small" });
    for (const [asked, sent] of [
      ["large", "vendor/large:1"],
      ["small", "shared/small"],
    ] as const) {
      expect(await running.ask({ model: asked })).toMatchObject([{ status: 200 }]);
      expect(stage.upstream.requests.at(-1)?.model).toBe(sent);
      expect(await running.ask({ model: asked, path: "/v1/messages" })).toMatchObject([{ status: 200 }]);
    }
    expect(await running.ask({ model: "neither" })).toMatchObject([{ status: 400 }]);
  });

  test("config.yaml has both: models by their resources' names, with what to ask for", async () => {
    const { models } = await (await stage.agent(team, "asking")).config();
    expect(Object.entries(models).map(([name, { model: called }]: LiveObject) => [name, called])).toEqual([
      ["large", "vendor/large:1"],
      ["small", "shared/small"],
    ]);
  });
});

test("6.2-11: keys and credentials of agents stand in their Secrets and nowhere else", async () => {
  const words = { clear: uniqueName("in-clear"), other: uniqueName("by-reference") };
  await stage.apply(
    secretOf(idle, "theirs", { TOKEN: words.other }) as Manifest,
    agentManifest(idle, "secretive", {
      credentials: [
        { name: "IN_CLEAR", value: words.clear },
        { name: "TOKEN", valueFrom: { name: "theirs" } },
      ],
    }),
  );
  const { metadata } = await settled("secretive");
  const key = await stage.agentKey(idle, metadata.uid);
  const secret = await stage.object("Secret", idle, "secretive-gateway-key");
  expect(Buffer.from(secret.data.MODEL_API_KEY, "base64").toString()).toBe(key);
  const kinds =
    "deployments,replicasets,pods,configmaps,networkpolicies,services,events,serviceaccounts,roles";
  const { stdout } = await kubernetes.kubectl(["get", kinds, "-n", idle, "-o", "json"]);
  const { status } = await readMember(stage, agent("secretive"));
  const said = stdout + JSON.stringify(status) + stage.operator.log.join("");
  expect(said).toContain("secretive");
  for (const word of [key, words.clear, words.other]) {
    expect(said.includes(word), word).toBe(false);
    expect(said.includes(Buffer.from(word).toString("base64")), word).toBe(false);
  }
});

describe("6.2-15: capacity", () => {
  const capacity = async (): Promise<LiveObject> => (await stage.cluster(`${idle}-full`)).status?.capacity;
  const full = `${idle}-full`;
  const limits = (cpu: string, memory: string) => ({ resources: { limits: { cpu, memory } } });
  const sums = async (want: object): Promise<void> => {
    await waitFor(
      `the sums ${JSON.stringify(want)}`,
      async () => {
        const found = await capacity();
        return found !== undefined && Object.entries(want).every(([name, value]) => found[name] === value);
      },
      { detail: () => JSON.stringify(want) },
    ).catch(async (error) => {
      expect(await capacity()).toMatchObject(want);
      throw error;
    });
  };

  test("counts agents, tools and personas, and sums their limits with those of sidecars and the gateway", async () => {
    await stage.apply(
      namespaceOf(full) as Manifest,
      clusterOf(full, { gateway: { deployment: limits("1", "512Mi") } }) as Manifest,
      agentManifest(full, "two", {
        tools: [{ name: "beside" }, { name: "off", enabled: false }],
        deployment: { replicas: 2, ...limits("1500m", "1Gi") },
      }),
      toolManifest(full, "web", { deployment: { replicas: 3, ...limits("250m", "128Mi") } }),
      toolManifest(full, "beside", {
        deploymentMode: "sidecar",
        port: 8085,
        deployment: limits("500m", "256Mi"),
      }),
      toolManifest(full, "off", { deploymentMode: "sidecar", port: 8086, deployment: limits("8", "8Gi") }),
      personaManifest(full, "warm", { tone: "warm" }),
    );
    // The gateway 1; the agent twice 1.5 and its sidecar's 0.5; the tool three times 0.25.
    await sums({
      agentCount: 1,
      toolCount: 3,
      personaCount: 1,
      modelCount: 0,
      totalCPULimits: "5750m",
      totalMemoryLimits: "3456Mi",
    });
  });

  test("follows each change of a tool or persona", async () => {
    await stage.apply(
      toolManifest(full, "beside", {
        deploymentMode: "sidecar",
        port: 8085,
        deployment: limits("1", "256Mi"),
      }),
    );
    await sums({ totalCPULimits: "6750m" });
    await stage.apply(personaManifest(full, "cold", { tone: "cold" }));
    await sums({ personaCount: 2 });
    await kubernetes.kubectl(["delete", "lpersona/warm", "lpersona/cold", "ltool/web", "-n", full]);
    await sums({ personaCount: 0, toolCount: 2, totalCPULimits: "6" });
    await kubernetes.kubectl(["delete", "lagent/two", "ltool/beside", "ltool/off", "-n", full]);
    await sums({ agentCount: 0, toolCount: 0, totalCPULimits: "1", totalMemoryLimits: "512Mi" });
  });

  test("an agent that the quota has no room for says so, and of which LanguageCluster", async () => {
    await stage.apply(
      clusterOf(full, {
        capacity: { maxCPU: "4" },
        gateway: { deployment: limits("1", "512Mi") },
      }) as Manifest,
    );
    await waitFor("the quota", () => stage.read(`/api/v1/namespaces/${full}/resourcequotas/langop-quota`));
    await stage.apply(agentManifest(full, "large", { deployment: limits("4", "1Gi") }));
    const { status } = await memberCondition(stage, agent("large", full), "Ready", {
      reason: "QuotaExceeded",
    });
    expect(status).toMatchObject({
      phase: "Failed",
      message: expect.stringContaining(`LanguageCluster ${full} is used up`),
    });
    await stage.apply(
      agentManifest(full, "limitless", { deployment: { resources: { requests: { cpu: "1m" } } } }),
    );
    const other = await memberCondition(stage, agent("limitless", full), "Ready", {
      reason: "QuotaExceeded",
    });
    expect(other.status.message).toContain("set resources.limits on all containers");
  });

  test("more agents than there may be are refused", async () => {
    await stage.apply(clusterOf(full, { capacity: { maxAgents: 2, maxTools: 0 } }) as Manifest);
    await waitFor("the quota", async () => {
      const quota = await stage.read(`/api/v1/namespaces/${full}/resourcequotas/langop-quota`);
      return (
        quota.status?.used?.["count/languageagents.langop.io"] === "2" &&
        quota.status.hard?.["limits.cpu"] === undefined
      );
    });
    for (const manifest of [agentManifest(full, "third"), toolManifest(full, "first")]) {
      const { accepted, text } = await stage.offer(manifest);
      expect([accepted, text]).toEqual([false, expect.stringContaining("exceeded quota: langop-quota")]);
    }
  });
});

describe("6.2-16: an agent's Ingress", () => {
  const ingress = (): Promise<LiveObject> => stage.object("Ingress", idle, "public");
  const hostsOf = async (): Promise<readonly string[]> =>
    (await ingress())?.spec.rules.map(({ host }: LiveObject) => host) ?? [];

  test("is at <agent>.<domain>, follows the domain, and goes with it; conditions and URL with it", async () => {
    await stage.apply(
      clusterOf(idle, { domain: "ai.example.test" }) as Manifest,
      agentManifest(idle, "public", {
        ports: [
          { name: "admin", port: 9000 },
          { name: "http", port: 8080, expose: true },
        ],
      }),
    );
    const { spec } = await waitFor("the Ingress", ingress);
    expect(spec.rules).toMatchObject([
      {
        host: "public.ai.example.test",
        http: { paths: [{ path: "/", backend: { service: { name: "public", port: { number: 8080 } } } }] },
      },
    ]);
    const waiting = await memberCondition(stage, agent("public"), "WebhookRouteReady", {
      status: "False",
      reason: "Pending",
    });
    expect([waiting.status.webhookURLs, conditionOf(waiting, "WebhookRouteCreated").status]).toEqual([
      undefined,
      "True",
    ]);

    const address = { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } };
    const path = `/apis/networking.k8s.io/v1/namespaces/${idle}/ingresses/public/status`;
    expect((await kubernetes.api("PATCH", path, address)).status).toBe(200);
    const published = await memberCondition(stage, agent("public"), "WebhookRouteReady", { status: "True" });
    expect(published.status.webhookURLs).toEqual(["http://public.ai.example.test"]);

    await stage.apply(clusterOf(idle, { domain: "other.example.test" }) as Manifest);
    await waitFor("the other host", async () => String(await hostsOf()) === "public.other.example.test");
    await stage.apply(clusterOf(idle, {}) as Manifest);
    await waitFor("no Ingress", async () => (await ingress()) === undefined);
    await memberCondition(stage, agent("public"), "WebhookRouteCreated", undefined);
    const { status } = await memberCondition(stage, agent("public"), "WebhookRouteReady", undefined);
    expect(status.webhookURLs).toBeUndefined();
    expect(status.managedResources.map(({ kind }: LiveObject) => kind)).not.toContain("Ingress");
  });

  test("one of somebody else's under its name is left alone, and told", async () => {
    await stage.apply(
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { name: "public", namespace: idle },
        spec: { defaultBackend: { service: { name: "shop", port: { number: 80 } } } },
      } as Manifest,
      clusterOf(idle, { domain: "ai.example.test" }) as Manifest,
    );
    await memberCondition(stage, agent("public"), "WebhookRouteCreated", {
      status: "False",
      reason: "IngressCreationFailed",
    });
    expect((await ingress()).spec.defaultBackend.service.name).toBe("shop");
    await stage.apply(clusterOf(idle, {}) as Manifest);
    await memberCondition(stage, agent("public"), "WebhookRouteCreated", undefined);
    expect(await ingress()).toBeDefined();
    await kubernetes.kubectl(["delete", "ingress/public", "lagent/public", "-n", idle]);
  });
});

describe("6.2-17: pods of agents and tools are kept and small", () => {
  test.each([
    ["an agent", (deployment: object) => agentManifest(idle, "many", { deployment })],
    ["a tool", (deployment: object) => toolManifest(idle, "many", { deployment })],
  ] as const)("several pods of %s are kept while nodes are drained, one is not", async (_, manifest) => {
    const budget = () => stage.object("PodDisruptionBudget", idle, "many");
    const scaler = () => stage.object("HorizontalPodAutoscaler", idle, "many");
    await stage.apply(manifest({ replicas: 2 }));
    const { spec } = await waitFor("the budget", budget);
    const { matchLabels } = (await stage.object("Deployment", idle, "many")).spec.selector;
    expect(spec).toMatchObject({ maxUnavailable: 1, selector: { matchLabels } });
    await stage.apply(manifest({ autoscaling: { minReplicas: 2, maxReplicas: 4 } }));
    expect((await waitFor("the autoscaler", scaler)).spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 4,
      scaleTargetRef: { kind: "Deployment", name: "many" },
    });
    expect(await budget()).toBeDefined();
    await stage.apply(manifest({ replicas: 1 }));
    await waitFor("neither", async () => (await budget()) === undefined && (await scaler()) === undefined);
    await kubernetes.kubectl(["delete", manifest({}).kind.toLowerCase(), "many", "-n", idle]);
    await waitFor("it to go", async () => (await stage.object("Deployment", idle, "many")) === undefined);
  });
});

describe("6.2-19: a variable that the user sets too is there once, as the user has it", () => {
  const env = [
    { name: "MODEL_API_KEY", value: "mine" },
    { name: "AGENT_NAME", value: "me" },
    { name: "A", value: "first" },
    { name: "A", value: "last" },
  ];

  test("in an agent's container and in each init container, also when a runtime sets it", async () => {
    await stage.apply(
      runtimeManifest(runtime, {
        deployment: { env: [{ name: "MODEL_ENDPOINT", value: "http://of-the-runtime" }] },
      }),
      agentManifest(idle, "doubled", {
        runtime,
        deployment: {
          env,
          initContainers: [
            { name: "first", image: "busybox:1", env: [{ name: "AGENT_NAME", value: "init" }] },
          ],
        },
      }),
    );
    const { spec } = (await waitFor("the Deployment", () => stage.object("Deployment", idle, "doubled"))).spec
      .template;
    const namesOf = ({ env: all }: LiveObject): readonly string[] => all.map(({ name }: LiveObject) => name);
    const valuesOf = ({ env: all }: LiveObject) =>
      Object.fromEntries(all.map(({ name, value, valueFrom }: LiveObject) => [name, value ?? valueFrom]));
    const [main] = spec.containers;
    const [init] = spec.initContainers;
    for (const each of [main, init]) expect(namesOf(each)).toEqual([...new Set(namesOf(each))]);
    expect(valuesOf(main)).toMatchObject({
      MODEL_API_KEY: "mine",
      AGENT_NAME: "me",
      A: "last",
      MODEL_ENDPOINT: "http://of-the-runtime",
    });
    expect(valuesOf(init)).toMatchObject({
      AGENT_NAME: "init",
      AGENT_NAMESPACE: idle,
      MODEL_API_KEY: { secretKeyRef: { name: "doubled-gateway-key" } },
    });
    // Ours come first, so that the user's may refer to them.
    expect(namesOf(main).indexOf("AGENT_NAMESPACE")).toBeLessThan(namesOf(main).indexOf("A"));
  });

  test("in a tool's container", async () => {
    await stage.apply(toolManifest(idle, "doubled-tool", { deployment: { env: env.slice(2) } }));
    await waitFor("the Deployment", () => stage.object("Deployment", idle, "doubled-tool"));
    const { env: found } = await container("Deployment", idle, "doubled-tool");
    expect(found.filter(({ name }: LiveObject) => name === "A")).toEqual([{ name: "A", value: "last" }]);
  });
});

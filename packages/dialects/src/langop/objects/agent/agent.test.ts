import { Secret } from "@gatewright/litellm";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Installation } from "../../../installation.ts";
import type { Resource } from "../../../resource.ts";
import { languageClusterSpec } from "../../kinds/language-cluster.ts";
import { readAgent } from "../../read/agent.ts";
import { agentObjects } from "./agent.ts";
import { agentKey } from "./secret.ts";

const version = "langop.io/v1alpha1";

function resource(kind: string, name: string, spec: object, more: object = {}): Resource {
  return {
    apiVersion: version,
    kind,
    metadata: { name, namespace: "demo", uid: `uid-${name}`, generation: 3, ...more },
    spec: spec as NonNullable<Resource["spec"]>,
  };
}

const members = {
  models: [
    resource("LanguageModel", "claude", { provider: "anthropic", modelName: "claude-sonnet-4-5" }),
    resource("LanguageModel", "local", {
      provider: "openai-compatible",
      modelName: "llama3.2",
      endpoint: "http://ollama:11434",
    }),
    resource("LanguageModel", "all", { litellmProvider: "openrouter", modelName: "*" }),
  ],
  tools: [
    resource("LanguageTool", "web", { image: "example/web:1" }),
    resource("LanguageTool", "shell", { image: "example/shell:1", deploymentMode: "sidecar", port: 9000 }),
    resource("LanguageTool", "api", { image: "example/api:1", type: "openapi", port: 3000 }),
  ],
  personas: [
    resource("LanguagePersona", "guide", { tone: "warm.", personality: "patient", expertise: "Kubernetes" }),
  ],
  runtimes: [
    resource("LanguageAgentRuntime", "node", {
      image: "example/runtime:1",
      ports: [{ name: "api", port: 3000 }],
      deployment: {
        env: [{ name: "FROM", value: "runtime" }],
        command: ["node"],
        nodeSelector: { disk: "ssd", zone: "a" },
      },
      credentials: [
        { name: "SHARED", value: "of-the-runtime" },
        { name: "OWN", value: "of-the-runtime" },
      ],
    }),
  ],
};

const installation: Installation = {
  image: "gatewright:test",
  litellmImage: "litellm:test",
  networkIsolation: true,
  apis: { cilium: false, gatewayApi: false },
};

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
type Any = any;

function objectsOf(
  spec: object,
  options: { cluster?: object; installation?: Partial<Installation>; ranAs?: string; labels?: object } = {},
) {
  const { agent, findings } = readAgent(
    resource("LanguageAgent", "researcher", spec, { labels: options.labels }),
    members,
  );
  if (agent === undefined) throw new Error(findings.map(({ text }) => text).join());
  const desired = agentObjects({
    agent,
    cluster: resource("LanguageCluster", "demo", options.cluster ?? {}),
    clusterSpec: languageClusterSpec.parse(options.cluster ?? {}),
    installation: { ...installation, ...options.installation },
    addresses: () => undefined,
    ...(options.ranAs === undefined ? {} : { ranAs: options.ranAs }),
  });
  const find = (kind: string, name?: string): Any =>
    desired.objects.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  const workload = find("Deployment") ?? find("Job") ?? find("CronJob");
  const template = workload?.spec.template ?? workload?.spec.jobTemplate?.spec.template;
  const container: Any = template?.spec.containers[0];
  return {
    desired,
    find,
    workload,
    pod: template?.spec as Any,
    podMetadata: template?.metadata as Any,
    container,
    env: new Map<string, Any>(
      (container?.env ?? []).map((one: Any) => [one.name, one.value ?? one.valueFrom]),
    ),
    config: parse(find("ConfigMap", "researcher-agent")?.data["config.yaml"] ?? "{}") as Any,
    findings: [...findings, ...desired.findings],
    codes: [...findings, ...desired.findings].map(({ code }) => code),
  };
}

const image = "example/agent:1";

describe("the environment of an agent (langop.md §2.2)", () => {
  const full = {
    image,
    models: [
      { name: "claude" },
      { name: "local", role: "fallback", priority: 2 },
      { name: "all", model: "x/y" },
    ],
    tools: [
      { name: "web" },
      { name: "shell" },
      { name: "api" },
      { name: "far", url: "https://mcp.example.com/mcp", headers: { "x-team": "a" } },
      { name: "off", enabled: false },
    ],
    persona: "guide",
    instructions: "Spend at most $(BUDGET).",
  };

  test("names the agent, its cluster, the gateway, its models and tools", () => {
    const { env } = objectsOf(full);
    expect(Object.fromEntries([...env].filter(([, value]) => typeof value === "string"))).toEqual({
      AGENT_NAME: "researcher",
      AGENT_NAMESPACE: "demo",
      AGENT_UUID: "uid-researcher",
      AGENT_CLUSTER_NAME: "demo",
      AGENT_CLUSTER_UUID: "uid-demo",
      // The kubelet reads $$( as $(: what is written arrives.
      AGENT_INSTRUCTIONS: "Spend at most $$(BUDGET).",
      AGENT_PERSONA: "Tone: warm. Personality: patient. Expertise: Kubernetes.",
      MODEL_ENDPOINT: "http://gateway.demo.svc.cluster.local:8000",
      LLM_MODEL: "claude-sonnet-4-5,llama3.2,all/x/y",
      MCP_SERVERS:
        "http://web.demo.svc.cluster.local:8080/mcp,http://localhost:9000/mcp,http://api.demo.svc.cluster.local:3000,https://mcp.example.com/mcp",
      AGENT_EXECUTION_MODE: "service",
    });
    expect(env.get("MODEL_API_KEY")).toEqual({
      secretKeyRef: { name: "researcher-gateway-key", key: "MODEL_API_KEY", optional: true },
    });
  });

  test("has no models or tools where there are none, but the gateway (decisions)", () => {
    const { env } = objectsOf({ image });
    expect(env.has("LLM_MODEL")).toBe(false);
    expect(env.has("MCP_SERVERS")).toBe(false);
    expect(env.get("MODEL_ENDPOINT")).toBe("http://gateway.demo.svc.cluster.local:8000");
  });

  test("gives way to the user's own, in containers and init containers", () => {
    const { env, pod } = objectsOf({
      image,
      models: [{ name: "claude" }],
      deployment: {
        env: [{ name: "LLM_MODEL", value: "mine" }],
        initContainers: [
          { name: "first", image, env: [{ name: "MODEL_ENDPOINT", value: "http://elsewhere" }] },
        ],
      },
    });
    expect(env.get("LLM_MODEL")).toBe("mine");
    const first = Object.fromEntries(pod.initContainers[0].env.map((one: Any) => [one.name, one.value]));
    expect(first).toMatchObject({ MODEL_ENDPOINT: "http://elsewhere", LLM_MODEL: "claude-sonnet-4-5" });
    expect(pod.initContainers[0].env.filter(({ name }: Any) => name === "MODEL_ENDPOINT")).toHaveLength(1);
  });

  test("holds what agents of the first generation read, for those alone", () => {
    const { env } = objectsOf({ image, modelRef: "claude", modelRefs: [{ name: "local" }] });
    expect(env.get("LLM_MODEL")).toBe("llama3.2,claude-sonnet-4-5");
    expect(env.get("MODEL_ENDPOINTS")).toBe(
      "http://local.demo.svc.cluster.local:8000,http://claude.demo.svc.cluster.local:8000",
    );
    expect(env.get("OPENAI_API_KEY")).toEqual(env.get("MODEL_API_KEY"));
    expect(objectsOf(full).env.has("OPENAI_API_KEY")).toBe(false);
  });

  test("says where telemetry goes when the operator has a collector", () => {
    const { env, find } = objectsOf(
      { image },
      {
        installation: {
          otlpEndpoint: "http://collector.observability:4317",
          otlpSampler: { name: "traceidratio", argument: "0.1" },
        },
      },
    );
    expect(env.get("OTEL_SERVICE_NAME")).toBe("agent-researcher");
    expect(env.get("OTEL_TRACES_SAMPLER_ARG")).toBe("0.1");
    expect(JSON.stringify(find("NetworkPolicy").spec.egress)).toContain('"observability"');
  });

  test("has credentials by reference only; those in clear lie in the agent's Secret", () => {
    const { env, desired } = objectsOf({
      image,
      credentials: [
        { name: "TOKEN", value: "in-clear-text" },
        { name: "OTHER", valueFrom: { name: "vault" } },
        { name: "THIRD", valueFrom: { name: "vault", key: "third" } },
      ],
    });
    expect(env.get("TOKEN")).toEqual({
      secretKeyRef: { name: "researcher-runtime", key: "TOKEN", optional: true },
    });
    expect(env.get("OTHER").secretKeyRef).toMatchObject({ name: "vault", key: "OTHER" });
    expect(env.get("THIRD").secretKeyRef).toMatchObject({ name: "vault", key: "third" });
    expect(JSON.stringify(desired.objects)).not.toContain("in-clear-text");
    expect(desired.secrets.map(({ name }) => name)).toEqual(["researcher-gateway-key", "researcher-runtime"]);
  });
});

test("/etc/agent/config.yaml has sorted sections and leaves empty ones out (langop.md §2.3)", () => {
  const { config, find, podMetadata } = objectsOf({
    image,
    models: [{ name: "claude", priority: 1 }],
    tools: [{ name: "web" }, { name: "shell" }],
    persona: "guide",
    instructions: "Search.",
  });
  expect(config).toEqual({
    agent: { name: "researcher", namespace: "demo" },
    instructions: "Search.",
    models: {
      claude: {
        role: "primary",
        priority: 1,
        provider: "anthropic",
        model: "claude-sonnet-4-5",
        endpoint: "http://gateway.demo.svc.cluster.local:8000",
      },
    },
    personas: [{ name: "guide", tone: "warm.", personality: "patient", expertise: "Kubernetes" }],
    tools: {
      shell: { endpoint: "http://localhost:9000/mcp", protocol: "mcp" },
      web: { endpoint: "http://web.demo.svc.cluster.local:8080/mcp", protocol: "mcp" },
    },
  });
  const text: string = find("ConfigMap", "researcher-agent").data["config.yaml"];
  expect(Object.keys(parse(text) as object)).toEqual([
    "agent",
    "instructions",
    "models",
    "personas",
    "tools",
  ]);
  expect(podMetadata.annotations["langop.io/config-hash"]).toMatch(/^[0-9a-f]{16}$/u);
  expect(Object.keys(objectsOf({ image }).config)).toEqual(["agent"]);
});

test("what an agent does not use changes nothing of it", () => {
  const before = objectsOf({ image, models: [{ name: "claude" }] }).desired;
  const grown = {
    ...members,
    models: [...members.models, resource("LanguageModel", "new", { provider: "openai", modelName: "new" })],
  };
  const { agent } = readAgent(
    resource("LanguageAgent", "researcher", { image, models: [{ name: "claude" }] }),
    grown,
  );
  const after = agentObjects({
    agent: agent!,
    cluster: resource("LanguageCluster", "demo", {}),
    clusterSpec: {},
    installation,
    addresses: () => undefined,
  });
  expect(after).toEqual(before);
});

describe("the pods of an agent (langop.md §2.4)", () => {
  test("are restricted, write to their workspace and /tmp only, and cannot hold a volume twice", () => {
    const { pod, container, workload, find } = objectsOf({ image });
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 1000,
      fsGroup: 101,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
    expect(container.volumeMounts).toEqual([
      { name: "tmp", mountPath: "/tmp" },
      { name: "agent-config", mountPath: "/etc/agent", readOnly: true },
      { name: "workspace", mountPath: "/workspace" },
    ]);
    expect(container.resources).toEqual({
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { cpu: "1000m", memory: "2Gi" },
    });
    expect(workload.spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 1, maxSurge: 0 });
    expect(find("PersistentVolumeClaim", "researcher-workspace").spec).toEqual({
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "10Gi" } },
    });
    expect(workload.spec.selector.matchLabels).toEqual({
      "app.kubernetes.io/name": "researcher",
      "app.kubernetes.io/managed-by": "language-operator",
      "app.kubernetes.io/part-of": "langop",
      "langop.io/kind": "LanguageAgent",
      "langop.io/component": "agent",
      "langop.io/cluster": "demo",
    });
  });

  test("take what their runtime has and they have not", () => {
    const { container, env, pod, find } = objectsOf({
      runtime: "node",
      deployment: { env: [{ name: "FROM", value: "agent" }], nodeSelector: { zone: "b" } },
      credentials: [{ name: "OWN", valueFrom: { name: "mine" } }],
    });
    expect(container.image).toBe("example/runtime:1");
    expect(container.command).toEqual(["node"]);
    expect(container.ports).toEqual([{ name: "api", containerPort: 3000, protocol: "TCP" }]);
    expect(env.get("FROM")).toBe("agent");
    expect(env.get("OWN").secretKeyRef.name).toBe("mine");
    expect(env.get("SHARED").secretKeyRef.name).toBe("researcher-runtime");
    expect(pod.nodeSelector).toEqual({ disk: "ssd", zone: "b" });
    expect(find("Service").spec.ports).toMatchObject([{ port: 3000, targetPort: 3000 }]);
  });

  test("run sidecar tools beside the agent, before it starts", () => {
    const { pod, codes } = objectsOf({
      image,
      tools: [{ name: "shell" }, { name: "web" }],
      ports: [{ name: "http", port: 9000 }],
    });
    expect(pod.initContainers).toMatchObject([
      { name: "tool-shell", image: "example/shell:1", restartPolicy: "Always" },
    ]);
    expect(codes).toContain("PortConflict");
  });

  test("copy first files with the operator's own image", () => {
    const { pod, find, codes } = objectsOf({
      image,
      workspace: {
        initialFiles: { "notes/a.md": "one", "../b": "out" },
        seedConfigMapRef: { name: "team-files" },
        mountPath: "/home/agent",
      },
    });
    expect(pod.initContainers).toMatchObject([
      {
        name: "workspace-seed",
        image: "gatewright:test",
        args: ["seed", "/etc/agent-seed/0", "/etc/agent-seed/1", "/home/agent"],
      },
    ]);
    expect(find("ConfigMap", "researcher-seed").data).toEqual({ "file-0": "one" });
    expect(pod.volumes).toContainEqual({
      name: "seed-0",
      configMap: { name: "researcher-seed", items: [{ key: "file-0", path: "notes/a.md" }] },
    });
    expect(codes).toContain("FileOutside");
  });

  test("bear the group of their agent, and keep labels that objects depend on", () => {
    const { podMetadata, codes } = objectsOf(
      { image, deployment: { podLabels: { "langop.io/kind": "other", team: "a" } } },
      { labels: { "langop.io/group": "frontend" } },
    );
    expect(podMetadata.labels).toMatchObject({
      "langop.io/group": "frontend",
      "langop.io/kind": "LanguageAgent",
      team: "a",
    });
    expect(codes).toContain("ReservedName");
  });

  test("of more than one replica are kept while nodes are drained; none while suspended", () => {
    const { find } = objectsOf({ image, deployment: { replicas: 2 } });
    expect(find("PodDisruptionBudget")).toBeDefined();
    const scaled = objectsOf({ image, deployment: { autoscaling: { maxReplicas: 3 } } });
    expect(scaled.find("HorizontalPodAutoscaler").spec.scaleTargetRef.name).toBe("researcher");
    expect(scaled.workload.spec.replicas).toBeUndefined();
    const suspended = objectsOf({ image, execution: { suspend: true }, deployment: { replicas: 2 } });
    expect(suspended.workload.spec.replicas).toBe(0);
    expect(suspended.find("PodDisruptionBudget")).toBeUndefined();
  });
});

describe("a task (langop.md §2.1 execution)", () => {
  test("on a schedule is a CronJob, without Service and Ingress", () => {
    const { find, workload } = objectsOf(
      {
        image,
        execution: {
          mode: "task",
          schedule: "0 7 * * *",
          timezone: "Europe/Berlin",
          retryLimit: 2,
          activeDeadlineSeconds: 60,
          ttlSecondsAfterFinished: 30,
        },
      },
      { cluster: { domain: "ai.example.com" } },
    );
    expect(workload).toMatchObject({
      kind: "CronJob",
      spec: {
        schedule: "0 7 * * *",
        timeZone: "Europe/Berlin",
        concurrencyPolicy: "Forbid",
        suspend: false,
        jobTemplate: {
          spec: {
            backoffLimit: 2,
            activeDeadlineSeconds: 60,
            ttlSecondsAfterFinished: 30,
            template: { spec: { restartPolicy: "Never" } },
          },
        },
      },
    });
    expect(find("Service")).toBeUndefined();
    expect(find("Ingress")).toBeUndefined();
    expect(find("NetworkPolicy")).toBeDefined();
  });

  test("without one is a Job of its template: another template is another Job, and none runs twice", () => {
    const one = objectsOf({ image, execution: { mode: "task" } }).workload.metadata.name;
    expect(one).toMatch(/^researcher-[0-9a-f]{8}$/u);
    const other = objectsOf({ image, execution: { mode: "task" }, instructions: "More." }).workload.metadata
      .name;
    expect(other).not.toBe(one);
    const again = objectsOf({ image, execution: { mode: "task" } }, { ranAs: one });
    expect(again.workload).toBeUndefined();
    expect(objectsOf({ image, execution: { mode: "task", suspend: true } }).workload).toBeUndefined();
  });
});

describe("who reaches an agent", () => {
  const peersOf = (rule: Any): string => JSON.stringify(rule.from ?? rule.to ?? "anywhere");

  test("agents and triggers of its namespace, on its ports; a rule with a group replaces all agents (decisions)", () => {
    const plain = objectsOf({ image }).find("NetworkPolicy").spec.ingress;
    expect(plain.map(peersOf)).toEqual([
      '[{"podSelector":{"matchLabels":{"langop.io/component":"trigger"}}}]',
      '[{"podSelector":{"matchLabels":{"langop.io/kind":"LanguageAgent"}}}]',
    ]);
    expect(plain[1].ports).toEqual([{ protocol: "TCP", port: 8080 }]);
    const grouped = objectsOf({ image, networkPolicies: { ingress: [{ from: [{ group: "frontend" }] }] } });
    expect(grouped.find("NetworkPolicy").spec.ingress.map(peersOf)).toEqual([
      '[{"podSelector":{"matchLabels":{"langop.io/component":"trigger"}}}]',
      '[{"podSelector":{"matchLabels":{"langop.io/group":"frontend"}}}]',
    ]);
    const ofCluster = objectsOf(
      { image },
      { cluster: { networkPolicies: { ingress: [{ from: [{ group: "frontend" }] }] } } },
    );
    expect(JSON.stringify(ofCluster.find("NetworkPolicy").spec.ingress)).not.toContain("LanguageAgent");
  });

  test.each([
    { name: "generic", apis: {}, want: ["default", "kube-system"], ranges: false },
    { name: "Cilium", apis: { cilium: true }, want: ["default"], ranges: true },
    { name: "Calico", apis: { calico: true }, want: [], ranges: true },
  ])("finds the API server with $name networking (§2.5 d)", ({ apis, want, ranges }) => {
    const { find } = objectsOf(
      { image },
      {
        installation: {
          apis: { ...installation.apis, ...apis },
          apiServerRanges: ["192.0.2.1/32", "nonsense"],
        },
      },
    );
    const rule = find("NetworkPolicy").spec.egress.find((one: Any) =>
      one.ports?.some(({ port }: Any) => port === 6443),
    );
    const text = JSON.stringify(rule.to);
    for (const namespace of want) expect(text).toContain(`"${namespace}"`);
    expect(text.includes("10.0.0.0/8")).toBe(ranges);
    expect(text).toContain("192.0.2.1/32");
    expect(text).not.toContain("nonsense");
  });

  test("an egress rule whose names have no address opens nothing (§3.5 fails OPEN)", () => {
    const { find, codes } = objectsOf({
      image,
      networkPolicies: { egress: [{ to: [{ dns: ["nowhere.example"] }], ports: [{ port: 443 }] }] },
    });
    const open = find("NetworkPolicy").spec.egress.filter(({ to }: Any) => to === undefined);
    expect(open).toEqual([]);
    expect(codes).toContain("NameNotResolvedYet");
  });

  test("its host under the domain, on the exposed port, with a certificate where one is asked for", () => {
    const { find, desired } = objectsOf(
      {
        image,
        ports: [
          { name: "metrics", port: 9090 },
          { name: "web", port: 8081, expose: true },
        ],
      },
      {
        cluster: { domain: "ai.example.com", ingress: { className: "nginx" } },
        installation: { tlsIssuer: { name: "letsencrypt", kind: "ClusterIssuer" } },
      },
    );
    const ingress = find("Ingress");
    expect(ingress.spec.rules[0].host).toBe("researcher.ai.example.com");
    expect(ingress.spec.rules[0].http.paths[0].backend.service).toEqual({
      name: "researcher",
      port: { number: 8081 },
    });
    expect(ingress.spec.tls).toEqual([
      { hosts: ["researcher.ai.example.com"], secretName: "researcher-tls" },
    ]);
    expect(ingress.metadata.annotations).toEqual({ "cert-manager.io/cluster-issuer": "letsencrypt" });
    expect(desired.url).toBe("https://researcher.ai.example.com");
    expect(objectsOf({ image }).find("Ingress")).toBeUndefined();
  });

  test("people who have signed in, through the proxy alone", () => {
    const { find, pod } = objectsOf(
      { image },
      {
        cluster: { domain: "ai.example.com", auth: { enabled: true, oidc: { dex: {} } } },
        installation: { ingressControllerNamespaces: ["ingress-nginx"] },
      },
    );
    expect(pod.containers.map(({ name }: Any) => name)).toEqual(["agent", "auth-proxy"]);
    expect(find("Ingress").spec.rules[0].http.paths[0].backend.service.port.number).toBe(4180);
    const outside = find("NetworkPolicy").spec.ingress.find((rule: Any) =>
      peersOf(rule).includes("ingress-nginx"),
    );
    expect(outside.ports).toEqual([{ protocol: "TCP", port: 4180 }]);
  });
});

describe("what is missing", () => {
  test("is named, with its field", () => {
    const { findings } = objectsOf({
      image,
      models: [{ name: "claude" }, { name: "gone" }],
      tools: [{ name: "gone" }],
      persona: "gone",
      runtime: "gone",
    });
    expect(
      findings.filter(({ code }) => code === "ReferenceMissing").map(({ origin }) => origin.path),
    ).toEqual(["spec.runtime", "spec.persona", "spec.models[1].name", "spec.tools[0].name"]);
  });

  test("an image means that nothing is deployed (decisions)", () => {
    const { desired, codes } = objectsOf({});
    expect(desired.objects).toEqual([]);
    expect(desired.absent).toEqual([]);
    expect(codes).toContain("ImageMissing");
  });
});

test("agent keys are those of the dialect (langop.md §3.4, our computed vector)", () => {
  const key = agentKey("9f8221e3-a8ce-47c0-9e31-4afeb62657df", new Secret("s3cret"));
  expect(key.reveal()).toBe(
    "sk-langop-9f8221e3-a8ce-47c0-9e31-4afeb62657df.1361c4bcbc816c4f489be696528d24ed",
  );
});

test("an agent that may change itself may say so at the API server; none reads Secrets", () => {
  const rules = (spec: object): string =>
    JSON.stringify(objectsOf({ image, ...spec }).find("Role", "language-agent-researcher").rules);
  expect(rules({ selfConfigure: { enabled: true } })).toContain("languageagentselfconfigs");
  expect(rules({})).not.toContain("languageagentselfconfigs");
  expect(rules({})).not.toContain("secrets");
  expect(objectsOf({ image, deployment: { serviceAccountName: "mine" } }).find("Role")).toBeUndefined();
});

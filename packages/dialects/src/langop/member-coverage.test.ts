import type { JsonObject } from "@gatewright/plan";
import { editedLeaf, schemaLeaves, undescribedFields } from "@gatewright/testkit";
import { describe, expect, test } from "vitest";
import type { Installation } from "../installation.ts";
import type { Kind } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { languageAgent } from "./kinds/language-agent.ts";
import { languageAgentRuntime } from "./kinds/language-agent-runtime.ts";
import { languagePersona } from "./kinds/language-persona.ts";
import { languageTool } from "./kinds/language-tool.ts";
import { langop } from "./langop.ts";

const noClone = "no repository is cloned; the block as a whole is a finding (read/agent.ts)";

/** Leaves that change nothing of what stands in a cluster, with the reason. */
const declined: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LanguageAgent: {
    "repository.url": noClone,
    "repository.ref": noClone,
    "repository.path": noClone,
    "repository.depth": noClone,
    "repository.secretRef.name": noClone,
    "selfConfigure.allowedActions[]": "decides about requests of the agent (read/self-config.ts)",
  },
  LanguageAgentRuntime: {},
  LanguagePersona: {},
  LanguageTool: { "egress[].description": "for people" },
};

/** A block as agents, tools and runtimes have it, at values that are no defaults. */
const deployment = {
  replicas: 2,
  imagePullPolicy: "Always",
  imagePullSecrets: [{ name: "registry" }],
  env: [
    { name: "A", value: "1" },
    { name: "B", valueFrom: { secretKeyRef: { name: "keys", key: "b", optional: true } } },
    { name: "C", valueFrom: { configMapKeyRef: { name: "map", key: "c", optional: true } } },
    { name: "D", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "E", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
  ],
  envFrom: [
    { prefix: "P_", configMapRef: { name: "map", optional: true } },
    { prefix: "Q_", secretRef: { name: "keys", optional: true } },
  ],
  resources: { requests: { cpu: "2" } },
  nodeSelector: { disk: "ssd" },
  affinity: { podAffinity: {} },
  tolerations: [{ key: "gpu" }],
  topologySpreadConstraints: [{ maxSkew: 1 }],
  serviceAccountAnnotations: { "eks.amazonaws.com/role-arn": "arn" },
  roleRules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
  securityContext: { runAsUser: 7 },
  volumeMounts: [{ name: "more", mountPath: "/more" }],
  volumes: [{ name: "more", emptyDir: {} }],
  podAnnotations: { team: "a" },
  podLabels: { team: "a" },
  initContainers: [{ name: "first", image: "example/first:1" }],
  livenessProbe: { tcpSocket: { port: 1 } },
  readinessProbe: { tcpSocket: { port: 2 } },
  startupProbe: { tcpSocket: { port: 3 } },
  command: ["run"],
  args: ["--fast"],
  serviceType: "NodePort",
  serviceAnnotations: { team: "a" },
};
const scaled = { autoscaling: { minReplicas: 3, maxReplicas: 4, metrics: [{ type: "Resource" }] } };
const networkPolicies = {
  ingress: [{ from: [{ service: { name: "caller", namespace: "elsewhere" } }], ports: [{ port: 9 }] }],
  egress: [
    {
      to: [
        {
          group: "writers",
          cidr: "192.0.2.0/24",
          dns: ["example.com"],
          namespaceSelector: { matchLabels: { team: "a" } },
          podSelector: { matchLabels: { app: "a" } },
        },
      ],
      ports: [{ port: 443, protocol: "UDP" }],
    },
  ],
};

/** Specs that together have every leaf. */
const samples: Readonly<Record<string, readonly JsonObject[]>> = {
  LanguageAgent: [
    {
      image: "example/agent:1",
      runtime: "node",
      models: [
        { name: "claude", role: "reasoning", priority: 2 },
        { name: "all", model: "x/y" },
      ],
      modelRefs: [
        { name: "local", role: "fallback", priority: 3 },
        { name: "all", model: "x/z" },
      ],
      tools: [
        { name: "web", enabled: false },
        { name: "far", url: "https://mcp.example.com", headers: { "x-team": "a" } },
      ],
      persona: "guide",
      instructions: "Do it.",
      workspace: {
        size: "1Gi",
        storageClassName: "fast",
        accessMode: "ReadWriteMany",
        mountPath: "/work",
        retain: true,
        initialFiles: { "a.txt": "a" },
        seedConfigMapRef: { name: "seed" },
      },
      networkPolicies,
      ports: [
        { name: "first", port: 81 },
        { name: "api", port: 82, protocol: "UDP", expose: true },
      ],
      deployment,
      credentials: [
        { name: "CLEAR", value: "x" },
        { name: "REFERRED", valueFrom: { name: "keys", key: "k" } },
      ],
      selfConfigure: { enabled: true, allowedActions: ["tools"] },
      monitoring: { serviceMonitor: { enabled: true }, rules: { enabled: true } },
      repository: {
        url: "https://git.example.com/a.git",
        ref: "main",
        path: "src",
        depth: 1,
        secretRef: { name: "git" },
      },
    },
    { image: "example/agent:1", modelRef: "claude", workspace: { enabled: false }, deployment: scaled },
    { image: "example/agent:1", modelRef: { name: "claude" }, deployment: { serviceAccountName: "mine" } },
    {
      image: "example/agent:1",
      execution: {
        mode: "task",
        schedule: "0 * * * *",
        timezone: "Europe/Berlin",
        activeDeadlineSeconds: 60,
        ttlSecondsAfterFinished: 60,
        concurrencyPolicy: "Allow",
        suspend: true,
        retryLimit: 2,
      },
    },
  ],
  LanguageTool: [
    {
      image: "example/tool:1",
      type: "openapi",
      port: 9000,
      deployment,
      networkPolicies,
      egress: [
        {
          description: "out",
          to: [{ dns: ["example.org"] }, { cidr: "198.51.100.0/24" }],
          ports: [{ port: 22, protocol: "UDP" }],
        },
      ],
      replicas: 3,
    },
    { image: "example/tool:1", deploymentMode: "sidecar", replicas: 3 },
    { image: "example/tool:1", replicas: 3 },
    { image: "example/tool:1", deployment: { serviceAccountName: "mine" } },
    { image: "example/tool:1", deployment: scaled },
  ],
  LanguagePersona: [{ tone: "warm", personality: "patient", expertise: "Kubernetes" }],
  LanguageAgentRuntime: [
    {
      image: "example/runtime:1",
      ports: [
        { name: "first", port: 81 },
        { name: "api", port: 82, protocol: "UDP", expose: true },
      ],
      deployment,
      credentials: [
        { name: "CLEAR", value: "x" },
        { name: "REFERRED", valueFrom: { name: "keys", key: "k" } },
      ],
      auth: { enabled: false },
    },
    { image: "example/runtime:1", deployment: scaled },
    { image: "example/runtime:1", deployment: { serviceAccountName: "mine" } },
  ],
};

const installation: Installation = {
  image: "gatewright:test",
  litellmImage: "litellm:test",
  networkIsolation: true,
  apis: { cilium: true, gatewayApi: true },
};

const namespace = "demo";
const resource = (kind: string, name: string, spec: object): Resource => ({
  apiVersion: "langop.io/v1alpha1",
  kind,
  metadata: {
    name,
    uid: `uid-${name}`,
    ...(kind === "LanguageCluster" || kind === "LanguageAgentRuntime" ? {} : { namespace }),
  },
  spec: spec as JsonObject,
});
const surrounding = [
  resource("LanguageCluster", namespace, {
    domain: "ai.example.com",
    auth: {
      enabled: true,
      oidc: { externalIssuerURL: "https://id.example.com", clientID: "a", clientSecretRef: { name: "id" } },
    },
  }),
  resource("LanguageModel", "claude", { provider: "anthropic", modelName: "claude-sonnet-4-5" }),
  resource("LanguageModel", "local", { provider: "openai", modelName: "gpt-4" }),
  resource("LanguageModel", "all", { litellmProvider: "openrouter", modelName: "*" }),
  resource("LanguageTool", "web", { image: "example/web:1" }),
  resource("LanguagePersona", "guide", { tone: "warm" }),
  resource("LanguageAgentRuntime", "node", { deployment: { podAnnotations: { runtime: "node" } } }),
];
/** The agent that has the sample of another kind. */
const holders: Readonly<Record<string, object>> = {
  LanguageTool: { image: "example/agent:1", tools: [{ name: "sample" }] },
  LanguagePersona: { image: "example/agent:1", persona: "sample" },
  LanguageAgentRuntime: { runtime: "sample" },
};

function outcome(kind: string, spec: JsonObject): string {
  const holder = holders[kind];
  const resources = [
    ...surrounding,
    resource(kind, "sample", spec),
    ...(holder === undefined ? [] : [resource("LanguageAgent", "holder", holder)]),
  ];
  const members = langop.members?.({
    resources,
    secretKeys: () => "absent",
    configMap: () => undefined,
  });
  return JSON.stringify(
    members?.map(({ findings, environment, objects }) => [findings, environment, objects?.(installation)]),
  );
}

describe.each([languageAgent, languageTool, languagePersona, languageAgentRuntime] as readonly Kind[])(
  "$kind",
  (kind) => {
    const leaves = schemaLeaves(kind.spec);
    const reasons = declined[kind.kind]!;

    test.each(leaves.filter((leaf) => reasons[leaf] === undefined))("%s has an effect", (leaf) => {
      const having = samples[kind.kind]!.filter((spec) => editedLeaf(spec, leaf, "remove") !== undefined);
      expect(
        having.length,
        "no sample has this field: add it, or decline the field with a reason",
      ).toBeGreaterThan(0);
      const effective = having.some((spec) => {
        const removed = outcome(kind.kind, editedLeaf(spec, leaf, "remove")!);
        // A required field that is gone makes the whole spec invalid, which proves nothing; another text may.
        const other = removed.includes('"InvalidField"')
          ? outcome(kind.kind, editedLeaf(spec, leaf, "change")!)
          : removed;
        return other !== outcome(kind.kind, spec);
      });
      expect(effective, "without the field, or with another text in it, all is the same").toBe(true);
    });

    test("the samples can be read", () => {
      for (const spec of samples[kind.kind]!) {
        expect(outcome(kind.kind, spec).match(/"InvalidField".{0,300}/u)?.[0]).toBeUndefined();
      }
    });

    test("declines only fields that there are", () => {
      for (const leaf of Object.keys(reasons)) expect(leaves).toContain(leaf);
    });

    test("describes every field", () => {
      expect(undescribedFields(kind.spec)).toEqual([]);
    });
  },
);

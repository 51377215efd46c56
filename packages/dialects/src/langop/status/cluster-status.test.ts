import type { Finding, Json } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { languageClusterStatus } from "../kinds/language-cluster-status.ts";
import { type ClusterStatusInput, clusterStatus } from "./cluster-status.ts";
import type { StepResult } from "./intent.ts";

const apiVersion = "langop.io/v1alpha1";
const cluster: Resource = { apiVersion, kind: "LanguageCluster", metadata: { name: "demo", generation: 3 } };
const origin = { apiVersion, kind: "LanguageCluster", name: "demo" };
const allSteps: readonly StepResult[] = [
  { step: "Namespace" },
  { step: "RBAC" },
  { step: "NetworkPolicy" },
  { step: "Gateway" },
  { step: "GatewayIngress" },
  { step: "Capacity" },
];
const served = { digest: "sha256:abc", pods: 2, serving: 2, unreachable: 0 };
const healthy: ClusterStatusInput = {
  cluster,
  desired: {
    objects: [],
    unresolved: [],
    managedResources: [{ kind: "Namespace", name: "demo" }],
  },
  findings: [],
  steps: allSteps,
  networkIsolation: true,
  deployment: { replicas: 2, readyReplicas: 2, available: true },
  served,
  access: { keys: "required", decidedBy: "default" },
  members: { agents: [], tools: [], runtimes: [], models: 1, personas: 0 },
};

/** The status, checked against the schema that the API server will hold it to. */
function statusOf(change: Partial<ClusterStatusInput>) {
  const { phase, conditions, fields } = clusterStatus({ ...healthy, ...change });
  const stamped = conditions.map((condition) => ({
    ...condition,
    lastTransitionTime: "2026-11-21T10:00:00Z",
    observedGeneration: 3,
  }));
  languageClusterStatus.parse({ phase, conditions: stamped, ...fields });
  const by = Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status}/${reason}`]));
  const messages = Object.fromEntries(conditions.map(({ type, message }) => [type, message]));
  return { phase, by, messages, fields, types: conditions.map(({ type }) => type) };
}

function finding(code: string, effect: Finding["effect"], text = `${code} text`): Finding {
  return { code, effect, origin: { ...origin, path: "spec.x" }, text };
}

test("a cluster whose gateway serves is Ready, in the dialect's words", () => {
  const { phase, by, messages, fields } = statusOf({});
  expect(phase).toBe("Ready");
  expect(by).toEqual({
    Ready: "True/ReconcileSuccess",
    GatewayReady: "True/GatewayReady",
    NetworkPolicyReady: "True/NetworkPolicyReady",
    CapacityReady: "True/ReconcileSuccess",
    ConfigServed: "True/ConfigServed",
  });
  expect(messages["Ready"]).toBe("LanguageCluster is ready");
  expect(messages["ConfigServed"]).toBe("2 of 2 pods serve sha256:abc");
  expect(fields).toEqual({
    observedGeneration: 3,
    gatewayEndpoint: "http://gateway.demo.svc.cluster.local:8000",
    gatewayReady: true,
    capacity: {
      agentCount: 0,
      modelCount: 1,
      toolCount: 0,
      personaCount: 0,
      totalCPULimits: "0",
      totalMemoryLimits: "0",
    },
    managedResources: [{ kind: "Namespace", name: "demo" }],
  });
});

describe("a failed step", () => {
  test.each([
    { failed: "Namespace", reason: "NamespaceError", elsewhere: {} },
    { failed: "RBAC", reason: "RBACError", elsewhere: {} },
    { failed: "NetworkPolicy", reason: "NetworkPolicyError", elsewhere: { NetworkPolicyReady: "False" } },
    { failed: "Gateway", reason: "GatewayError", elsewhere: { GatewayReady: "False" } },
    { failed: "GatewayIngress", reason: "GatewayIngressError", elsewhere: { GatewayReady: "False" } },
    { failed: "Capacity", reason: "CapacityError", elsewhere: { CapacityReady: "False" } },
    { failed: "OIDC", reason: "OIDCError", elsewhere: {} },
  ] as const)(
    "$failed: Failed, Ready False/$reason, and no True is kept",
    ({ failed, reason, elsewhere }) => {
      const steps = [...allSteps.filter(({ step }) => step !== failed), { step: failed, error: "why" }];
      const { phase, by, messages } = statusOf({ steps });
      expect(phase).toBe("Failed");
      expect(by["Ready"]).toBe(`False/${reason}`);
      expect(messages["Ready"]).toBe("why");
      for (const [type, status] of Object.entries(elsewhere)) expect(by[type]).toBe(`${status}/${reason}`);
    },
  );

  test("what was not reached keeps the condition and the objects it had", () => {
    const previous = {
      conditions: [
        { type: "CapacityReady", status: "False", reason: "CapacityError", message: "no" },
        { type: "GatewayReady", status: "True", reason: "GatewayReady", message: "was" },
        { type: "NetworkPolicyReady", status: "maybe", reason: 1, message: null },
      ],
      managedResources: [{ kind: "ConfigMap", name: "gateway-config", namespace: "demo" }],
    };
    const { desired: _, ...rest } = healthy;
    const { conditions, fields } = clusterStatus({
      ...rest,
      previous,
      steps: [{ step: "Namespace", error: "why" }],
    });
    expect(conditions.find(({ type }) => type === "CapacityReady")).toEqual(previous.conditions[0]);
    expect(conditions.find(({ type }) => type === "GatewayReady")).toEqual(previous.conditions[1]);
    expect(conditions.map(({ type }) => type)).not.toContain("NetworkPolicyReady");
    expect(fields["managedResources"]).toEqual(previous.managedResources);
  });

  test("a previous status of any shape is survived", () => {
    for (const conditions of [null, 7, "x", [null, 1, { type: "GatewayReady" }], {}]) {
      expect(clusterStatus({ ...healthy, steps: [], previous: { conditions } }).phase).toBe("Ready");
    }
  });
});

describe("the gateway's pods (langop.md §6.2 row 5)", () => {
  test.each([
    {
      name: "not ready: Pending, with numbers",
      deployment: { replicas: 2, readyReplicas: 0, available: false },
      want: "0 of 2 gateway pods are ready.",
    },
    {
      name: "cannot be made: the Deployment's own words",
      deployment: {
        replicas: 1,
        readyReplicas: 0,
        available: false,
        trouble: "exceeded quota: langop-quota",
      },
      want: "0 of 1 gateway pod is ready. exceeded quota: langop-quota",
    },
    {
      name: "scaled to nothing: Available says yes, but nobody serves",
      deployment: { replicas: 0, readyReplicas: 0, available: true },
      want: "The gateway is scaled to 0 pods, so nothing is served.",
    },
  ])("$name", ({ deployment, want }) => {
    const { phase, by, messages, fields } = statusOf({ deployment });
    expect(phase).toBe("Pending");
    expect(by["Ready"]).toBe("False/PodsNotReady");
    expect(by["GatewayReady"]).toBe("False/PodsNotReady");
    expect(messages["Ready"]).toBe(want);
    expect(fields["gatewayReady"]).toBe(false);
  });

  test("never seen: Pending", () => {
    const { deployment: _, ...rest } = healthy;
    expect(clusterStatus(rest).phase).toBe("Pending");
  });

  test("a resource that cannot be used is a failed gateway; a blocked model is not", () => {
    const blocked: Finding = { code: "ClusterInvalid", effect: "blocked", origin, text: "cannot be used" };
    const { phase, by, fields } = statusOf({ findings: [blocked] });
    expect(phase).toBe("Failed");
    expect(by["Ready"]).toBe("False/GatewayError");
    expect(by["GatewayReady"]).toBe("False/GatewayError");
    expect(fields["gatewayReady"]).toBe(false);
    const model = { ...blocked, code: "SecretNotFound", origin: { ...origin, kind: "LanguageModel" } };
    const degraded = statusOf({ findings: [model] });
    expect(degraded.phase).toBe("Ready");
    expect(degraded.by["Degraded"]).toBe("True/SecretNotFound");
  });
});

describe("network policies", () => {
  test("switched off: True/NetworkPolicyDisabled", () => {
    expect(statusOf({ networkIsolation: false }).by["NetworkPolicyReady"]).toBe("True/NetworkPolicyDisabled");
  });

  test("names that do not resolve are told, a long list is cut", () => {
    const desired = { objects: [], managedResources: [], unresolved: ["a.example", "b.example"] };
    const few = statusOf({ desired });
    expect(few.by["NetworkPolicyReady"]).toBe("False/PeerUnresolved");
    expect(few.messages["NetworkPolicyReady"]).toContain("a.example, b.example could not be resolved");
    const names = Array.from({ length: 40 }, (_, index) => `h${index}.example`);
    const many = statusOf({ desired: { ...desired, unresolved: names } });
    expect(many.messages["NetworkPolicyReady"]).toContain("h9.example and 30 more could not");
  });
});

describe("ConfigServed", () => {
  test.each([
    { name: "not known", change: undefined, want: undefined },
    { name: "some are behind", change: { serving: 1 }, want: "False/ConfigPending" },
    { name: "no pods", change: { pods: 0, serving: 0 }, want: "False/ConfigPending" },
    { name: "refused", change: { serving: 1, refusal: "unknown key" }, want: "False/ConfigRefused" },
    { name: "not reachable", change: { serving: 1, unreachable: 1 }, want: "False/NotReachable" },
  ])("$name: $want", ({ change, want }) => {
    const { served: _, ...rest } = healthy;
    const input = change === undefined ? rest : { ...rest, served: { ...served, ...change } };
    const condition = clusterStatus(input).conditions.find(({ type }) => type === "ConfigServed");
    expect(condition && `${condition.status}/${condition.reason}`).toBe(want);
    if (condition !== undefined) expect(condition.message).toMatch(/^\d of \d pods serve sha256:abc\./u);
  });
});

describe("GatewayOpen", () => {
  test.each([
    { keys: "required", decidedBy: "default", want: undefined },
    { keys: "required", decidedBy: "annotation", want: "False/AgentKeysRequired" },
    { keys: "open", decidedBy: "annotation", want: "True/OpenByAnnotation" },
    { keys: "open", decidedBy: "adopted", want: "True/AdoptedOpen" },
    { keys: "open", decidedBy: "engine", want: "True/MasterKeyMissing" },
  ] as const)("$keys by $decidedBy: $want", ({ keys, decidedBy, want }) => {
    expect(statusOf({ access: { keys, decidedBy } }).by["GatewayOpen"]).toBe(want);
  });
});

test("DNSConfigured appears with a result, and names the record to add", () => {
  const host = "test-validation.ai.example.com";
  const missing = statusOf({ dns: { host, resolved: false } });
  expect(missing.by["DNSConfigured"]).toBe("False/WildcardDNSMissing");
  expect(missing.messages["DNSConfigured"]).toContain("*.ai.example.com");
  expect(missing.phase).toBe("Ready");
  expect(statusOf({ dns: { host, resolved: true } }).by["DNSConfigured"]).toBe("True/WildcardDNSReady");
});

test("Degraded is bounded, worst first, in the same order whatever order the findings come in", () => {
  const many = [
    ...Array.from({ length: 300 }, (_, index) =>
      finding("UnknownField", "dropped", `${index} ${"x".repeat(2000)}`),
    ),
    finding("SecretNotFound", "blocked", "The Secret is missing."),
  ];
  const { by, messages } = statusOf({ findings: many });
  expect(by["Degraded"]).toBe("True/SecretNotFound");
  expect(messages["Degraded"]).toMatch(/^The Secret is missing\. .* And 296 more\.$/u);
  expect(messages["Degraded"]?.length).toBeLessThan(2500);
  expect(statusOf({ findings: many.toReversed() }).messages["Degraded"]).toBe(messages["Degraded"]);
  expect(statusOf({ findings: [] }).types).not.toContain("Degraded");
});

test("capacity sums the limits of agents, tools and the gateway's pods (langop.md §6.2 row 15)", () => {
  const limits = (cpu: Json, memory: Json) => ({ resources: { limits: { cpu, memory } } });
  const gateway = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "gateway" },
    spec: {
      template: {
        spec: { containers: [limits("1000m", "512Mi")], initContainers: [limits("2", "1Mi")] },
      },
    },
  };
  const { fields } = statusOf({
    desired: { objects: [gateway], unresolved: [], managedResources: [] },
    members: {
      agents: [
        { spec: { deployment: limits("500m", "1.5Gi") } },
        { spec: { deployment: { replicas: 2, ...limits(1, "512Mi") } } },
        { spec: { deployment: limits("many", ["1Gi"]) } },
        // What an agent may use that does not say.
        { spec: { deployment: null } },
        { spec: { execution: { suspend: true } } },
        { spec: { deployment: limits("1", "1Mi"), tools: [{ name: "beside" }, { name: "alone" }] } },
        // Of its runtime: the limits, not the number of pods.
        { spec: { runtime: "large", deployment: { replicas: 3 } } },
        { spec: { runtime: "gone" } },
      ],
      runtimes: [
        { metadata: { name: "large" }, spec: { deployment: { replicas: 9, ...limits("3", "4Gi") } } },
      ],
      tools: [
        { metadata: { name: "alone" }, spec: { deployment: limits("250m", "128Mi") } },
        {
          metadata: { name: "beside" },
          spec: { deploymentMode: "sidecar", deployment: limits("100m", "1Mi") },
        },
      ],
      models: 4,
      personas: 5,
    },
  });
  expect(fields["capacity"]).toEqual({
    agentCount: 8,
    modelCount: 4,
    toolCount: 2,
    personaCount: 5,
    // 2 gateway pods of 2 (its init container), 0.5, 2 × 1, the default 1, 1 and its sidecar's 0.1, 3 × 3, the default 1, 0.25
    totalCPULimits: "18850m",
    // 2 × 512Mi, 1.5Gi, 2 × 512Mi, the default 2Gi, 1Mi and its sidecar's 1Mi, 3 × 4Gi, the default 2Gi, 128Mi
    totalMemoryLimits: "20098Mi",
  });
});

import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { type AdmissionWorld, admit } from "./admit.ts";

interface Row {
  readonly name: string;
  readonly why: string;
  readonly spec?: JsonObject;
  readonly called?: string;
  /** The beginning of the refusal or warning, after `LanguageTool demo/<name> `. */
  readonly want: string;
}

function resourceOf(kind: string, name: string, spec: JsonObject): Resource {
  return { apiVersion: "langop.io/v1alpha1", kind, metadata: { name, namespace: "demo" }, spec };
}

const known: AdmissionWorld = {
  clusterExists: () => true,
  runtimeExists: () => false,
  models: () => [resourceOf("LanguageModel", "claude", {})],
  agents: () => [resourceOf("LanguageAgent", "helper", {})],
  tools: () => [],
};

const toolOf = ({ spec = {}, called = "web" }: Pick<Row, "spec" | "called">): Resource =>
  resourceOf("LanguageTool", called, { image: "ghcr.io/example/tool:1.0", ...spec });

function review(row: Pick<Row, "spec" | "called">, world = known) {
  return admit("LanguageTool", toolOf(row), undefined, world);
}

function expectStart(texts: readonly string[], { called = "web", want }: Pick<Row, "called" | "want">): void {
  const prefix = `LanguageTool demo/${called} `;
  expect(texts.map((text) => text.slice(prefix.length, prefix.length + want.length))).toContain(want);
}

const sidecar = (more: JsonObject = {}): JsonObject => ({ deploymentMode: "sidecar", ...more });

const refused: readonly Row[] = [
  {
    name: "an image that is none",
    why: "no pod could start",
    spec: { image: ":1" },
    want: "spec.image cannot be used: it must be an image",
  },
  {
    name: "a protocol that does not exist",
    why: "a typo",
    spec: { type: "grpc" },
    want: "spec.type cannot be used: it must be one of mcp, openapi",
  },
  {
    name: "port 0",
    why: "nobody listens there",
    spec: { port: 0 },
    want: "spec.port cannot be used: it must be at least 1",
  },
  {
    name: "gateway",
    why: "its Service would be the gateway's",
    called: "gateway",
    want: "metadata.name is the name of the gateway's own",
  },
  {
    name: "a digit in front",
    why: "no Service can be called so",
    called: "1st",
    want: "metadata.name is also the name of a Service",
  },
  {
    name: "a name with a dot",
    why: "no Service can be called so",
    called: "a.b",
    want: "metadata.name is also the name of a Service",
  },
  {
    name: "the name of an agent",
    why: "both have a Service of that name",
    called: "helper",
    want: "metadata.name is the name of a LanguageAgent of this namespace",
  },
  {
    name: "a sidecar with a dot",
    why: "it may become a service",
    called: "a.b",
    spec: sidecar(),
    want: "metadata.name is also the name of a Service",
  },
  {
    name: "an address that is no range",
    why: "the policy would be refused",
    spec: { networkPolicies: { ingress: [{ from: [{ cidr: "x" }] }] } },
    want: "spec.networkPolicies.ingress[0].from[0].cidr is no IP range",
  },
  {
    name: "the same in the first generation's words",
    why: "the policy would be refused",
    spec: { egress: [{ to: { cidr: "10.0.0.1" } }] },
    want: "spec.egress[0].to[0].cidr is no IP range",
  },
  {
    name: "a variable from nowhere",
    why: "the pod would be refused",
    spec: { deployment: { env: [{ name: "A", valueFrom: {} }] } },
    want: "spec.deployment.env[0].valueFrom must name exactly one source",
  },
];

describe("is refused", () => {
  test.each(refused)("$name ($why)", (row) => {
    const { allowed, reasons } = review(row);
    expect(allowed).toBe(false);
    expectStart(reasons, row);
  });
});

const warned: readonly Row[] = [
  {
    name: "auth",
    why: "Dex is called so, where there is one",
    called: "auth",
    want: "metadata.name is the name of Dex's Deployment",
  },
  {
    name: "the tag latest",
    why: "pods of one tool may differ",
    spec: { image: "tool:latest" },
    want: "spec.image has the tag latest",
  },
  {
    name: "the name of a model",
    why: "its old address leads to the tool then",
    called: "claude",
    want: "metadata.name is also the name of a LanguageModel",
  },
  {
    name: "replicas twice",
    why: "one of them counts",
    spec: { replicas: 1, deployment: { replicas: 2 } },
    want: "spec.replicas has no effect beside deployment.replicas",
  },
  {
    name: "replicas of what scales",
    why: "the load counts",
    spec: { replicas: 1, deployment: { autoscaling: { maxReplicas: 2 } } },
    want: "spec.replicas has no effect beside deployment.autoscaling",
  },
  {
    name: "replicas of a sidecar",
    why: "each agent has one",
    spec: sidecar({ replicas: 2 }),
    want: "spec.replicas has no effect on a sidecar",
  },
  {
    name: "a sidecar that scales",
    why: "each agent has one",
    spec: sidecar({ deployment: { autoscaling: { maxReplicas: 2 } } }),
    want: "spec.deployment.autoscaling has no effect on a sidecar",
  },
  {
    name: "a type of the Service of a sidecar",
    why: "it has none",
    spec: sidecar({ deployment: { serviceType: "NodePort" } }),
    want: "spec.deployment.serviceType has no effect on a sidecar",
  },
  {
    name: "a node for a sidecar",
    why: "it goes where its agent goes",
    spec: sidecar({ deployment: { nodeSelector: { disk: "fast" } } }),
    want: "spec.deployment.nodeSelector has no effect on a sidecar",
  },
  {
    name: "network rules of a sidecar",
    why: "the agent's count",
    spec: sidecar({ egress: [{ to: { cidr: "10.0.0.0/8" } }] }),
    want: "spec.egress has no effect on a sidecar",
  },
  {
    name: "a tool that is root",
    why: "a protection less",
    spec: { deployment: { securityContext: { runAsUser: 0 } } },
    want: "spec.deployment.securityContext.runAsUser lets the container run as root",
  },
];

describe("ends as a warning", () => {
  test.each(warned)("$name ($why)", (row) => {
    const { allowed, reasons, warnings } = review(row);
    expect({ allowed, reasons }).toEqual({ allowed: true, reasons: [] });
    expectStart(warnings, row);
  });

  test("a namespace without a LanguageCluster", () => {
    const { warnings } = review({}, { ...known, clusterExists: () => false });
    expectStart(warnings, { want: "metadata.namespace is no LanguageCluster, so the tool is not deployed" });
  });
});

describe("is admitted without a word", () => {
  test.each<Pick<Row, "name" | "spec" | "called">>([
    { name: "an image", spec: {} },
    {
      name: "the words of the first generation",
      spec: { replicas: 2, egress: [{ to: { dns: ["*.example.com"] } }] },
    },
    { name: "a sidecar called like an agent", called: "helper", spec: sidecar() },
    {
      name: "a sidecar with all that a container has",
      spec: sidecar({
        deployment: {
          command: ["run"],
          env: [{ name: "A", value: "1" }],
          volumes: [{ name: "v" }],
          volumeMounts: [{ name: "v", mountPath: "/v" }],
          livenessProbe: { tcpSocket: { port: 1 } },
        },
      }),
    },
  ])("$name", (row) => {
    const { allowed, reasons, warnings } = review(row);
    expect({ allowed, reasons }).toEqual({ allowed: true, reasons: [] });
    // That a name by pattern is an approximation is told as of everybody's rules.
    expect(warnings.filter((text) => !text.includes("*.example.com"))).toEqual([]);
  });
});

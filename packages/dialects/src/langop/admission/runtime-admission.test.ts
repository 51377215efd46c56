import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { type AdmissionWorld, admit } from "./admit.ts";

const nobody: AdmissionWorld = {
  clusterExists: () => false,
  runtimeExists: () => false,
  models: () => [],
  agents: () => [],
  tools: () => [],
};

function resourceOf(kind: string, spec: JsonObject): Resource {
  return { apiVersion: "langop.io/v1alpha1", kind, metadata: { name: "preset" }, spec };
}

describe("a LanguageAgentRuntime", () => {
  const review = (spec: JsonObject) =>
    admit("LanguageAgentRuntime", resourceOf("LanguageAgentRuntime", spec), undefined, nobody);

  test.each([
    {
      name: "an image that is none",
      why: "no pod could start",
      spec: { image: "a b" },
      want: "spec.image cannot be used",
    },
    {
      name: "two ports of one number",
      why: "Services would be refused",
      spec: {
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 80 },
        ],
      },
      want: "spec.ports[1].port (80/TCP) is a port before it",
    },
    {
      name: "a volume with capitals",
      why: "pods would be refused",
      spec: { deployment: { volumes: [{ name: "My" }] } },
      want: "spec.deployment.volumes[0].name must be",
    },
    {
      name: "an init container called agent",
      why: "as the agents' own",
      spec: { deployment: { initContainers: [{ name: "agent", image: "i" }] } },
      want: "spec.deployment.initContainers[0].name is the name of another",
    },
  ])("is refused with $name ($why)", ({ spec, want }) => {
    const { allowed, reasons } = review(spec);
    expect(allowed).toBe(false);
    expect(reasons).toEqual([expect.stringContaining(`LanguageAgentRuntime preset ${want}`)]);
  });

  test.each([
    {
      name: "a credential without a value",
      why: "those of the replaced operator have them",
      spec: { credentials: [{ name: "A" }] },
      want: "spec.credentials[0] has neither value nor valueFrom",
    },
    {
      name: "no tag",
      why: "pods of one agent may differ",
      spec: { image: "agent" },
      want: "spec.image has no tag",
    },
    {
      name: "a credential in clear",
      why: "readers see it",
      spec: { credentials: [{ name: "A", value: "SECRET" }] },
      want: "spec.credentials[0].value is in clear text",
    },
    {
      name: "a privileged init container",
      why: "it has the node",
      spec: {
        deployment: { initContainers: [{ name: "i", image: "i", securityContext: { privileged: true } }] },
      },
      want: "spec.deployment.initContainers[0].securityContext.privileged gives",
    },
  ])("is warned of with $name ($why)", ({ spec, want }) => {
    const { allowed, warnings } = review(spec);
    expect(allowed).toBe(true);
    expect(warnings).toEqual([expect.stringContaining(`LanguageAgentRuntime preset ${want}`)]);
    expect(warnings.join()).not.toContain("SECRET");
  });

  test("may be empty, and may mount volumes that its agents bring", () => {
    const mount = { deployment: { volumeMounts: [{ name: "brought", mountPath: "/brought" }] } };
    for (const spec of [{}, mount]) {
      expect(review(spec)).toEqual({ allowed: true, reasons: [], warnings: [] });
    }
  });
});

describe("a LanguagePersona", () => {
  const review = (spec: JsonObject) =>
    admit("LanguagePersona", resourceOf("LanguagePersona", spec), undefined, nobody);

  test.each([
    { name: "nothing", spec: {} },
    { name: "blanks", spec: { tone: " ", expertise: "" } },
  ])("is warned of with $name", ({ spec }) => {
    const warnings = [expect.stringContaining("LanguagePersona preset spec says nothing")];
    expect(review(spec)).toEqual({ allowed: true, reasons: [], warnings });
  });

  test("needs one of its texts, and they have to be texts", () => {
    expect(review({ tone: "calm" })).toEqual({ allowed: true, reasons: [], warnings: [] });
    expect(review({ tone: 7 }).reasons).toEqual([
      expect.stringContaining("spec.tone cannot be used: it must be a text"),
    ]);
  });
});

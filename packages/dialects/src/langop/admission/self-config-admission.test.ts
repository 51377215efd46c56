import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { type AdmissionWorld, admit } from "./admit.ts";

function resourceOf(kind: string, name: string, spec: JsonObject): Resource {
  return { apiVersion: "langop.io/v1alpha1", kind, metadata: { name, namespace: "demo" }, spec };
}

const everything = ["tools", "models", "envVars", "instructions", "roleRules"];
const known: AdmissionWorld = {
  clusterExists: () => true,
  runtimeExists: () => false,
  models: () => [],
  agents: () => [
    resourceOf("LanguageAgent", "free", { selfConfigure: { enabled: true, allowedActions: everything } }),
    resourceOf("LanguageAgent", "bound", { selfConfigure: { enabled: true, allowedActions: ["tools"] } }),
    resourceOf("LanguageAgent", "off", { selfConfigure: { allowedActions: everything } }),
  ],
  tools: () => [],
};

const requestOf = (spec: JsonObject): Resource =>
  resourceOf("LanguageAgentSelfConfig", "ask", { instanceRef: "free", ...spec });

function review(spec: JsonObject, old?: JsonObject) {
  const before = old === undefined ? undefined : requestOf(old);
  return admit("LanguageAgentSelfConfig", requestOf(spec), before, known);
}

const text = (want: string) => expect.stringContaining(`LanguageAgentSelfConfig demo/ask ${want}`);

test.each([
  {
    name: "instructions of nothing",
    why: "they mean none",
    spec: { updateInstructions: "" },
    want: "spec asks for no change",
  },
  {
    name: "a name both ways",
    why: "which is meant?",
    spec: { addTools: ["a"], removeTools: ["a"] },
    want: "spec.removeTools[0] names a, which is to be added too",
  },
  { name: "nothing", why: "nothing would happen", spec: {}, want: "spec asks for no change" },
  {
    name: "empty lists",
    why: "nothing would happen",
    spec: { addTools: [], removeModels: [] },
    want: "spec asks for no change",
  },
  {
    name: "an agent that is no name",
    why: "there can be none",
    spec: { instanceRef: "My Agent", removeTools: ["a"] },
    want: "spec.instanceRef cannot be used",
  },
  {
    name: "a variable with an equals sign",
    why: "the pod would be refused",
    spec: { addEnvVars: [{ name: "A=B" }] },
    want: "spec.addEnvVars[0].name is no name of a variable",
  },
  {
    name: "a tool both ways",
    why: "which is meant?",
    spec: { addTools: [{ name: "a" }], removeTools: ["b", "a"] },
    want: "spec.removeTools[1] names a, which is to be added too",
  },
  {
    name: "a model both ways",
    why: "which is meant?",
    spec: { addModels: [{ name: "a" }], removeModels: ["a"] },
    want: "spec.removeModels[0] names a, which is to be added too",
  },
  {
    name: "a tool at no URL",
    why: "nobody to ask",
    spec: { addTools: [{ name: "a", url: "a" }] },
    want: "spec.addTools[0].url must be a URL",
  },
  {
    name: "a right to nothing",
    why: "the Role would be refused",
    spec: { addRoleRules: [{ apiGroups: [""], verbs: ["get"] }] },
    want: "spec.addRoleRules[0].resources must be a list",
  },
])("$name is refused ($why)", ({ spec, want }) => {
  const { allowed, reasons } = review(spec);
  expect(allowed).toBe(false);
  expect(reasons).toEqual([text(want)]);
});

test.each([
  {
    name: "what an agent does not allow",
    why: "it will be denied",
    spec: { instanceRef: "bound", updateInstructions: "x" },
    want: "spec.updateInstructions will be denied as things are",
  },
  {
    name: "an agent that is not to change itself",
    why: "it will be denied",
    spec: { instanceRef: "off", removeTools: ["a"] },
    want: "spec.removeTools will be denied as things are",
  },
  {
    name: "a tool added twice",
    why: "the first one is used",
    spec: { addTools: [{ name: "a" }, { name: "a" }] },
    want: "spec.addTools[1] repeats the tool a",
  },
  {
    name: "a model added twice",
    why: "the first one is used",
    spec: { addModels: [{ name: "a" }, { name: "a" }] },
    want: "spec.addModels[1] names the model a again",
  },
])("$name is warned of ($why)", ({ spec, want }) => {
  const { allowed, warnings } = review(spec);
  expect(allowed).toBe(true);
  expect(warnings).toEqual([text(want)]);
});

describe("a change of what is asked for", () => {
  test("is told to come too late, perhaps", () => {
    const { allowed, warnings } = review({ removeTools: ["a"] }, { removeTools: ["b"] });
    expect([allowed, warnings]).toEqual([true, [text("spec is carried out once")]]);
  });

  test("is none when only labels change", () => {
    expect(review({ removeTools: ["a"] }, { removeTools: ["a"] }).warnings).toEqual([]);
  });
});

test.each([
  {
    name: "everything an agent allows",
    spec: {
      addTools: [{ name: "a" }],
      addModels: [{ name: "b" }],
      addEnvVars: [{ name: "C" }],
      updateInstructions: "d",
      addRoleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    },
  },
  { name: "names alone, as the replaced operator takes them", spec: { addTools: ["a"], addModels: ["b"] } },
  { name: "an agent that nobody knows of yet", spec: { instanceRef: "later", removeTools: ["a"] } },
])("$name is admitted without a word", ({ spec }) => {
  expect(review(spec)).toEqual({ allowed: true, reasons: [], warnings: [] });
});

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
    resourceOf("LanguageAgent", "guest", { deployment: { serviceAccountName: "shared" } }),
    resourceOf("LanguageAgent", "visitor", { deployment: { serviceAccountName: "shared" } }),
  ],
  tools: () => [],
};

const requestOf = (spec: JsonObject): Resource =>
  resourceOf("LanguageAgentSelfConfig", "ask", { instanceRef: "free", ...spec });

function review(spec: JsonObject, old?: JsonObject, requester = "somebody") {
  const before = old === undefined ? undefined : requestOf(old);
  return admit("LanguageAgentSelfConfig", requestOf(spec), before, known, requester);
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

describe("who asks", () => {
  const account = (name: string, namespace = "demo") => `system:serviceaccount:${namespace}:${name}`;

  test.each([
    { name: "a person", requester: "ada", instanceRef: "free" },
    { name: "the agent itself", requester: account("language-agent-free"), instanceRef: "free" },
    { name: "a program that is no agent", requester: account("deployer", "ci"), instanceRef: "free" },
    { name: "an agent of a shared account", requester: account("shared"), instanceRef: "visitor" },
  ])("$name may", ({ requester, instanceRef }) => {
    expect(review({ instanceRef, removeTools: ["a"] }, undefined, requester).allowed).toBe(true);
  });

  test.each([
    { name: "another agent", requester: account("language-agent-off"), instanceRef: "free" },
    {
      name: "an agent of that name of another namespace",
      requester: account("language-agent-free", "other"),
      instanceRef: "free",
    },
    {
      name: "an agent of a shared account, for another one",
      requester: account("shared"),
      instanceRef: "free",
    },
  ])("$name may not", ({ requester, instanceRef }) => {
    const { allowed, reasons } = review({ instanceRef, removeTools: ["a"] }, undefined, requester);
    expect(allowed).toBe(false);
    expect(reasons).toEqual([text("spec.instanceRef names another agent")]);
  });

  test("nor may an agent make the request of another one its own words", () => {
    const { allowed } = review({ removeTools: ["a"] }, { removeTools: ["b"] }, account("language-agent-off"));
    expect(allowed).toBe(false);
  });

  test("a review that does not say is refused", () => {
    const { allowed, reasons } = admit(
      "LanguageAgentSelfConfig",
      requestOf({ removeTools: ["a"] }),
      undefined,
      known,
    );
    expect(allowed).toBe(false);
    expect(reasons).toEqual([text("spec.instanceRef cannot be admitted: the review does not say who asks")]);
  });
});

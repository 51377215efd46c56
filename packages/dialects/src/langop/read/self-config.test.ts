import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgentSelfConfig } from "../kinds/language-agent-self-config.ts";
import { decideSelfConfig } from "./self-config.ts";

const everything = ["tools", "models", "envVars", "instructions", "roleRules"];

function resourceOf(kind: string, name: string, spec: JsonObject): Resource {
  return { apiVersion: "langop.io/v1alpha1", kind, metadata: { name, namespace: "demo" }, spec };
}

function decide(ask: JsonObject, agent: JsonObject, selfConfigure?: JsonObject) {
  const request = resourceOf("LanguageAgentSelfConfig", "ask", { instanceRef: "writer", ...ask });
  const { spec, findings } = readSpec(languageAgentSelfConfig, request);
  if (spec === undefined) throw new Error(JSON.stringify(findings));
  return decideSelfConfig(
    spec,
    resourceOf("LanguageAgent", "writer", {
      selfConfigure: selfConfigure ?? { enabled: true, allowedActions: everything },
      ...agent,
    }),
  );
}

/** The agent's spec after the patch, as the API server makes it. */
function merged(target: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, JsonObject[string]> = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (typeof value === "object" && !Array.isArray(value)) {
      result[name] = merged((result[name] ?? {}) as JsonObject, value as JsonObject);
    } else result[name] = value;
  }
  return result;
}

describe("denied, with what is not allowed", () => {
  test.each<[string, JsonObject, JsonObject, string, string]>([
    [
      "nothing said",
      { updateInstructions: "x" },
      {},
      "SelfConfigureDisabled",
      "selfConfigure.enabled is not true",
    ],
    [
      "switched off",
      { updateInstructions: "x" },
      { enabled: false, allowedActions: everything },
      "SelfConfigureDisabled",
      "selfConfigure.enabled is not true",
    ],
    ["no actions", { removeTools: ["a"] }, { enabled: true }, "ActionNotAllowed", "its tools:"],
    [
      "one of two",
      { addTools: ["a"], addEnvVars: [{ name: "A" }], removeModels: ["b"] },
      { enabled: true, allowedActions: ["tools"] },
      "ActionNotAllowed",
      "its models, envVars:",
    ],
    [
      "role rules",
      { addRoleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
      { enabled: true, allowedActions: ["tools", "models", "envVars", "instructions"] },
      "ActionNotAllowed",
      "its roleRules:",
    ],
  ])("%s", (_, ask, selfConfigure, reason, words) => {
    const decision = decide(ask, {}, selfConfigure);
    expect(decision).toMatchObject({ kind: "denied", reason });
    expect(decision.message).toContain(words);
    expect(decision).not.toHaveProperty("patch");
  });

  test("empty lists ask for nothing, so they need no leave", () => {
    const decision = decide(
      { addModels: [], addTools: ["a"] },
      {},
      { enabled: true, allowedActions: ["tools"] },
    );
    expect(decision.kind).toBe("allowed");
  });
});

test.each<[string, JsonObject, JsonObject, string]>([
  ["both ways", { addTools: ["a"], removeTools: ["a"] }, {}, "ChangeAmbiguous"],
  ["an agent that nobody can read", { addTools: ["a"] }, { image: 3 }, "AgentUnreadable"],
])("%s fails", (_, ask, agent, reason) => {
  expect(decide(ask, agent)).toMatchObject({ kind: "failed", reason });
});

const tool = (name: string, more: JsonObject = {}): JsonObject => ({ name, enabled: true, ...more });
const model = (name: string, more: JsonObject = {}): JsonObject => ({ name, role: "primary", ...more });

interface Row {
  readonly name: string;
  readonly ask: JsonObject;
  readonly agent: JsonObject;
  readonly patch: JsonObject;
  readonly said: string;
}

const rows: readonly Row[] = [
  {
    name: "tools are added behind the others, and taken away",
    ask: { addTools: ["d", { name: "a", url: "http://x.example/mcp" }], removeTools: ["b", "none"] },
    agent: { tools: [tool("a"), tool("b"), tool("c")] },
    patch: { tools: [tool("a", { url: "http://x.example/mcp" }), tool("c"), tool("d")] },
    said: "tool d added; tool b removed; tool a replaced",
  },
  {
    name: "the name of a tool that is off switches it on, and keeps the rest",
    ask: { addTools: ["a"] },
    agent: { tools: [{ name: "a", enabled: false, url: "http://x.example" }] },
    patch: { tools: [tool("a", { url: "http://x.example" })] },
    said: "tool a replaced",
  },
  {
    name: "of a tool that is added twice the first one counts",
    ask: { addTools: [{ name: "a", url: "http://one.example" }, { name: "a" }] },
    agent: {},
    patch: { tools: [tool("a", { url: "http://one.example" })] },
    said: "tool a added",
  },
  {
    name: "models of all generations' fields are taken away",
    ask: { removeModels: ["a", "b", "c"] },
    agent: { models: [model("a"), model("d")], modelRefs: [model("b")], modelRef: { name: "c" } },
    patch: { models: [model("d")], modelRefs: [], modelRef: null },
    said: "model a removed; model b removed; model c removed",
  },
  {
    name: "a model is replaced where it stands",
    ask: { addModels: [{ name: "b", role: "fallback" }, "e"] },
    agent: { models: [model("a")], modelRefs: [model("b"), model("c")] },
    patch: {
      models: [model("a"), model("e")],
      modelRefs: [model("b", { role: "fallback" }), model("c")],
    },
    said: "model e added; model b replaced",
  },
  {
    name: "the one model of the first generation becomes an entry when more is said of it",
    ask: { addModels: [{ name: "a", role: "reasoning" }] },
    agent: { modelRef: "a" },
    patch: { models: [model("a", { role: "reasoning" })], modelRef: null },
    said: "model a added",
  },
  {
    name: "of a catalogue there may be several",
    ask: { addModels: [{ name: "all", model: "two" }] },
    agent: { models: [model("all", { model: "one" })] },
    patch: { models: [model("all", { model: "one" }), model("all", { model: "two" })] },
    said: "model all/two added",
  },
  {
    name: "variables keep their places, and their values are not told",
    ask: { addEnvVars: [{ name: "B", value: "hidden" }, { name: "C" }] },
    agent: {
      deployment: {
        replicas: 2,
        env: [
          { name: "A", value: "1" },
          { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
          { name: "Z", value: "9" },
        ],
      },
    },
    patch: {
      deployment: {
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "hidden" },
          { name: "Z", value: "9" },
          { name: "C" },
        ],
      },
    },
    said: "variable C added; variable B replaced",
  },
  {
    name: "instructions and role rules",
    ask: {
      updateInstructions: "Be brief.",
      addRoleRules: [
        { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
        { verbs: ["list"], apiGroups: [""], resources: ["pods"] },
      ],
    },
    agent: {
      instructions: "Be long.",
      deployment: { roleRules: [{ resources: ["pods"], verbs: ["get"], apiGroups: [""] }] },
    },
    patch: {
      instructions: "Be brief.",
      deployment: {
        roleRules: [
          { resources: ["pods"], verbs: ["get"], apiGroups: [""] },
          { verbs: ["list"], apiGroups: [""], resources: ["pods"] },
        ],
      },
    },
    said: "instructions replaced; 1 role rule added",
  },
];

describe("allowed", () => {
  test.each(rows)("$name", ({ ask, agent, patch, said }) => {
    const decision = decide(ask, agent);
    expect(decision).toMatchObject({ kind: "allowed" });
    expect(decision.kind === "allowed" && decision.patch).toEqual(patch);
    expect(decision.message).toBe(`LanguageAgent writer was changed: ${said}.`);
    expect(decision.message).not.toContain("hidden");
  });

  test.each(rows)("$name: asked for again nothing changes", ({ ask, agent, patch }) => {
    const again = decide(ask, merged(agent, patch));
    expect(again).toEqual({
      kind: "allowed",
      patch: {},
      message: "LanguageAgent writer was so already; nothing was changed.",
    });
  });

  test("a name alone changes nothing about a model that is there", () => {
    for (const agent of [
      { models: [model("a", { role: "fallback" })] },
      { modelRefs: [model("a")] },
      { modelRef: "a" },
    ]) {
      expect(decide({ addModels: ["a"] }, agent)).toMatchObject({ patch: {} });
    }
  });

  test("many names are told by their number", () => {
    const names = Array.from({ length: 13 }, (_, index) => `t${index}`);
    expect(decide({ addTools: names }, {}).message).toContain(
      "tools t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 3 more added",
    );
  });
});

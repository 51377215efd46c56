import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import { readSpec } from "../../spec.ts";
import { languageTool } from "../kinds/language-tool.ts";
import type { ToolDiscovery } from "./tool-offer.ts";
import { toolStatus } from "./tool-status.ts";

const at = "2026-11-28T10:00:00Z";

function statusOf(discovery: ToolDiscovery | undefined, previous: JsonObject = {}, fields: JsonObject = {}) {
  const tool = {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageTool",
    metadata: { name: "web", namespace: "demo", generation: 2 },
    spec: { image: "example.com/web:1", ...fields },
  };
  const { spec } = readSpec(languageTool, tool);
  if (spec === undefined) throw new Error("the spec cannot be read");
  return toolStatus({
    tool,
    spec,
    previous,
    findings: [],
    failures: [],
    desired: { managedResources: [], unresolved: [] },
    networkIsolation: true,
    deployment: { replicas: 1, readyReplicas: 1, updatedReplicas: 1, available: true, current: true },
    ...(discovery === undefined ? {} : { discovery }),
  });
}

const discovered = (intent: ReturnType<typeof statusOf>) =>
  intent.conditions.find(({ type }) => type === "SchemasDiscovered");
const ready = (intent: ReturnType<typeof statusOf>) => intent.conditions.find(({ type }) => type === "Ready");

const listed = { availableTools: ["old"], toolSchemas: [{ name: "old" }] };
const standing = (generation: number): JsonObject => ({
  ...listed,
  conditions: [
    {
      type: "SchemasDiscovered",
      status: "True",
      reason: "ReconcileSuccess",
      message: "The server offers 1 tool.",
      lastTransitionTime: at,
      observedGeneration: generation,
    },
  ],
});

test("what a server offers is listed, in a status that the kind allows", () => {
  const offer = {
    names: ["a", "b"],
    schemas: [{ name: "a" }, { name: "b", inputSchema: { type: "object" } }],
  };
  const intent = statusOf({ kind: "offered", offer });
  expect(discovered(intent)).toMatchObject({ status: "True", message: "The server offers 2 tools." });
  expect(intent.fields).toMatchObject({ availableTools: ["a", "b"], toolSchemas: offer.schemas });
  const conditions = intent.conditions.map((condition) => ({ ...condition, lastTransitionTime: at }));
  expect(
    languageTool.status?.safeParse({ phase: intent.phase, ...intent.fields, conditions }).error,
  ).toBeUndefined();
});

test("without schemas those of before go, and why is said", () => {
  const intent = statusOf({ kind: "offered", offer: { names: ["a"], note: "Too large." } }, standing(2));
  expect(discovered(intent)?.message).toBe("The server offers 1 tool. Too large.");
  expect(intent.fields["availableTools"]).toEqual(["a"]);
  expect(intent.fields).not.toHaveProperty("toolSchemas");
});

test("a server that does not answer is Ready all the same, and keeps what it said", () => {
  const intent = statusOf({ kind: "silent", text: "answers initialize with status 404" }, standing(2));
  expect(ready(intent)?.status).toBe("True");
  expect(discovered(intent)).toEqual({
    type: "SchemasDiscovered",
    status: "False",
    reason: "ServerSilent",
    message:
      "What it offers is not known: the server answers initialize with status 404. What is listed it said before.",
  });
  expect(intent.fields).toMatchObject(listed);
});

describe("while it is asked", () => {
  test("what was said of this spec stands, also after a restart of the operator", () => {
    const intent = statusOf({ kind: "pending" }, standing(2));
    expect(discovered(intent)).toEqual({
      type: "SchemasDiscovered",
      status: "True",
      reason: "ReconcileSuccess",
      message: "The server offers 1 tool.",
    });
    expect(intent.fields).toMatchObject(listed);
  });

  test.each([
    ["of a spec of before", standing(1)],
    ["for the first time", {}],
  ])("%s, it is not known yet", (_, previous) => {
    expect(discovered(statusOf({ kind: "pending" }, previous))).toMatchObject({
      status: "False",
      reason: "Pending",
    });
  });
});

test("of a server that nobody asks nothing is told, nor what was listed when it was another", () => {
  const intent = statusOf(undefined, standing(2), { deploymentMode: "sidecar" });
  expect(discovered(intent)).toBeUndefined();
  for (const member of Object.keys(listed)) expect(intent.fields).not.toHaveProperty(member);
});

test("what is listed stays while the tool waits for its cluster", () => {
  const waiting = { reason: "ClusterNotFound", message: "It waits." };
  const tool = { apiVersion: "langop.io/v1alpha1", kind: "LanguageTool", metadata: { name: "web" } };
  const { fields } = toolStatus({
    tool,
    waiting,
    previous: standing(2),
    findings: [],
    failures: [],
    networkIsolation: true,
  });
  expect(fields).toMatchObject(listed);
});

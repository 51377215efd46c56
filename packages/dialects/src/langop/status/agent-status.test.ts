import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { readAgent } from "../read/agent.ts";
import { type AgentStatusInput, agentStatus } from "./agent-status.ts";
import type { ConditionIntent } from "./intent.ts";

/** An agent that is a task and refers to a persona that is not there, unless `persona` is left out. */
function input(
  more: Partial<AgentStatusInput>,
  { persona, schedule }: { readonly persona?: string; readonly schedule?: string } = {},
): AgentStatusInput {
  const agent: Resource = {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageAgent",
    metadata: { name: "task", namespace: "team", uid: "u", generation: 1 },
    spec: {
      image: "agent:1",
      execution: { mode: "task", ...(schedule === undefined ? {} : { schedule }) },
      ...(persona === undefined ? {} : { persona }),
    },
  };
  const { agent: reading, findings } = readAgent(agent, {
    models: [],
    tools: [],
    personas: [],
    runtimes: [],
  });
  if (reading === undefined) throw new Error("the agent cannot be read");
  return { agent, reading, findings, failures: [], held: false, networkIsolation: true, ...more };
}

const ran = (lastRunPhase: string) => ({
  lastRunName: "task-1",
  lastRunTime: "2026-01-01T00:00:00Z",
  lastRunPhase,
});
const due = { managedResources: [{ kind: "Job", name: "task-2" }], unresolved: [] };
const done = { managedResources: [], unresolved: [] };
const run = (phase: "Running" | "Succeeded" | "Failed") => ({ name: "task-1", phase }) as const;

describe("where a task stands", () => {
  const rows: readonly (readonly [
    name: string,
    input: AgentStatusInput,
    want: readonly [phase: string, reason: string, lastRunPhase: string | undefined],
  ])[] = [
    ["its run has been asked for", input({ desired: due }), ["Pending", "Pending", undefined]],
    ["it runs", input({ desired: due, run: run("Running") }), ["Running", "ReconcileSuccess", "Running"]],
    [
      "it has run",
      input({ desired: due, run: run("Succeeded") }),
      ["Succeeded", "ReconcileSuccess", "Succeeded"],
    ],
    ["it has failed", input({ desired: due, run: run("Failed") }), ["Failed", "RunFailed", "Failed"]],
    [
      "its run was removed by its time",
      input({ desired: done, previous: ran("Succeeded") }),
      ["Succeeded", "ReconcileSuccess", "Succeeded"],
    ],
    [
      "so was one that failed",
      input({ desired: done, previous: ran("Failed") }),
      ["Failed", "RunFailed", "Failed"],
    ],
    [
      "its run was removed before its end was seen",
      input({ desired: done, previous: ran("Running") }),
      ["Failed", "RunLost", undefined],
    ],
    [
      "that has been told before",
      input({ desired: done, previous: { lastRunName: "task-1" } }),
      ["Failed", "RunLost", undefined],
    ],
    [
      "another run has been asked for since",
      input({ desired: due, previous: ran("Succeeded") }),
      ["Pending", "Pending", "Succeeded"],
    ],
    [
      "its persona is missing while it runs",
      input({ held: true, run: run("Running") }, { persona: "gone" }),
      ["Degraded", "ReferenceMissing", "Running"],
    ],
    [
      "its persona is missing after it has run",
      input({ held: true, desired: due, previous: ran("Succeeded") }, { persona: "gone" }),
      ["Succeeded", "ReconcileSuccess", "Succeeded"],
    ],
    [
      "its persona is missing before it has ever run",
      input({ held: true }, { persona: "gone" }),
      ["Failed", "DeploymentError", undefined],
    ],
    [
      "a run of a schedule was removed by hand",
      input({ desired: done, previous: ran("Running") }, { schedule: "0 3 * * *" }),
      ["Running", "ReconcileSuccess", undefined],
    ],
  ];

  test.each(rows)("%s", (_, given, want) => {
    const { phase, conditions, fields } = agentStatus(given);
    const ready = conditions.find(({ type }: ConditionIntent) => type === "Ready");
    expect([phase, ready?.reason, fields["lastRunPhase"]]).toEqual(want);
  });
});

test("an agent whose runtime is missing is not told that it has no image", () => {
  const agent: Resource = {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageAgent",
    metadata: { name: "based", namespace: "team", generation: 1 },
    spec: { runtime: "gone" },
  };
  const { findings } = readAgent(agent, { models: [], tools: [], personas: [], runtimes: [] });
  expect(findings.map(({ code }) => code)).toEqual(["ReferenceMissing"]);
});

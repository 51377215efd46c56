import type { Finding, JsonObject } from "@gatewright/plan";
import type { DesiredObjects, ObjectReference } from "../../desired-objects.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageToolSpec } from "../kinds/language-tool.ts";
import { toolEndpoint } from "../read/agent-tool.ts";
import { generationOf } from "./cluster-status.ts";
import { degraded } from "./degraded.ts";
import type { ConditionIntent, ObservedRollout, StatusIntent } from "./intent.ts";
import { failureReason, managedResources, networkPolicyReady } from "./member-condition.ts";
import type { ToolDiscovery } from "./tool-offer.ts";
import { deploymentState, type WorkloadState } from "./workload-state.ts";

/** Facts the status of a LanguageTool is made of. */
export interface ToolStatusInput {
  readonly tool: Resource;
  /** Absent when it cannot be read. */
  readonly spec?: LanguageToolSpec;
  readonly previous?: JsonObject;
  readonly findings: readonly Finding[];
  readonly waiting?: { readonly reason: string; readonly message: string };
  readonly desired?: Pick<DesiredObjects, "managedResources" | "unresolved">;
  readonly failures: readonly { readonly object: ObjectReference; readonly text: string }[];
  readonly networkIsolation: boolean;
  readonly deployment?: ObservedRollout;
  /** Absent for servers that nobody asks: only MCP servers in pods of their own are. */
  readonly discovery?: ToolDiscovery;
}

/** Status of a LanguageTool (langop.md §2.6). */
export function toolStatus(input: ToolStatusInput): StatusIntent {
  const { tool, spec, findings, deployment } = input;
  const state = stateOf(input);
  return {
    phase: state.phase === "Suspended" ? "Pending" : state.phase,
    conditions: [
      { type: "Ready", status: state.status, reason: state.reason, message: state.message },
      ...networkPolicyOf(input),
      ...schemasDiscovered(input),
      ...degraded(findings),
    ],
    fields: {
      ...generationOf(tool),
      message: state.message,
      ...(spec === undefined ? {} : { endpoint: toolEndpoint(tool, spec) }),
      ...discoveredFields(input),
      replicas: deployment?.replicas ?? 0,
      readyReplicas: deployment?.readyReplicas ?? 0,
      updatedReplicas: deployment?.updatedReplicas ?? 0,
      ...managedResources(input),
    },
  };
}

function stateOf({ tool, spec, waiting, findings, failures, deployment }: ToolStatusInput): WorkloadState {
  if (waiting !== undefined) return { phase: "Pending", status: "False", ...waiting };
  const blocked = findings.find(({ effect }) => effect === "blocked");
  if (blocked !== undefined || spec === undefined) {
    const { code = "InvalidField", text = "Its spec cannot be read." } = blocked ?? {};
    return { phase: "Failed", status: "False", reason: code, message: text };
  }
  const [failure] = failures;
  if (failure !== undefined) {
    const reason = failureReason(failure.object.kind);
    return { phase: "Failed", status: "False", reason, message: failure.text };
  }
  if (spec.deploymentMode === "sidecar") {
    const message = "It runs in the pods of the agents that use it.";
    return { phase: "Running", status: "True", reason: "ReconcileSuccess", message };
  }
  return deploymentState(deployment, tool);
}

function networkPolicyOf(input: ToolStatusInput): readonly ConditionIntent[] {
  const { spec, networkIsolation, failures, desired } = input;
  if (spec?.deploymentMode === "sidecar" || desired === undefined) return [];
  const failure = failures.find(({ object }) => failureReason(object.kind) === "NetworkPolicyError");
  return networkPolicyReady({ networkIsolation, error: failure?.text, unresolved: desired.unresolved });
}

/**
 * Told of servers that are asked, beside Ready: a server that does not speak to the operator may well speak to agents. While
 * it is asked anew, what was said of this spec stands.
 */
function schemasDiscovered({ tool, discovery, previous }: ToolStatusInput): readonly ConditionIntent[] {
  const type = "SchemasDiscovered";
  if (discovery === undefined) return [];
  if (discovery.kind === "offered") {
    const { names, note } = discovery.offer;
    const count = `The server offers ${names.length} ${names.length === 1 ? "tool" : "tools"}.`;
    const message = note === undefined ? count : `${count} ${note}`;
    return [{ type, status: "True", reason: "ReconcileSuccess", message }];
  }
  if (discovery.kind === "silent") {
    const listed = previous?.["availableTools"] === undefined ? "" : " What is listed it said before.";
    const message = `What it offers is not known: the server ${discovery.text}.${listed}`;
    return [{ type, status: "False", reason: "ServerSilent", message }];
  }
  const { conditions = [] } = (previous ?? {}) as { readonly conditions?: readonly Condition[] };
  const standing = conditions.find((condition) => condition.type === type);
  if (standing !== undefined && standing.observedGeneration === tool.metadata.generation) {
    const { status, reason, message } = standing;
    return [{ type, status, reason, message }];
  }
  const message = "The server is asked what it offers once its pods are ready.";
  return [{ type, status: "False", reason: "Pending", message }];
}

interface Condition extends ConditionIntent {
  readonly observedGeneration?: number;
}

/** A server that does not answer now still offers what it offered; so does one of which nothing is known at present. */
function discoveredFields({ spec, discovery, previous }: ToolStatusInput): JsonObject {
  if (discovery?.kind === "offered") {
    const { names, schemas } = discovery.offer;
    return { availableTools: names, ...(schemas === undefined ? {} : { toolSchemas: schemas }) };
  }
  if (spec !== undefined && discovery === undefined) return {};
  const kept = ["availableTools", "toolSchemas"].flatMap((name) => {
    const value = previous?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

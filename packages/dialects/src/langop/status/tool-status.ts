import { type Finding, isJsonObject, type JsonObject } from "@gatewright/plan";
import type { DesiredObjects, ObjectReference } from "../../desired-objects.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageToolSpec } from "../kinds/language-tool.ts";
import { toolEndpoint } from "../read/agent-tool.ts";
import { generationOf } from "./cluster-status.ts";
import { degraded } from "./degraded.ts";
import type { ConditionIntent, ObservedRollout, StatusIntent } from "./intent.ts";
import { deploymentState, type WorkloadState } from "./workload-state.ts";

/** What an MCP server said that it offers. */
export interface DiscoveredTools {
  readonly tools: readonly JsonObject[];
}

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
  /** Absent: nobody has asked the server, or it did not answer. */
  readonly discovered?: DiscoveredTools;
}

/** Status of a LanguageTool (langop.md §2.6). */
export function toolStatus(input: ToolStatusInput): StatusIntent {
  const { tool, spec, findings, deployment } = input;
  const state = stateOf(input);
  return {
    phase: state.phase === "Suspended" ? "Pending" : state.phase,
    conditions: [
      { type: "Ready", status: state.status, reason: state.reason, message: state.message },
      ...networkPolicyReady(input),
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
    const reason =
      failure.object.kind === "NetworkPolicy" || failure.object.kind === "CiliumNetworkPolicy"
        ? "NetworkPolicyError"
        : failure.object.kind === "Service"
          ? "ServiceError"
          : "DeploymentError";
    return { phase: "Failed", status: "False", reason, message: failure.text };
  }
  if (spec.deploymentMode === "sidecar") {
    const message = "It runs in the pods of the agents that use it.";
    return { phase: "Running", status: "True", reason: "ReconcileSuccess", message };
  }
  return deploymentState(deployment, tool.metadata.namespace ?? "");
}

function networkPolicyReady({
  spec,
  networkIsolation,
  failures,
  desired,
}: ToolStatusInput): readonly ConditionIntent[] {
  const type = "NetworkPolicyReady";
  if (spec?.deploymentMode === "sidecar" || desired === undefined) return [];
  if (!networkIsolation) {
    const message = "Network isolation is switched off, so no NetworkPolicy is written.";
    return [{ type, status: "True", reason: "NetworkPolicyDisabled", message }];
  }
  const failure = failures.find(({ object }) => object.kind.endsWith("NetworkPolicy"));
  if (failure !== undefined) {
    return [{ type, status: "False", reason: "NetworkPolicyError", message: failure.text }];
  }
  if (desired.unresolved.length > 0) {
    const message = `${desired.unresolved.slice(0, 10).join(", ")} could not be resolved, so connections there stay closed.`;
    return [{ type, status: "False", reason: "PeerUnresolved", message }];
  }
  return [{ type, status: "True", reason: "NetworkPolicyReady", message: "The NetworkPolicy is in place." }];
}

/** Told only of servers that were asked. */
function schemasDiscovered({ discovered }: ToolStatusInput): readonly ConditionIntent[] {
  if (discovered === undefined) return [];
  const { length } = discovered.tools;
  const message = `The server offers ${length} ${length === 1 ? "tool" : "tools"}.`;
  return [{ type: "SchemasDiscovered", status: "True", reason: "ReconcileSuccess", message }];
}

/** A server that does not answer now still offers what it offered. */
function discoveredFields({ discovered, previous }: ToolStatusInput): JsonObject {
  if (discovered === undefined) {
    const kept = ["availableTools", "toolSchemas"].flatMap((name) => {
      const value = previous?.[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(kept);
  }
  return {
    availableTools: discovered.tools.flatMap((tool) =>
      typeof tool["name"] === "string" ? [tool["name"]] : [],
    ),
    toolSchemas: discovered.tools.filter(isJsonObject),
  };
}

function managedResources({ desired, previous }: ToolStatusInput): JsonObject {
  if (desired !== undefined) {
    return { managedResources: desired.managedResources.map((entry) => ({ ...entry })) };
  }
  const standing = previous?.["managedResources"];
  return standing === undefined ? {} : { managedResources: standing };
}

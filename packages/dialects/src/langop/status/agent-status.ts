import { compareOrigins, type Finding, type JsonObject } from "@gatewright/plan";
import type { DesiredObjects, ObjectReference } from "../../desired-objects.ts";
import { originOf, type Resource } from "../../resource.ts";
import { workspaceName } from "../objects/agent/storage.ts";
import { formOf } from "../objects/agent/workload.ts";
import type { Agent } from "../read/agent.ts";
import { generationOf } from "./cluster-status.ts";
import { degraded } from "./degraded.ts";
import type { ConditionIntent, ObservedRollout, ObservedRun, StatusIntent } from "./intent.ts";
import {
  failureReason,
  managedResources,
  type NetworkState,
  networkPolicyReady,
} from "./member-condition.ts";
import { deploymentState, type WorkloadState } from "./workload-state.ts";

/** Facts the status of a LanguageAgent is made of. */
export interface AgentStatusInput {
  readonly agent: Resource;
  /** Absent when its spec cannot be read, or nobody has read it yet. */
  readonly reading?: Agent;
  /** `status` as it stands. */
  readonly previous?: JsonObject;
  readonly findings: readonly Finding[];
  /** What it waits for; nothing was written then. */
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** Absent when this pass did not get as far. */
  readonly desired?: Pick<DesiredObjects, "managedResources" | "unresolved">;
  /** What could not be written, in the order of the objects. */
  readonly failures: readonly { readonly object: ObjectReference; readonly text: string }[];
  /** What runs is left as it is, because something it refers to is missing. */
  readonly held: boolean;
  readonly networkIsolation: boolean;
  readonly deployment?: ObservedRollout;
  /** The last run of a task. */
  readonly run?: ObservedRun;
  /** Host the agent is published at, and whether its Ingress has an address. */
  readonly route?: { readonly url: string; readonly published: boolean };
}

/**
 * Status of a LanguageAgent (langop.md §2.1, §2.4). Ready is True only while the pods that the spec asks for are ready; an
 * agent that runs on without something it refers to is Degraded.
 */
export function agentStatus(input: AgentStatusInput): StatusIntent {
  const { agent, reading, findings } = input;
  const state = stateOf(input);
  return {
    phase: state.phase,
    conditions: [
      { type: "Ready", status: state.status, reason: state.reason, message: state.message },
      ...networkPolicyReady(networkState(input)),
      ...runtimeResolved(input),
      ...workspaceSeeded(input, state),
      ...routeConditions(input),
      ...degraded(findings),
    ],
    fields: {
      ...generationOf(agent),
      message: state.message,
      ...(agent.metadata.uid === undefined ? {} : { uuid: agent.metadata.uid }),
      activeReplicas: input.deployment?.replicas ?? (input.run?.phase === "Running" ? 1 : 0),
      readyReplicas: input.deployment?.readyReplicas ?? 0,
      ...(input.route?.published === true ? { webhookURLs: [input.route.url] } : {}),
      ...(reading?.spec.workspace.enabled === true && isDeployed(input)
        ? { workspacePVCName: workspaceName(agent.metadata.name) }
        : {}),
      ...runFields(input),
      ...managedResources(input),
    },
  };
}

/** Its objects have been written, now or before. */
function isDeployed({ desired, previous }: AgentStatusInput): boolean {
  return desired !== undefined || previous?.["managedResources"] !== undefined;
}

function stateOf(input: AgentStatusInput): WorkloadState {
  const { reading, waiting, failures, held } = input;
  const blocked = blockedText(input);
  if (waiting !== undefined) return { phase: "Pending", status: "False", ...waiting };
  if (blocked !== undefined) {
    return { phase: "Failed", status: "False", reason: blocked.code, message: blocked.text };
  }
  const [failure] = failures;
  if (failure !== undefined) {
    const reason = failureReason(failure.object.kind);
    const phase = reason === "NetworkPolicyError" && runs(input) ? "Degraded" : "Failed";
    return { phase, status: "False", reason, message: failure.text };
  }
  const lacking = (reading?.missing ?? []).map(({ kind, name }) => `${kind} ${name}`).join(", ");
  if (held && runs(input)) {
    const message = `What runs is left as it is, because ${lacking} is missing.`;
    return { phase: "Degraded", status: "False", reason: "ReferenceMissing", message };
  }
  if (held && finishedRun(input) === undefined) {
    // The dialect's reason: environment variables of a missing model cannot be made (langop.md §2.3).
    const message = `It is not deployed yet, because ${lacking} is missing.`;
    return { phase: "Failed", status: "False", reason: "DeploymentError", message };
  }
  const state = workloadState(input);
  return state.phase === "Running" && (input.desired?.unresolved.length ?? 0) > 0
    ? { ...state, phase: "Degraded" }
    : state;
}

function runs({ deployment, run }: AgentStatusInput): boolean {
  return (deployment?.readyReplicas ?? 0) > 0 || run?.phase === "Running";
}

function blockedText({ agent, findings }: AgentStatusInput): Finding | undefined {
  const own = originOf(agent);
  return findings.find(
    ({ effect, code, origin: { path: _, ...origin } }) =>
      effect === "blocked" &&
      compareOrigins(origin, own) === 0 &&
      (code === "InvalidField" || code === "ImageMissing" || code === "NameUnusable"),
  );
}

function workloadState(input: AgentStatusInput): WorkloadState {
  const { reading, run } = input;
  if (reading === undefined || formOf(reading) === "Deployment") {
    return deploymentState(input.deployment, input.agent, input.previous);
  }
  if (reading.spec.execution?.suspend === true && run?.phase !== "Running") {
    return { phase: "Suspended", status: "False", reason: "Suspended", message: "No run is started." };
  }
  if (run?.phase === "Running") {
    return { phase: "Running", status: "True", reason: "ReconcileSuccess", message: `${run.name} runs.` };
  }
  const finished = finishedRun(input);
  if (finished?.phase === "Failed") {
    return {
      phase: "Failed",
      status: "False",
      reason: "RunFailed",
      message: `${finished.name} has failed${finished.trouble === undefined ? "." : `: ${finished.trouble}`}`,
    };
  }
  if (finished !== undefined) {
    return {
      phase: "Succeeded",
      status: "True",
      reason: "ReconcileSuccess",
      message: `${finished.name} has run to its end.`,
    };
  }
  const lost = lostRun(input);
  if (lost !== undefined && formOf(reading) === "Job") {
    const message = `${lost} is gone, and nobody has seen how it ended. It is not run again before the agent is changed.`;
    return { phase: "Failed", status: "False", reason: "RunLost", message };
  }
  return formOf(reading) === "CronJob"
    ? {
        phase: "Running",
        status: "True",
        reason: "ReconcileSuccess",
        message: "It waits for the first time of its schedule.",
      }
    : { phase: "Pending", status: "False", reason: "Pending", message: "Its run has not begun yet." };
}

/** Name of the last run, when its Job was removed before its end was seen: by hand, or while no operator ran. */
function lostRun(input: AgentStatusInput): string | undefined {
  const { lastRunName: name } = input.previous ?? {};
  if (input.run !== undefined || isDue(input) || typeof name !== "string") return undefined;
  return finishedRun(input) === undefined ? name : undefined;
}

/** A run has been asked for that nobody has seen yet. */
function isDue({ desired, held }: AgentStatusInput): boolean {
  return !held && desired?.managedResources.some(({ kind }) => kind === "Job") === true;
}

/** The last run, when it is over: as its Job says, or, where that has been removed by its time, as the status says. */
function finishedRun(input: AgentStatusInput): ObservedRun | undefined {
  const { run, previous } = input;
  if (run !== undefined) return run.phase === "Running" ? undefined : run;
  const { lastRunName: name, lastRunPhase: phase } = previous ?? {};
  if (isDue(input) || typeof name !== "string" || (phase !== "Succeeded" && phase !== "Failed"))
    return undefined;
  return { name, phase };
}

function networkState({ networkIsolation, failures, desired }: AgentStatusInput): NetworkState {
  const failure = failures.find(({ object }) => failureReason(object.kind) === "NetworkPolicyError");
  return { networkIsolation, error: failure?.text, unresolved: desired?.unresolved };
}

function runtimeResolved({ reading }: AgentStatusInput): readonly ConditionIntent[] {
  const name = reading?.spec.runtime;
  if (reading === undefined || !name) return [];
  const type = "RuntimeResolved";
  return reading.missing.some(({ kind }) => kind === "LanguageAgentRuntime")
    ? [
        {
          type,
          status: "False",
          reason: "RuntimeNotFound",
          message: `There is no LanguageAgentRuntime ${name} that can be used.`,
        },
      ]
    : [
        {
          type,
          status: "True",
          reason: "RuntimeApplied",
          message: `LanguageAgentRuntime ${name} is applied.`,
        },
      ];
}

function workspaceSeeded({ reading }: AgentStatusInput, state: WorkloadState): readonly ConditionIntent[] {
  const { enabled, initialFiles, seedConfigMapRef } = reading?.spec.workspace ?? {};
  if (enabled !== true || (initialFiles === undefined && seedConfigMapRef === undefined)) return [];
  const type = "WorkspaceSeeded";
  return state.status === "True"
    ? [{ type, status: "True", reason: "ReconcileSuccess", message: "The workspace has its first files." }]
    : [{ type, status: "False", reason: "Pending", message: "The first pod writes them when it starts." }];
}

function routeConditions({ route, failures }: AgentStatusInput): readonly ConditionIntent[] {
  if (route === undefined) return [];
  const failure = failures.find(({ object }) => failureReason(object.kind) === "IngressCreationFailed");
  if (failure !== undefined) {
    const why = { status: "False", reason: "IngressCreationFailed", message: failure.text } as const;
    return [
      { type: "WebhookRouteCreated", ...why },
      { type: "WebhookRouteReady", ...why },
    ];
  }
  return [
    {
      type: "WebhookRouteCreated",
      status: "True",
      reason: "IngressCreated",
      message: `The Ingress leads ${route.url} to the agent.`,
    },
    route.published
      ? {
          type: "WebhookRouteReady",
          status: "True",
          reason: "ReconcileSuccess",
          message: `${route.url} is published.`,
        }
      : {
          type: "WebhookRouteReady",
          status: "False",
          reason: "Pending",
          message: "No ingress controller has given the Ingress an address yet.",
        },
  ];
}

function runFields(input: AgentStatusInput): JsonObject {
  const { run, previous } = input;
  if (run === undefined) {
    // A Job that is gone by its time has run all the same, and must not run again.
    const known = lostRun(input) === undefined ? ["lastRunPhase"] : [];
    const kept = ["lastRunName", "lastRunTime", ...known].flatMap((name) => {
      const value = previous?.[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(kept);
  }
  const { name, phase, startTime } = run;
  return {
    ...(phase === "Running" ? { activeWorkflowName: name } : {}),
    lastRunName: name,
    ...(startTime === undefined ? {} : { lastRunTime: startTime }),
    lastRunPhase: phase,
  };
}

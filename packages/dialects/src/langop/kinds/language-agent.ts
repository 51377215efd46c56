import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { agentCredential, agentPort } from "./agent-port.ts";
import { deploymentSpec, verbatim } from "./deployment-spec.ts";
import { languageAgentStatus } from "./language-agent-status.ts";
import { imageReference, memberName } from "./member-name.ts";
import { networkPolicies } from "./network-rule.ts";
import { quantity } from "./quantity.ts";

/** What a model is to an agent; adapters prefer them in this order. */
export const modelRoles = ["primary", "fallback", "reasoning", "tool-calling", "summarization"] as const;

const modelName = memberName.max(63).describe("Name of a LanguageModel of the namespace.");

/** A model an agent may use (langop.md §2.1). */
export const agentModel = z.strictObject({
  name: modelName,
  role: z.enum(modelRoles).default("primary").describe("What the agent uses the model for."),
  priority: z.int32().optional().describe("Order among models of one role, lowest first."),
  model: z
    .string()
    .min(1)
    .optional()
    .describe("Which model of a LanguageModel that stands for a whole catalogue (modelName `*`)."),
});

/** A tool an agent may use (langop.md §2.1). */
export const agentTool = z.strictObject({
  name: memberName.describe(
    "Name of a LanguageTool of the namespace; with `url`, any name for a server outside of it.",
  ),
  enabled: z.boolean().default(true).describe("Whether the agent gets the tool."),
  url: z.string().min(1).optional().describe("Address of an MCP server that is no LanguageTool."),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe("Headers for the server at `url`. Everybody who may read the agent sees them."),
});

const workspace = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Whether the agent has a volume of its own."),
    size: quantity.default("10Gi").describe("Size of the volume. It may grow, never shrink."),
    storageClassName: z
      .string()
      .optional()
      .describe("Storage class of the volume; the operator's, else the cluster's, when unset."),
    accessMode: z
      .enum(["ReadWriteOnce", "ReadWriteMany"])
      .default("ReadWriteOnce")
      .describe("How many nodes may mount the volume."),
    mountPath: z.string().min(1).default("/workspace").describe("Where the container sees the volume."),
    retain: z.boolean().optional().describe("Keep the volume when the agent is deleted."),
    initialFiles: z
      .record(z.string(), z.string())
      .optional()
      .describe("Files by path inside the workspace, written when they are not there."),
    seedConfigMapRef: z
      .strictObject({ name: z.string().min(1).describe("Name of a ConfigMap of the namespace.") })
      .optional()
      .describe("A ConfigMap whose keys are files, written when they are not there."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!has(oldSelf.accessMode) || self.accessMode == oldSelf.accessMode",
        message: "the access mode of a volume cannot change: give the agent another name, or delete it first",
      },
      {
        rule: "!has(oldSelf.storageClassName) || (has(self.storageClassName) && self.storageClassName == oldSelf.storageClassName)",
        message:
          "the storage class of a volume cannot change: give the agent another name, or delete it first",
      },
    ],
  });

const selfConfigure = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether the agent may change itself."),
  allowedActions: z
    .array(z.enum(["tools", "models", "envVars", "instructions", "roleRules"]))
    .optional()
    .describe("What it may change; nothing when unset."),
});

const execution = z.strictObject({
  mode: z
    .enum(["service", "task"])
    .default("service")
    .describe("service: runs on; task: runs to its end, once for each change or on a schedule."),
  schedule: z.string().min(1).optional().describe("When a task runs, as cron writes it."),
  timezone: z.string().min(1).optional().describe("Time zone of the schedule, for example Europe/Berlin."),
  activeDeadlineSeconds: z.int().min(1).optional().describe("Longest a run may take, in seconds."),
  ttlSecondsAfterFinished: z
    .int32()
    .min(0)
    .optional()
    .describe("Seconds after which a finished run is removed."),
  concurrencyPolicy: z
    .enum(["Allow", "Forbid", "Replace"])
    .default("Forbid")
    .describe("What happens when a run is due and the one before still runs."),
  suspend: z.boolean().optional().describe("Start no runs for now; a service gets no pods."),
  retryLimit: z.int32().min(0).optional().describe("How often a failed run is tried again."),
});

const repository = z.strictObject({
  url: z.string().min(1).describe("Address of a Git repository."),
  ref: z.string().min(1).optional().describe("Branch, tag or commit; the default branch when unset."),
  path: z.string().min(1).optional().describe("Folder of the workspace it is checked out into."),
  depth: z.int().min(0).optional().describe("How many commits are fetched; 0 all."),
  secretRef: z
    .strictObject({ name: z.string().min(1).describe("Name of a Secret of the namespace.") })
    .optional()
    .describe("Secret with the credentials of the repository."),
});

/** `spec` of a LanguageAgent: the fields of all three generations (langop.md §2.1; decisions: modelRef). */
export const languageAgentSpec = z
  .strictObject({
    image: imageReference
      .optional()
      .describe("Image of the agent; that of its runtime when unset. Without either nothing is deployed."),
    runtime: memberName
      .optional()
      .describe("Name of a LanguageAgentRuntime whose settings the agent takes over."),
    models: z.array(agentModel).optional().describe("Models the agent may use."),
    modelRef: z
      .union([modelName, z.strictObject({ name: modelName })])
      .optional()
      .describe("The one model of a first-generation agent; an entry of `models`."),
    modelRefs: z
      .array(agentModel)
      .optional()
      .describe("Models of a first-generation agent; entries of `models`."),
    tools: z.array(agentTool).optional().describe("Tools the agent may use."),
    persona: memberName.optional().describe("Name of the LanguagePersona the agent takes on."),
    instructions: z.string().optional().describe("What the agent is to do."),
    workspace: workspace.prefault({}).describe("The volume the agent works in."),
    networkPolicies: networkPolicies.optional().describe("Network rules for this agent alone."),
    ports: z.array(agentPort).optional().describe("Ports the agent listens on; http, 8080, when unset."),
    deployment: deploymentSpec.optional().describe("Adjustments of the agent's Deployment and Service."),
    credentials: z
      .array(agentCredential)
      .optional()
      .describe("Secrets the agent gets as environment variables."),
    selfConfigure: selfConfigure
      .optional()
      .describe("What the agent may change about itself, by LanguageAgentSelfConfigs."),
    monitoring: z
      .strictObject({
        serviceMonitor: verbatim("Accepted for old manifests; no ServiceMonitor is written."),
        rules: verbatim("Accepted for old manifests; no PrometheusRule is written."),
      })
      .optional()
      .describe("Monitoring of the agent."),
    execution: execution.optional().describe("Whether the agent runs on, or to its end."),
    repository: repository.optional().describe("A Git repository in the workspace."),
  })
  .describe("An agent: a container with models, tools and a persona.");

export type LanguageAgentSpec = z.output<typeof languageAgentSpec>;

/** The kind LanguageAgent. */
export const languageAgent: Kind<typeof languageAgentSpec, typeof languageAgentStatus> = {
  group: "langop.io",
  version: "v1alpha1",
  kind: "LanguageAgent",
  plural: "languageagents",
  shortNames: ["lagent"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Phase", type: "string", path: ".status.phase" },
    { name: "Replicas", type: "integer", path: ".status.activeReplicas" },
    { name: "Ready", type: "integer", path: ".status.readyReplicas" },
    { name: "UUID", type: "string", path: ".status.uuid" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: languageAgentSpec,
  status: languageAgentStatus,
};

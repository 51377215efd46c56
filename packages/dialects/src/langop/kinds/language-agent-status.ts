import * as z from "zod";
import { conditions } from "../../condition.ts";
import { managedResources } from "./managed-resources.ts";

/** Where an agent stands, in one word (langop.md §2.1). */
export const agentPhases = [
  "Pending",
  "Running",
  "Failed",
  "Updating",
  "Degraded",
  "Suspended",
  "Succeeded",
] as const;

/** `status` of a LanguageAgent (langop.md §2.1). */
export const languageAgentStatus = z.strictObject({
  phase: z
    .enum(agentPhases)
    .optional()
    .describe(
      "Pending until it runs for the first time, Updating while pods are replaced, Degraded when it runs otherwise than its spec says.",
    ),
  observedGeneration: z.int().min(0).optional().describe("Generation of the spec this status is of."),
  conditions: conditions.optional(),
  message: z.string().optional().describe("What the phase means, for people."),
  uuid: z.string().optional().describe("metadata.uid of the agent, by which the gateway knows it."),
  activeReplicas: z.int32().min(0).optional().describe("Pods there should be."),
  readyReplicas: z.int32().min(0).optional().describe("Pods that are ready."),
  webhookURLs: z.array(z.string()).optional().describe("Where the agent is reached from outside."),
  workspacePVCName: z.string().optional().describe("Name of the volume claim of the workspace."),
  activeWorkflowName: z.string().optional().describe("Name of the Job that runs now, of a task."),
  lastRunName: z.string().optional().describe("Name of the Job that ran last."),
  lastRunTime: z.string().meta({ format: "date-time" }).optional().describe("When it began."),
  lastRunPhase: z.enum(["Running", "Succeeded", "Failed"]).optional().describe("What became of it."),
  managedResources: managedResources.optional().describe("Objects that belong to the agent."),
});

export type LanguageAgentStatus = z.output<typeof languageAgentStatus>;

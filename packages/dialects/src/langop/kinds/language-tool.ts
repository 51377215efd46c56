import * as z from "zod";
import { conditions } from "../../condition.ts";
import type { Kind } from "../../kind.ts";
import { deploymentSpec } from "./deployment-spec.ts";
import { managedResources } from "./managed-resources.ts";
import { imageReference } from "./member-name.ts";
import { modelEgress, networkPolicies } from "./network-rule.ts";

/** `spec` of a LanguageTool (langop.md §2.6). */
export const languageToolSpec = z
  .strictObject({
    image: imageReference.describe("Image of the tool's server."),
    type: z.enum(["mcp", "openapi"]).default("mcp").describe("What the server speaks."),
    deploymentMode: z
      .enum(["service", "sidecar"])
      .default("service")
      .describe("service: pods of its own, for all agents; sidecar: a container in the pods of each agent."),
    port: z.int().min(1).max(65535).default(8080).describe("Port the server listens on."),
    deployment: deploymentSpec
      .optional()
      .describe("Adjustments of the tool's Deployment and Service; of a sidecar, of its container."),
    networkPolicies: networkPolicies.optional().describe("Network rules for this tool alone."),
    egress: modelEgress
      .optional()
      .describe("Connections the tool may open, as the first generation wrote them."),
    replicas: z
      .int32()
      .min(0)
      .optional()
      .describe("Number of pods, as the first generation wrote it; deployment.replicas wins."),
  })
  .describe("A server with tools for agents.");

export type LanguageToolSpec = z.output<typeof languageToolSpec>;

/** Where a tool stands, in one word (langop.md §2.6). */
export const toolPhases = ["Pending", "Running", "Failed", "Updating", "Degraded"] as const;

/** `status` of a LanguageTool (langop.md §2.6). */
export const languageToolStatus = z.strictObject({
  phase: z.enum(toolPhases).optional().describe("Pending until it runs for the first time."),
  observedGeneration: z.int().min(0).optional().describe("Generation of the spec this status is of."),
  conditions: conditions.optional(),
  message: z.string().optional().describe("What the phase means, for people."),
  endpoint: z.string().optional().describe("Address at which agents reach the tool."),
  availableTools: z.array(z.string()).optional().describe("Names of the tools the server offers."),
  toolSchemas: z
    .array(z.record(z.string(), z.unknown()).meta({ "x-kubernetes-preserve-unknown-fields": true }))
    .optional()
    .describe("Their schemas, as the server gives them."),
  replicas: z.int32().min(0).optional().describe("Pods there should be."),
  readyReplicas: z.int32().min(0).optional().describe("Pods that are ready."),
  updatedReplicas: z.int32().min(0).optional().describe("Pods of the present spec."),
  availableReplicas: z.int32().min(0).optional().describe("Pods that have been ready for a while."),
  managedResources: managedResources.optional().describe("Objects that belong to the tool."),
});

export type LanguageToolStatus = z.output<typeof languageToolStatus>;

/** The kind LanguageTool. */
export const languageTool: Kind<typeof languageToolSpec, typeof languageToolStatus> = {
  group: "langop.io",
  version: "v1alpha1",
  kind: "LanguageTool",
  plural: "languagetools",
  shortNames: ["ltool"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Type", type: "string", path: ".spec.type" },
    { name: "Image", type: "string", path: ".spec.image" },
    { name: "Phase", type: "string", path: ".status.phase" },
    { name: "Endpoint", type: "string", path: ".status.endpoint" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: languageToolSpec,
  specRequired: true,
  status: languageToolStatus,
};

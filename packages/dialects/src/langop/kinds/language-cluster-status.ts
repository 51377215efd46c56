import * as z from "zod";
import { conditions } from "../../condition.ts";
import { managedResources } from "./managed-resources.ts";
import { phase } from "./phase.ts";
import { quantity } from "./quantity.ts";

const count = (of: string) => z.int32().min(0).optional().describe(`Number of ${of} in the namespace.`);

const capacity = z.strictObject({
  agentCount: count("LanguageAgents"),
  modelCount: count("LanguageModels"),
  toolCount: count("LanguageTools"),
  personaCount: count("LanguagePersonas"),
  totalCPULimits: quantity
    .optional()
    .describe("Sum of the CPU limits of agents, tools and the gateway's pods."),
  totalMemoryLimits: quantity.optional().describe("Sum of their memory limits."),
});

/** `status` of a LanguageCluster (langop.md §1.1). */
export const languageClusterStatus = z.strictObject({
  phase,
  observedGeneration: z.int().min(0).optional().describe("Generation of the spec this status is of."),
  conditions: conditions.optional(),
  gatewayEndpoint: z
    .string()
    .optional()
    .describe(
      "Address of the gateway inside the cluster, for example `http://gateway.demo.svc.cluster.local:8000`.",
    ),
  gatewayReady: z.boolean().optional().describe("Whether the gateway serves."),
  capacity: capacity.optional().describe("What is in the namespace."),
  managedResources: managedResources.optional().describe("Objects that belong to the cluster."),
});

export type LanguageClusterStatus = z.output<typeof languageClusterStatus>;

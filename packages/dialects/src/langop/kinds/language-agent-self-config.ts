import * as z from "zod";
import { conditions } from "../../condition.ts";
import type { Kind } from "../../kind.ts";
import { agentModel, agentTool } from "./language-agent.ts";
import { memberName } from "./member-name.ts";

/** Entries, or names alone, which are all that the replaced operator takes. `addedMembers` reads both. */
const namesOr = <Entry extends typeof agentTool | typeof agentModel>(entry: Entry) =>
  z.array(z.union([memberName, entry])).optional();

const names = (of: string) => z.array(memberName).optional().describe(`Names of ${of} to take away.`);

/** `spec` of a LanguageAgentSelfConfig (langop.md §2.6). */
export const languageAgentSelfConfigSpec = z
  .strictObject({
    instanceRef: memberName.describe("Name of the LanguageAgent that is to change, in the same namespace."),
    addTools: namesOr(agentTool).describe("Tools to add; one of the same name is replaced."),
    removeTools: names("tools"),
    addModels: namesOr(agentModel).describe("Models to add; one of the same name is replaced."),
    removeModels: names("models"),
    addEnvVars: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe("Name of the variable."),
          value: z.string().optional().describe("Its value."),
        }),
      )
      .optional()
      .describe("Variables to add to deployment.env; one of the same name is replaced."),
    updateInstructions: z.string().optional().describe("The new instructions."),
    addRoleRules: z
      .array(z.record(z.string(), z.unknown()).meta({ "x-kubernetes-preserve-unknown-fields": true }))
      .optional()
      .describe("Rules to add to deployment.roleRules."),
  })
  .describe("A change that an agent asks for about itself; it happens once, as far as the agent allows it.");

export type LanguageAgentSelfConfigSpec = z.output<typeof languageAgentSelfConfigSpec>;

/** The tools and models that are to be added, as entries of the agent's own lists. */
export function addedMembers({ addTools = [], addModels = [] }: LanguageAgentSelfConfigSpec): {
  readonly tools: readonly z.output<typeof agentTool>[];
  readonly models: readonly z.output<typeof agentModel>[];
} {
  return {
    tools: addTools.map((tool) => (typeof tool === "string" ? { name: tool, enabled: true } : tool)),
    models: addModels.map((model) => (typeof model === "string" ? { name: model, role: "primary" } : model)),
  };
}

/** `status` of a LanguageAgentSelfConfig (langop.md §2.6). */
export const languageAgentSelfConfigStatus = z.strictObject({
  phase: z
    .enum(["Pending", "Applied", "Failed", "Denied"])
    .optional()
    .describe("Denied: the agent may not change this; Failed: it could not be changed."),
  observedGeneration: z.int().min(0).optional().describe("Generation of the spec this status is of."),
  conditions: conditions.optional(),
  message: z.string().optional().describe("What the phase means, for people."),
  completionTime: z
    .string()
    .meta({ format: "date-time" })
    .optional()
    .describe("When it was decided; an hour later the object is removed."),
});

export type LanguageAgentSelfConfigStatus = z.output<typeof languageAgentSelfConfigStatus>;

/** The kind LanguageAgentSelfConfig. */
export const languageAgentSelfConfig: Kind<
  typeof languageAgentSelfConfigSpec,
  typeof languageAgentSelfConfigStatus
> = {
  group: "langop.io",
  version: "v1alpha1",
  kind: "LanguageAgentSelfConfig",
  plural: "languageagentselfconfigs",
  shortNames: ["lasc"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Agent", type: "string", path: ".spec.instanceRef" },
    { name: "Phase", type: "string", path: ".status.phase" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: languageAgentSelfConfigSpec,
  specRequired: true,
  status: languageAgentSelfConfigStatus,
};

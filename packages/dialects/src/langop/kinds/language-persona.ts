import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { languageModelStatus } from "./language-model-status.ts";

/** `spec` of a LanguagePersona (langop.md §2.6). */
export const languagePersonaSpec = z
  .strictObject({
    tone: z.string().optional().describe("How the agent speaks."),
    personality: z.string().optional().describe("What the agent is like."),
    expertise: z.string().optional().describe("What the agent knows well."),
  })
  .describe("What an agent is like.");

export type LanguagePersonaSpec = z.output<typeof languagePersonaSpec>;

/** The kind LanguagePersona; its status has the members of a LanguageModel's. */
export const languagePersona: Kind<typeof languagePersonaSpec, typeof languageModelStatus> = {
  group: "langop.io",
  version: "v1alpha1",
  kind: "LanguagePersona",
  plural: "languagepersonas",
  shortNames: ["lpersona"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Personality", type: "string", path: ".spec.personality" },
    { name: "Tone", type: "string", path: ".spec.tone" },
    { name: "Phase", type: "string", path: ".status.phase" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: languagePersonaSpec,
  status: languageModelStatus,
};

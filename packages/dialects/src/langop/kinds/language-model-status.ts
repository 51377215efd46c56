import * as z from "zod";
import { conditions } from "../../condition.ts";
import { phase } from "./phase.ts";

/** `status` of a LanguageModel (langop.md §1.2). */
export const languageModelStatus = z.strictObject({
  phase,
  observedGeneration: z.int().min(0).optional().describe("Generation of the spec this status is of."),
  conditions: conditions.optional(),
  message: z.string().optional().describe("What the phase means, for people."),
});

export type LanguageModelStatus = z.output<typeof languageModelStatus>;

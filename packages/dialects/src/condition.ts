import * as z from "zod";

const condition = z.strictObject({
  type: z
    .string()
    .max(316)
    .regex(
      /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
    )
    .describe("What the condition is about."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  observedGeneration: z.int().min(0).optional().describe("Generation of the object the condition is of."),
  lastTransitionTime: z
    .string()
    .meta({ format: "date-time" })
    .describe("When the status last changed to what it is."),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
    .describe("Why, in one word for programs."),
  message: z.string().max(32_768).describe("Why, for people."),
});

/** Conditions of a status (metav1.Condition): one of each type. */
export const conditions = z
  .array(condition)
  .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
  .describe("What is known about the object, one condition of each type.");

/** The same for kinds whose CRD never said so (agentic-layer.md §1): the list is replaced as a whole. */
export const atomicConditions = z
  .array(condition)
  .describe("What is known about the object, one condition of each type.");

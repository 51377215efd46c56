import * as z from "zod";

/**
 * A reference to another object (core/v1 ObjectReference). Only `name` and `namespace` are ever looked at; the other
 * fields are admitted because the type has them.
 */
export const objectReference = z.strictObject({
  apiVersion: z.string().optional().describe("Not looked at."),
  kind: z.string().optional().describe("Not looked at."),
  name: z.string().optional().describe("Name of the object."),
  namespace: z
    .string()
    .optional()
    .describe("Namespace of the object; the referring object's own when unset."),
  fieldPath: z.string().optional().describe("Not looked at."),
  resourceVersion: z.string().optional().describe("Not looked at."),
  uid: z.string().optional().describe("Not looked at."),
});

export type ObjectReference = z.output<typeof objectReference>;

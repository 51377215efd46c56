import * as z from "zod";

/** Labels and annotations for objects made from a resource. */
export const embeddedMetadata = z.strictObject({
  labels: z.record(z.string(), z.string()).optional().describe("Labels to add."),
  annotations: z.record(z.string(), z.string()).optional().describe("Annotations to add."),
});

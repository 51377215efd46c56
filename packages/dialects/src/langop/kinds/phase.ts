import * as z from "zod";

/** Where an object of this dialect stands, in one word. */
export const phase = z
  .enum(["Pending", "Ready", "Failed"])
  .optional()
  .describe("Pending until everything is there for the first time, Failed when a step does not succeed.");

import * as z from "zod";

/**
 * A duration as the dialect writes it: one number, one unit.
 * The pattern goes into the CRD only: model files written by hand never passed an API server, and the dialect reads
 * an unknown unit there as five minutes instead of refusing the model.
 */
export const durationText = (description: string) =>
  z.string().meta({ description, pattern: "^[0-9]+(ns|us|µs|ms|s|m|h)$" });

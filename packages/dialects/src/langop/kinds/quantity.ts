import * as z from "zod";

/** A quantity as Kubernetes writes it: `4`, `500m`, `16Gi`; the pattern is the one of resource.Quantity. */
export const quantity = z
  .union([
    z
      .string()
      .regex(
        /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+))?$/,
        { error: "it must be a quantity, for example 4, 500m or 16Gi" },
      ),
    z.int(),
  ])
  .meta({ "x-kubernetes-int-or-string": true });

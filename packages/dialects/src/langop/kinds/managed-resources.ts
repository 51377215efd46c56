import * as z from "zod";

/** Objects that belong to a resource, as its status lists them (langop.md §1.1, §3.1). */
export const managedResources = z
  .array(
    z.strictObject({
      group: z.string().optional().describe("API group of the object; absent for the core group."),
      kind: z.string().describe("Kind of the object."),
      name: z.string().describe("Name of the object."),
      namespace: z.string().optional().describe("Namespace of the object; absent for cluster-scoped ones."),
    }),
  )
  .meta({ "x-kubernetes-list-type": "atomic" });

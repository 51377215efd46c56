import * as z from "zod";

function keyOf(what: string) {
  return z
    .strictObject({
      name: z.string().default("").describe(`Name of the ${what}, in the namespace of the gateway.`),
      key: z.string().describe(`Key inside the ${what}.`),
      optional: z.boolean().optional().describe(`Whether the ${what} or its key may be missing.`),
    })
    .optional()
    .describe(`A key of a ${what}.`);
}

/** An environment variable of a container (core/v1 EnvVar). */
export const environmentVariable = z.strictObject({
  name: z.string().describe("Name of the variable."),
  value: z.string().optional().describe("Its value in clear; empty when neither this nor valueFrom is set."),
  valueFrom: z
    .strictObject({
      configMapKeyRef: keyOf("ConfigMap"),
      secretKeyRef: keyOf("Secret"),
      fieldRef: z
        .strictObject({
          apiVersion: z.string().optional().describe("Version the path is written for; v1 when unset."),
          fieldPath: z.string().describe("Field of the Pod, for example `metadata.name`."),
        })
        .optional()
        .describe("A field of the Pod."),
      resourceFieldRef: z
        .strictObject({
          containerName: z.string().optional().describe("Container meant; its own when unset."),
          divisor: z
            .union([z.string(), z.number()])
            .optional()
            .meta({ "x-kubernetes-int-or-string": true })
            .describe("Unit of the result."),
          resource: z.string().describe("For example `limits.memory`."),
        })
        .optional()
        .describe("A resource request or limit of a container."),
      fileKeyRef: z
        .strictObject({
          volumeName: z.string().describe("Volume with the file."),
          path: z.string().describe("Path of the file inside the volume."),
          key: z.string().describe("Key inside the file."),
          optional: z.boolean().optional().describe("Whether the file or its key may be missing."),
        })
        .optional()
        .describe("A key of a file in a volume."),
    })
    .optional()
    .describe("Where the value comes from."),
});

/** All keys of an object as environment variables (core/v1 EnvFromSource). */
export const environmentSource = z.strictObject({
  prefix: z.string().optional().describe("Put before each key."),
  configMapRef: sourceOf("ConfigMap"),
  secretRef: sourceOf("Secret"),
});

function sourceOf(what: string) {
  return z
    .strictObject({
      name: z.string().default("").describe(`Name of the ${what}, in the namespace of the gateway.`),
      optional: z.boolean().optional().describe(`Whether the ${what} may be missing.`),
    })
    .optional()
    .describe(`The ${what} whose keys become variables.`);
}

export type EnvironmentVariable = z.output<typeof environmentVariable>;
export type EnvironmentSource = z.output<typeof environmentSource>;

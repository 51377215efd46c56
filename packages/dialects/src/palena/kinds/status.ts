import * as z from "zod";
import { conditions } from "../../condition.ts";

const time = (description: string) => z.string().meta({ format: "date-time", description }).optional();
const flag = (description: string) => z.boolean().optional().describe(description);
const text = (description: string) => z.string().optional().describe(description);
const count = (description: string) => z.int().optional().describe(description);

/**
 * Statuses are loose: the replaced operator's releases wrote more than one of them declares, and what they wrote, such
 * as ids of objects in the gateway, must outlive the change of operators.
 */
const status = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.looseObject({ ...shape, conditions: conditions.optional() });

const block = <Shape extends z.core.$ZodLooseShape>(description: string, shape: Shape) =>
  z.looseObject(shape).optional().describe(description);

const objects = ["Models", "Teams", "Users", "Keys", "Organizations", "Customers"];

const counts = (prefix: string, of: string) =>
  Object.fromEntries(
    objects.map((name) => [`${prefix}${name}`, count(`Number of ${name.toLowerCase()} ${of}.`)]),
  );

/** `status` of a LiteLLMInstance (palena.md §1.1). */
export const instanceStatus = status({
  ready: flag("Whether a pod of the gateway is ready."),
  replicas: count("Number of pods."),
  readyReplicas: count("Number of pods that are ready."),
  endpoint: text("Address of the gateway inside the cluster."),
  version: text("Version of the engine: its image's tag."),
  database: block("The database.", {
    connected: flag("Whether the gateway reaches it."),
    migrationVersion: text("Version of its schema."),
  }),
  redis: block("Redis.", { connected: flag("Whether the gateway reaches it.") }),
  configSync: block("Comparison of the gateway with the resources.", {
    lastSyncTime: time("When they were last compared."),
    ...counts("synced", "that the resources declare and the gateway has"),
    ...counts("unmanaged", "that no resource declares"),
    syncErrors: z.array(z.string()).optional().describe("What could not be brought in line."),
  }),
  sso: block("Single sign-on.", {
    configured: flag("Whether it is on."),
    provider: text("The identity provider."),
  }),
  scim: block("Provisioning by SCIM.", {
    configured: flag("Whether it is on."),
    tokenSecretName: text("Secret of its token."),
  }),
  secretManager: block("The external secret manager.", {
    configured: flag("Whether it is on."),
    provider: text("Which one."),
  }),
  license: block("The engine's licence.", {
    active: flag("Whether there is one."),
    secretName: text("Secret that holds it."),
  }),
  backup: block("Backups of the database.", {
    configured: flag("Whether they are scheduled."),
    lastBackupTime: time("When the last one was made."),
    lastBackupStatus: text("How it went."),
  }),
  lastSuccessfulRevision: text("Revision of the Deployment that last became ready."),
  unhealthyPods: z
    .array(
      z.looseObject({
        name: text("Name of the pod."),
        phase: text("Phase of the pod."),
        reason: text("What is wrong, in one word."),
        message: z.string().max(512).optional().describe("What is wrong, for people."),
        restartCount: count("Restarts of its container."),
      }),
    )
    .max(3)
    .optional()
    .describe("Pods that are not well, at most three."),
});

/** `status` of a LiteLLMModel (palena.md §1.2). */
export const modelStatus = status({
  synced: flag("Whether the gateway has the model as declared."),
  litellmModelId: text("Id of the model in the gateway."),
  lastSyncTime: time("When the gateway last got it."),
  health: z.enum(["healthy", "unhealthy", "unknown"]).optional().describe("Health of the model."),
  latencyP50Ms: count("Median latency, in milliseconds."),
  latencyP95Ms: count("95th percentile of the latency, in milliseconds."),
  requestsLast24h: count("Requests of the last 24 hours."),
});

/** `status` of a LiteLLMCredential (palena.md §1.2). */
export const credentialStatus = status({
  configured: flag("Whether the credential can be used."),
  referencedByModels: count("Number of LiteLLMModels that name it."),
  lastSyncTime: time("When it was last looked at."),
});

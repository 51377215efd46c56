import * as z from "zod";
import { caSecretRef, secretKeyRef, secretRef } from "./reference.ts";

const backup = z.strictObject({
  enabled: z.boolean().describe("Schedule backups."),
  schedule: z.string().default("0 0 * * *").describe("When to back up, in cron notation of five fields."),
  retention: z.int().min(1).default(7).describe("How many backups to keep."),
  suspend: z.boolean().optional().describe("Pause the schedule."),
  method: z.enum(["snapshot", "barmanObjectStore"]).default("snapshot").describe("How the backup is made."),
});

const image = z.strictObject({
  repository: z.string().optional().describe("Image of the migration Job, without tag."),
  tag: z.string().optional().describe("Tag of the image. Default: the gateway's tag."),
  pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).optional().describe("When the image is pulled."),
});

/** `spec.database`: where the gateway's PostgreSQL database is. */
export const database = z
  .strictObject({
    external: z
      .strictObject({ connectionSecretRef: secretKeyRef.describe("Connection URL of the database.") })
      .optional()
      .describe("A database that somebody else runs."),
    cloudnativepg: z
      .strictObject({
        clusterName: z
          .string()
          .min(1)
          .describe("Name of a CloudNativePG Cluster; its Secret `<clusterName>-app`, key `uri`, is used."),
        backup: backup.optional().describe("Scheduled backups of the cluster."),
      })
      .optional()
      .describe("A database run by the CloudNativePG operator."),
    managed: z
      .strictObject({
        enabled: z.boolean().describe("Run a database for this gateway."),
        storageSize: z.string().default("10Gi").describe("Size of its volume."),
        storageClassName: z.string().optional().describe("Storage class of its volume."),
      })
      .optional()
      .describe("A database of the gateway's own."),
    connectionPool: z
      .strictObject({
        maxConnections: z.int().min(1).default(10).describe("Connections each gateway process may hold."),
      })
      .optional()
      .describe("The connection pool of the gateway."),
    migration: z
      .strictObject({
        enabled: z.boolean().default(true).describe("Migrate the schema before a new version serves."),
        timeout: z.string().default("300s").describe("Longest a migration may take."),
        useDatabaseImage: z.boolean().optional().describe("Migrate with an image made for it."),
        databaseImage: image.optional().describe("That image."),
      })
      .optional()
      .describe("Migration of the schema."),
    tls: z
      .strictObject({
        caSecretRef: caSecretRef.optional().describe("Authority of the database's certificate."),
        clientCertSecretRef: secretRef.optional().describe("Client certificate: keys tls.crt and tls.key."),
      })
      .optional()
      .describe("Certificates for the connection to the database."),
  })
  .describe("The gateway's PostgreSQL database.");

/** `spec.redis`: shared counters, and the cache when it has no connection of its own. */
export const redis = z
  .strictObject({
    enabled: z.boolean().describe("Use Redis."),
    connectionSecretRef: secretKeyRef
      .optional()
      .describe("Connection URL of Redis; then host and port are not needed."),
    host: z.string().optional().describe("Host name of Redis."),
    port: z.int().min(1).max(65_535).default(6379).describe("Port of Redis."),
    passwordSecretRef: secretKeyRef.optional().describe("Password of Redis."),
  })
  .describe("A Redis that somebody else runs, for state that replicas share.");

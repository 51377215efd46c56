import * as z from "zod";
import { envVars } from "./core.ts";
import { secretKeyRef } from "./reference.ts";

const labels = z.record(z.string(), z.string()).optional().describe("Further labels of the object.");

/** `spec.callbacks`. */
export const callbacks = z
  .strictObject({
    types: z
      .array(z.string())
      .optional()
      .describe("Integrations told of every request, by LiteLLM's names, for example langfuse."),
    envVars: envVars.optional().describe("Environment variables that the integrations need."),
  })
  .describe("Integrations that are told of every request.");

/** `spec.logging`. */
export const logging = z
  .strictObject({
    auditLogs: z
      .strictObject({
        enabled: z.boolean().describe("Record who changed what."),
        retentionDays: z.int().min(1).optional().describe("Days that records are kept."),
      })
      .optional()
      .describe("The audit log."),
    turnOffMessageLogging: z.boolean().optional().describe("Keep messages and answers out of all logs."),
    redactUserApiKeyInfo: z.boolean().optional().describe("Keep who asked out of all logs."),
    spendLogRetention: z
      .strictObject({
        maxRetentionPeriod: z
          .string()
          .optional()
          .describe("How long spend logs are kept, for example `30d`."),
        cleanupInterval: z.string().optional().describe("How often old ones are deleted, for example `1d`."),
      })
      .optional()
      .describe("How long spend logs are kept."),
  })
  .describe("What is logged, and for how long.");

/** `spec.observability`. */
export const observability = z
  .strictObject({
    serviceMonitor: z
      .strictObject({
        enabled: z.boolean().describe("Create a ServiceMonitor."),
        interval: z.string().default("30s").describe("How often metrics are read."),
        labels,
        path: z.string().default("/metrics").describe("Path of the metrics."),
        authorization: z
          .strictObject({
            type: z.string().default("Bearer").describe("Scheme of the Authorization header."),
            credentials: secretKeyRef.optional().describe("Its credentials. Default: the master key."),
          })
          .optional()
          .describe("How Prometheus identifies itself."),
      })
      .optional()
      .describe("Metrics for the Prometheus operator."),
    prometheusRule: z
      .strictObject({
        enabled: z.boolean().describe("Create a PrometheusRule."),
        labels,
        disabledAlerts: z.array(z.string()).optional().describe("Names of alerts to leave out."),
      })
      .optional()
      .describe("Alerts for the Prometheus operator."),
    grafanaDashboard: z
      .strictObject({
        enabled: z.boolean().describe("Create a dashboard."),
        labels,
        folder: z.string().default("LiteLLM").describe("Folder in Grafana."),
      })
      .optional()
      .describe("A Grafana dashboard, as a ConfigMap."),
  })
  .describe("Metrics, alerts and a dashboard.");

import * as z from "zod";
import { amount } from "./amount.ts";

/** Verbatim LiteLLM settings. */
const extra = z.record(z.string(), z.unknown()).meta({ "x-kubernetes-preserve-unknown-fields": true });

/** `spec.generalSettings` (palena.md §2.3). */
export const generalSettings = z
  .strictObject({
    proxyBatchWriteAt: z.int().optional().describe("Seconds between writes of spend to the database."),
    masterKeyRequired: z.boolean().optional().describe("Refuse to serve without a master key."),
    alertTypes: z.array(z.string()).optional().describe("Which alerts are sent, by LiteLLM's names."),
    alerting: z.array(z.string()).optional().describe("Where alerts go: slack, email, webhook."),
    alertingThreshold: z.int().optional().describe("Seconds after which a request counts as hanging."),
    alertToWebhookUrl: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .meta({ "x-kubernetes-preserve-unknown-fields": true })
      .optional()
      .describe("Webhook of each alert type; a URL or a list of them."),
    backgroundHealthChecks: z
      .boolean()
      .optional()
      .describe("Call every model at intervals. This costs money."),
    healthCheckInterval: z.int().optional().describe("Seconds between background health checks."),
    healthCheckDetails: z.boolean().optional().describe("Give the cause of failures in /health."),
    healthCheckSkipDisabledModels: z
      .boolean()
      .optional()
      .describe("Leave out models whose background health check is disabled."),
    customKeyGenerate: z.string().optional().describe("Dotted path of a function that decides on new keys."),
    allowUserAuth: z.boolean().optional().describe("Let users authenticate themselves."),
    maxBudget: amount.optional().describe("US dollars the whole gateway may spend per budgetDuration."),
    budgetDuration: z.string().optional().describe("When the budget starts afresh, for example `30d`."),
    globalMaxParallelRequests: z.int().optional().describe("Most requests at one time, over all clients."),
    budgetReschedulerMinTime: z
      .int()
      .optional()
      .describe("Fewest seconds between looks at budgets to reset."),
    budgetReschedulerMaxTime: z.int().optional().describe("Most seconds between looks at budgets to reset."),
    extra: extra
      .optional()
      .describe("Further general_settings by LiteLLM's names; a setting that is already there stays."),
  })
  .describe("Settings of the gateway as a whole.");

/** `spec.litellmSettings` (0.16, 0.23). */
export const litellmSettings = z
  .strictObject({
    jsonLogs: z.boolean().optional().describe("Log as JSON."),
    checkProviderEndpoint: z
      .boolean()
      .optional()
      .describe("List the models of wildcard deployments by asking their provider."),
    extra: extra
      .optional()
      .describe("Further litellm_settings by LiteLLM's names; a setting that is already there stays."),
  })
  .describe("Settings of the process.");

/** `spec.defaultCustomerBudget`. */
export const defaultCustomerBudget = z
  .strictObject({
    maxBudget: amount.optional().describe("US dollars."),
    budgetId: z.string().optional().describe("A stored budget instead of an amount."),
  })
  .describe("What an end user may spend when nothing else is set.");

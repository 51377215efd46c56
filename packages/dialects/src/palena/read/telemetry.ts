import { type Found, type Instance, setting } from "./instance.ts";

/** Logs, alerts and callbacks (palena.md §2.3: logging, generalSettings.alert*, callbacks). */
export function* readTelemetry(instance: Instance): Found {
  const { generalSettings: general = {}, litellmSettings, callbacks, logging } = instance.spec;
  const audit = logging?.auditLogs?.enabled === true ? logging.auditLogs : undefined;
  yield* setting(instance, "telemetry", {
    outcomeCallbacks: callbacks?.types,
    jsonLogs: litellmSettings?.jsonLogs,
    alerting: general.alerting,
    alertTypes: general.alertTypes,
    alertingThresholdSeconds: general.alertingThreshold,
    alertWebhooks: general.alertToWebhookUrl,
    auditLogs: audit?.enabled,
    auditLogRetentionDays: audit?.retentionDays,
    withholdMessages: logging?.turnOffMessageLogging,
    redactKeyInformation: logging?.redactUserApiKeyInfo,
    spendLogRetention: logging?.spendLogRetention?.maxRetentionPeriod,
    spendLogCleanupInterval: logging?.spendLogRetention?.cleanupInterval,
  });
}

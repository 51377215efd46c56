import type { GatewayPlan } from "@gatewright/plan";
import { settingsOfModels } from "./model.ts";
import { type Piece, present } from "./piece.ts";

/** Logs, metrics and alerts (litellm.md §2.2 and §2.4, palena.md §2.3), `gatewright.models.*.telemetry`. */
export function renderTelemetry(plan: GatewayPlan): Piece {
  const { telemetry } = plan;
  // LiteLLM reads the audit switch in `litellm_settings`; palena's users know it in `general_settings`.
  const audit = present({ store_audit_logs: telemetry.auditLogs });
  return {
    litellm_settings: present({
      callbacks: telemetry.callbacks,
      success_callback: telemetry.outcomeCallbacks,
      failure_callback: telemetry.outcomeCallbacks,
      turn_off_message_logging: telemetry.withholdMessages,
      redact_user_api_key_info: telemetry.redactKeyInformation,
      json_logs: telemetry.jsonLogs,
      ...audit,
      audit_log_retention_days: telemetry.auditLogRetentionDays,
    }),
    general_settings: present({
      ...audit,
      maximum_spend_logs_retention_period: telemetry.spendLogRetention,
      maximum_spend_logs_retention_interval: telemetry.spendLogCleanupInterval,
      alerting: telemetry.alerting,
      alerting_threshold: telemetry.alertingThresholdSeconds,
      alert_types: telemetry.alertTypes,
      alert_to_webhook_url: telemetry.alertWebhooks,
    }),
    gatewright: settingsOfModels(plan, "telemetry", telemetry.models),
  };
}

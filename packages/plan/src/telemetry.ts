import type { Json } from "./json.ts";

/** What is logged, measured and alerted. */
export interface Telemetry {
  /** Names of integrations (`callbacks`). */
  readonly callbacks?: readonly string[];
  /** The same list written as `success_callback` and `failure_callback` (palena). */
  readonly outcomeCallbacks?: readonly string[];
  readonly jsonLogs?: boolean;
  readonly alerting?: readonly string[];
  readonly alertTypes?: readonly string[];
  readonly alertingThresholdSeconds?: number;
  readonly alertWebhooks?: { readonly [alertType: string]: Json };
  readonly auditLogs?: boolean;
  readonly auditLogRetentionDays?: number;
  readonly withholdMessages?: boolean;
  readonly redactKeyInformation?: boolean;
  readonly spendLogRetention?: string;
  readonly spendLogCleanupInterval?: string;
  /** Telemetry of one model alone, by resource name (langop). */
  readonly models?: {
    readonly [resource: string]: {
      readonly metrics?: boolean;
      readonly tracing?: boolean;
      readonly logLevel?: string;
      readonly logRequests?: boolean;
      readonly logResponses?: boolean;
    };
  };
}

import type { SecretLookup, Settings } from "@gatewright/litellm";
import { type TraceSettings, traceSettings } from "../telemetry/trace-settings.ts";

/** `gatewright.models.<resource>.telemetry` (langop.md §4.2): what is different for one model. */
export interface GroupTelemetry {
  /** False: its requests are not counted. */
  readonly metrics: boolean;
  /** Undefined: as the gateway as a whole. */
  readonly tracing: boolean | undefined;
  /** False: its requests leave no line in the log. */
  readonly logRequests: boolean;
  /** Requests that went better than this leave no line: `warn` keeps statuses from 400 on, `error` from 500 on. */
  readonly logFrom: number;
}

/** Which metrics of LiteLLM are exposed, and with which labels (`prometheus_metrics_config`); by name. */
export type MetricSelection = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/** What a document says about telemetry as a whole. */
export interface SnapshotTelemetry {
  /** Undefined: all metrics with all labels. */
  readonly selection: MetricSelection | undefined;
  /** Customers that may be a label; empty when they are not to be one. Others would be series without bound. */
  readonly customers: ReadonlySet<string>;
  /** `/metrics` needs a key. */
  readonly metricsClosed: boolean;
  /** Undefined: nothing is traced. */
  readonly tracing: TraceSettings | undefined;
  /** How many requests `GET /gatewright/requests` remembers. */
  readonly explained: number;
  /** What does not work as the document means it. */
  readonly warnings: readonly string[];
}

/** How many requests are remembered when the document does not say. */
const EXPLAINED = 200;

/** A record takes about a kilobyte. */
const MOST_EXPLAINED = 10_000;

/** What a document says about metrics, traces and decision records (litellm.md §5). */
export function telemetryOf(settings: Settings, lookup: SecretLookup): SnapshotTelemetry {
  const { litellm_settings: litellm, gatewright } = settings;
  const tracing = traceSettings(settings, lookup);
  const withAnswers = Object.entries(gatewright?.models ?? {})
    .filter(([, model]) => model.telemetry?.log_responses === true)
    .map(([name]) => name);
  const hidden =
    litellm?.disable_end_user_cost_tracking === true ||
    litellm?.disable_end_user_cost_tracking_prometheus_only === true;
  return {
    selection: selectionOf(litellm?.prometheus_metrics_config),
    customers: new Set(hidden ? [] : (gatewright?.customers ?? []).map((customer) => customer.user_id)),
    metricsClosed: litellm?.require_auth_for_metrics_endpoint === true,
    tracing: tracing.settings,
    explained: Math.min(Math.max(0, gatewright?.explain?.requests ?? EXPLAINED), MOST_EXPLAINED),
    warnings: [
      ...tracing.warnings,
      ...(withAnswers.length === 0
        ? []
        : [
            `log_responses of ${withAnswers.join(", ")}: answers are never written to the log, only their size and tokens.`,
          ]),
    ],
  };
}

type ModelTelemetry = NonNullable<
  NonNullable<NonNullable<Settings["gatewright"]>["models"]>[string]
>["telemetry"];

/** The telemetry of one model; undefined when it says nothing that matters. */
export function groupTelemetryOf(settings: ModelTelemetry): GroupTelemetry | undefined {
  if (settings === undefined) return undefined;
  return {
    metrics: settings.metrics !== false,
    tracing: settings.tracing,
    logRequests: settings.log_requests !== false,
    logFrom: settings.log_level === "error" ? 500 : settings.log_level === "warn" ? 400 : 0,
  };
}

/** Groups of `{metrics, include_labels}`; a metric that several name has the labels of all of them. */
function selectionOf(groups: unknown): MetricSelection | undefined {
  if (!Array.isArray(groups) || groups.length === 0) return undefined;
  const selection = new Map<string, ReadonlySet<string> | undefined>();
  for (const group of groups) {
    if (typeof group !== "object" || group === null) continue;
    const { metrics, include_labels: labels } = group as { metrics?: unknown; include_labels?: unknown };
    for (const metric of texts(metrics) ?? []) {
      // Configurations name counters without the suffix that they are exposed with.
      const name = metric.replace(/_total$/, "");
      const wanted = texts(labels);
      const before = selection.get(name);
      const all = wanted === undefined || (selection.has(name) && before === undefined);
      selection.set(name, all ? undefined : new Set([...(before ?? []), ...(wanted ?? [])]));
    }
  }
  return selection;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : undefined;
}

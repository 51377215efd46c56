import type { Contribution, ModelEntry } from "./entry.ts";

/** What is measured, traced and logged of one model alone (langop.md §4.2 `observability`). */
export function readTelemetry(entry: ModelEntry): Contribution {
  const observability = entry.spec.observability;
  if (observability === undefined) return { parts: [], findings: [] };
  const { metrics, tracing, logging } = observability;
  const value = {
    metrics,
    tracing,
    ...(logging === undefined
      ? {}
      : {
          logLevel: logging.level,
          logRequests: logging.logRequests,
          logResponses: logging.logResponses,
        }),
  };
  return {
    parts: [{ concern: "telemetry", origin: entry.origin, value: { models: { [entry.name]: value } } }],
    findings: [],
  };
}

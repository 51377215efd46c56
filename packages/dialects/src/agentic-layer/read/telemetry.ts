import type { Part } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";

/** Every generated document traces and measures (agentic-layer.md §3.4); a config patch may replace the list. */
export function readTelemetry(resource: Resource): Part {
  return { concern: "telemetry", origin: originOf(resource), value: { callbacks: ["otel", "prometheus"] } };
}

import type { Finding, Limit } from "@gatewright/plan";
import { type Contribution, fieldFinding, type ModelEntry } from "./entry.ts";

const algorithmAnnotation = "gatewright.dev/limit-algorithm";

/** The hard limit of one model at its gateway (decisions: rate limits); its endpoints share it. */
export function readLimit(entry: ModelEntry): Contribution {
  const limits = entry.spec.rateLimits;
  const requestsPerMinute = limits?.requestsPerMinute || undefined;
  const tokensPerMinute = limits?.tokensPerMinute || undefined;
  const parallelRequests = limits?.concurrentRequests || undefined;
  if (requestsPerMinute === undefined && tokensPerMinute === undefined && parallelRequests === undefined) {
    return { parts: [], findings: [] };
  }
  const findings: Finding[] = [];
  const algorithm = readAlgorithm(entry, findings);
  const value: Limit = {
    origin: entry.origin,
    scope: { kind: "model", model: entry.name },
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    ...(parallelRequests === undefined ? {} : { parallelRequests }),
    ...(algorithm === undefined ? {} : { algorithm }),
  };
  return { parts: [{ concern: "limit", value }], findings };
}

function readAlgorithm(entry: ModelEntry, findings: Finding[]): Limit["algorithm"] {
  const text = entry.resource.metadata.annotations?.[algorithmAnnotation];
  if (text === undefined || text === "fixed-window" || text === "gcra") return text;
  findings.push(
    fieldFinding(
      entry.resource,
      `metadata.annotations[${algorithmAnnotation}]`,
      "UnknownAlgorithm",
      "dropped",
      "is neither fixed-window nor gcra, so the limit counts in fixed windows of a minute.",
    ),
  );
  return undefined;
}

import type { Finding } from "@gatewright/plan";
import { readSeconds } from "./duration.ts";
import type { Contribution, ModelEntry } from "./entry.ts";

/** The cache of one model alone (langop.md §4.2 `caching`). */
export function readCache(entry: ModelEntry): Contribution {
  const caching = entry.spec.caching;
  if (caching === undefined) return { parts: [], findings: [] };
  const findings: Finding[] = [];
  const ttlSeconds = readSeconds(entry, "spec.caching.ttl", caching.ttl, findings);
  const value = {
    enabled: caching.enabled,
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    ...(caching.maxSize === undefined ? {} : { maxSizeMegabytes: caching.maxSize }),
    backend: caching.backend,
  };
  return {
    parts: [{ concern: "cache", origin: entry.origin, value: { models: { [entry.name]: value } } }],
    findings,
  };
}

import { compareOrigins, type Finding } from "@gatewright/plan";
import type { Gateway } from "./dialect.ts";

/**
 * Why a gateway must not be served: the `blocked` findings on its own resource as a whole. Empty: serve it; `blocked`
 * findings on anything else exclude only what they name.
 */
export function blockers(gateway: Gateway, more: readonly Finding[] = []): readonly Finding[] {
  return [...gateway.findings, ...more].filter(
    (finding) => finding.effect === "blocked" && compareOrigins(finding.origin, gateway.plan.origin) === 0,
  );
}

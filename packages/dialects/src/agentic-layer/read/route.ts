import type { Part } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";

/** Every generated document allows a request ten minutes (agentic-layer.md §3.4); a config patch may change it. */
export function readRoute(resource: Resource): Part {
  return { concern: "route", origin: originOf(resource), value: { requestTimeoutSeconds: 600 } };
}

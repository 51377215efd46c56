import type { Part } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import type { AiGatewaySpec } from "../kinds/ai-gateway.ts";

/** One port for the container and the Service (agentic-layer.md §3.8). */
export function readExposure(resource: Resource, spec: AiGatewaySpec): Part {
  return {
    concern: "exposure",
    origin: originOf(resource, "spec.port"),
    value: { port: spec.port, servicePort: spec.port },
  };
}

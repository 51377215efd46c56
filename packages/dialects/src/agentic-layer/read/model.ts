import type { Part } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import type { AiGatewaySpec } from "../kinds/ai-gateway.ts";
import { readProviderKey } from "./credential.ts";
import type { Environment } from "./workload.ts";

/** The models, in the order in which they are written; duplicates stay (agentic-layer.md §3.4). */
export function readModels(
  resource: Resource,
  spec: AiGatewaySpec,
  environment: Environment,
): readonly Part[] {
  return spec.aiModels.map(({ name, provider }, position) => ({
    concern: "model",
    position,
    value: {
      origin: originOf(resource, `spec.aiModels[${position}]`),
      name,
      model: `${provider}/${name}`,
      delivery: "document",
      apiKey: readProviderKey(provider, resource, environment),
    },
  }));
}

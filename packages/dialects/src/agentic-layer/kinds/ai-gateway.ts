import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { embeddedMetadata } from "./embedded-metadata.ts";
import { environmentSource, environmentVariable } from "./environment.ts";
import { group } from "./group.ts";
import { objectReference } from "./object-reference.ts";
import { status } from "./status.ts";

const aiModel = z.strictObject({
  name: z.string().min(1).describe("Name clients use, and the model's id at the provider."),
  provider: z.string().min(1).describe("LiteLLM's provider prefix, for example `openai` or `gemini`."),
});

const spec = z.strictObject({
  aiGatewayClassName: z.string().optional().describe("Class to use; a default class when empty."),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(80)
    .meta({ format: "int32" })
    .describe("Port of the container and of the Service."),
  aiModels: z.array(aiModel).min(1).describe("Models to publish."),
  env: z.array(environmentVariable).optional().describe("Environment variables of the gateway."),
  envFrom: z
    .array(environmentSource)
    .optional()
    .describe("Objects whose keys become environment variables of the gateway."),
  guardrails: z
    .array(objectReference)
    .optional()
    .describe("Guards, in the order in which they run; in the gateway's own namespace unless they name one."),
  commonMetadata: embeddedMetadata
    .optional()
    .describe("Labels and annotations of the Deployment, its Pods and the Service."),
  podMetadata: embeddedMetadata.optional().describe("Labels and annotations of the Pods alone."),
});

/** `AiGateway` (agentic-layer.md §1.1): a gateway and the models it publishes. */
export const aiGateway: Kind<typeof spec, typeof status> = {
  group,
  version: "v1alpha1",
  kind: "AiGateway",
  plural: "aigateways",
  shortNames: [],
  scope: "Namespaced",
  printerColumns: [],
  spec,
  status,
};

export type AiGatewaySpec = z.output<typeof spec>;

import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { amount } from "./amount.ts";
import { credentialRef, instanceRef, secretKeyRef } from "./reference.ts";
import { modelStatus } from "./status.ts";

const litellmParams = z
  .strictObject({
    model: z.string().min(1).describe("The upstream: `provider/model`, for example `openai/gpt-4o`."),
    apiBase: z.string().optional().describe("Base URL of the provider. Default: the provider's own."),
    apiKeySecretRef: secretKeyRef.optional().describe("API key of the provider."),
    credentialRef: credentialRef
      .optional()
      .describe("A LiteLLMCredential; it wins over apiKeySecretRef and apiBase here."),
    apiVersion: z.string().optional().describe("API version, for azure."),
    rpm: z.int().optional().describe("Requests a minute the deployment is sized for; a weight, not a limit."),
    tpm: z.int().optional().describe("Tokens a minute the deployment is sized for; a weight, not a limit."),
    timeout: z.int().optional().describe("Longest a request may take, in seconds."),
    streamTimeout: z.int().optional().describe("Longest wait for the first chunk of a stream, in seconds."),
    maxRetries: z.int().optional().describe("Retries of the provider's client."),
    weight: z.int().optional().describe("Share of the requests among deployments of one name."),
    order: z.int().optional().describe("Lower tiers are tried first."),
    maxInputTokens: z.int().optional().describe("Longest input the model takes, in tokens."),
    temperature: amount.optional().describe("Used when a request has none."),
    topP: amount.optional().describe("Used when a request has none."),
    maxTokens: z.int().optional().describe("Used when a request has none."),
    seed: z.int().optional().describe("Used when a request has none."),
    organization: z.string().optional().describe("Organization at the provider."),
    awsRegionName: z.string().optional().describe("AWS region."),
    extraHeaders: z.record(z.string(), z.string()).optional().describe("Headers added to every request."),
    dropParams: z.boolean().optional().describe("Drop parameters the provider does not know."),
    vertexProject: z.string().optional().describe("Google Cloud project."),
    vertexLocation: z.string().optional().describe("Google Cloud location."),
    vertexCredentialsSecretRef: secretKeyRef.optional().describe("Google service account, as JSON."),
  })
  .describe("How the model is called.");

const healthCheck = z
  .strictObject({
    disableBackgroundHealthCheck: z.boolean().optional().describe("Leave this model out of them."),
    timeoutSeconds: z.int().optional().describe("Longest a check may take."),
    maxTokens: z.int().optional().describe("Tokens a check may use."),
    maxTokensReasoning: z.int().optional().describe("The same for reasoning models."),
    maxTokensNonReasoning: z.int().optional().describe("The same for all other models."),
    reasoningEffort: z.string().optional().describe("Reasoning effort of a check."),
    voice: z.string().optional().describe("Voice of a check of a speech model."),
    model: z.string().optional().describe("Model that is called instead, for wildcards."),
  })
  .describe("How the model's health is checked.");

const modelInfo = z
  .strictObject({
    maxTokens: z.int().optional().describe("Longest output, in tokens."),
    inputCostPerToken: amount.optional().describe("US dollars."),
    outputCostPerToken: amount.optional().describe("US dollars."),
    mode: z.string().optional().describe("Kind of model: chat, embedding, image_generation, …"),
    baseModel: z.string().optional().describe("Model whose prices and limits apply."),
    tier: z.string().optional().describe("free or paid."),
    regionName: z.string().optional().describe("Region of the deployment: eu or us."),
    accessGroups: z.array(z.string()).optional().describe("Groups that keys and teams can be given."),
    supportedEnvironments: z
      .array(z.string())
      .optional()
      .describe("Environments the deployment serves: development, staging, production."),
    useInPassThrough: z.boolean().optional().describe("Use its key for the provider's pass-through routes."),
    inputCostPerPixel: amount.optional().describe("US dollars."),
    inputCostPerSecond: amount.optional().describe("US dollars."),
    cacheReadInputTokenCost: amount.optional().describe("US dollars."),
    cacheCreationInputTokenCost: amount.optional().describe("US dollars."),
    healthCheck: healthCheck.optional(),
  })
  .describe("What is known about the model.");

/** `spec` of a LiteLLMModel: the fields of all versions (palena.md §1.2). */
export const modelSpec = z
  .strictObject({
    instanceRef,
    modelName: z
      .string()
      .min(1)
      .describe("The name clients use; equal names form a group, and it may hold `*`."),
    litellmParams,
    modelInfo: modelInfo.optional(),
    tags: z
      .array(z.string())
      .optional()
      .describe("Tags for tag-based routing; `default` marks the fallback."),
  })
  .meta({ description: "One deployment of a model, stored in a gateway." });

export type ModelSpec = z.output<typeof modelSpec>;

/** The kind LiteLLMModel. */
export const liteLlmModel: Kind<typeof modelSpec, typeof modelStatus> = {
  group: "litellm.palena.ai",
  version: "v1alpha1",
  kind: "LiteLLMModel",
  plural: "litellmmodels",
  shortNames: ["lm"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Model", type: "string", path: ".spec.modelName" },
    { name: "Synced", type: "boolean", path: ".status.synced" },
    { name: "Health", type: "string", path: ".status.health" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: modelSpec,
  specRequired: true,
  status: modelStatus,
};

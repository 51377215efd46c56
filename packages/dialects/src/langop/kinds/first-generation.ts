import * as z from "zod";
import { durationText } from "./duration-text.ts";
import { modelEgress } from "./network-rule.ts";
import { parameters } from "./parameters.ts";

const configuration = z.strictObject({
  maxTokens: z.int().min(1).optional().describe("Most tokens of an answer, when the request does not say."),
  temperature: z.number().min(0).max(2).optional().describe("Temperature, when the request does not say."),
  topP: z.number().min(0).max(1).optional().describe("Nucleus sampling, when the request does not say."),
  frequencyPenalty: z.number().min(-2).max(2).optional().describe("Frequency penalty by default."),
  presencePenalty: z.number().min(-2).max(2).optional().describe("Presence penalty by default."),
  stopSequences: z.array(z.string()).optional().describe("Texts that end an answer, by default."),
  additionalParameters: parameters
    .optional()
    .describe(
      "Further LiteLLM parameters; `params` is the newer name and wins. api_version counts as apiVersion.",
    ),
});

const retryPolicy = z.strictObject({
  maxAttempts: z.int().min(0).max(10).default(3).describe("Retries of a request after its first failure."),
  initialBackoff: durationText("Wait before the first retry.").default("1s"),
  maxBackoff: durationText("Longest wait between two tries.").default("30s"),
  backoffMultiplier: z.number().min(1).default(2).describe("Growth of the wait from one try to the next."),
  retryableStatusCodes: z
    .array(z.int().min(100).max(599))
    .optional()
    .describe("Upstream status codes to retry on; the engine's own choice when unset."),
});

const loadBalancing = z.strictObject({
  strategy: z
    .enum(["round-robin", "least-connections", "random", "weighted", "latency-based"])
    .default("round-robin")
    .describe("How a request finds its endpoint."),
  endpoints: z
    .array(
      z.strictObject({
        url: z.string().min(1).describe("Base URL, used as it is written."),
        weight: z
          .int()
          .min(0)
          .default(100)
          .describe("Share of the traffic, relative to the other endpoints."),
        region: z.string().optional().describe("Where the endpoint is, for reports."),
        priority: z
          .int()
          .min(0)
          .optional()
          .describe("Endpoints of the lowest number serve; the next ones only when those fail."),
      }),
    )
    .optional()
    .describe(
      "Endpoints that serve the model instead of `endpoint`; they share the model's rate limits by weight.",
    ),
  healthCheck: z
    .strictObject({
      enabled: z.boolean().default(true).describe("Whether endpoints are watched."),
      interval: durationText("Time between checks.").default("30s"),
      timeout: durationText("Longest wait for an answer.").default("5s"),
      unhealthyThreshold: z.int().min(1).default(3).describe("Failures in a row that take an endpoint out."),
      healthyThreshold: z.int().min(1).default(2).describe("Successes in a row that bring it back."),
    })
    .optional()
    .describe("Health checks of the endpoints."),
});

const observability = z.strictObject({
  metrics: z.boolean().default(true).describe("Whether requests of this model are counted."),
  tracing: z.boolean().default(false).describe("Whether requests of this model are traced."),
  logging: z
    .strictObject({
      level: z
        .enum(["debug", "info", "warn", "error"])
        .default("info")
        .describe("Least level that is logged."),
      logRequests: z.boolean().default(true).describe("Whether requests are logged."),
      logResponses: z.boolean().default(false).describe("Whether answers are logged."),
    })
    .optional()
    .describe("Log of this model."),
});

/** Fields of the first generation of LanguageModel (langop.md §4.2), which later ones dropped and we serve again. */
export const firstGenerationFields = {
  configuration: configuration
    .optional()
    .describe("Request parameters used when a request does not give them."),
  retryPolicy: retryPolicy.optional().describe("What happens when the upstream fails."),
  fallbacks: z
    .array(
      z.strictObject({
        modelRef: z.string().min(1).describe("Name of a LanguageModel in this namespace."),
        conditions: z.array(z.string()).optional().describe("Kinds of failure it is for; all when unset."),
      }),
    )
    .optional()
    .describe("Models that serve a request when this one fails, in order."),
  loadBalancing: loadBalancing.optional().describe("Several endpoints for one model."),
  caching: z
    .strictObject({
      enabled: z.boolean().default(false).describe("Whether answers are kept."),
      ttl: durationText("How long an answer is kept.").optional(),
      maxSize: z.int().min(1).optional().describe("Most memory for answers, in megabytes."),
      backend: z.enum(["memory", "redis", "memcached"]).default("memory").describe("Where answers are kept."),
    })
    .optional()
    .describe("Cache of this model's answers."),
  observability: observability.optional().describe("What is measured, traced and logged."),
  costTracking: z
    .strictObject({
      enabled: z.boolean().default(false).describe("Whether the prices below are used."),
      currency: z.string().min(1).default("USD").describe("Currency of the prices."),
      inputTokenCost: z.number().min(0).optional().describe("Price of 1,000 input tokens."),
      outputTokenCost: z.number().min(0).optional().describe("Price of 1,000 output tokens."),
    })
    .optional()
    .describe("Prices of this model."),
  regions: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe("Name of the region."),
        endpoint: z.string().optional().describe("Base URL of the model in that region."),
        priority: z.int().optional().describe("Order of the regions, lowest first."),
        enabled: z.boolean().default(true).describe("Whether the region is used."),
      }),
    )
    .optional()
    .describe("Regions the model is available in."),
  egress: modelEgress.optional().describe("Connections that the model's own gateway may open as well."),
};

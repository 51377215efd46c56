import * as z from "zod";
import { amount } from "./amount.ts";
import { secretKeyRef } from "./reference.ts";

/** The routing strategies of all versions. */
const strategies = [
  "simple-shuffle",
  "least-busy",
  "latency-based-routing",
  "usage-based-routing",
  "usage-based-routing-v2",
  "cost-based-routing",
] as const;

const retries = z.record(z.string(), z.int().min(0));

/** `spec.routerSettings` (palena.md §2.3). */
export const routerSettings = z
  .strictObject({
    routingStrategy: z.enum(strategies).optional().describe("How a deployment of a model is picked."),
    numRetries: z.int().optional().describe("Retries of a failed request before fallbacks."),
    timeout: z.int().optional().describe("Longest a request may take, in seconds."),
    allowedFails: z.int().optional().describe("Failures a minute before a deployment cools down."),
    cooldownTime: z.int().optional().describe("Seconds that a failing deployment is left alone."),
    retryAfter: z.int().optional().describe("Fewest seconds between retries."),
    streamTimeout: z.int().optional().describe("Longest wait for the first chunk of a stream, in seconds."),
    enablePreCallChecks: z
      .boolean()
      .optional()
      .describe("Skip deployments whose context window is too small for the request."),
    modelGroupAlias: z
      .record(z.string(), z.string())
      .optional()
      .describe("Further names of models: alias to model name."),
    retryPolicy: retries
      .optional()
      .describe("Retries by class of error, for example `RateLimitError: 3` or `RateLimitErrorRetries: 3`."),
    modelGroupRetryPolicy: z
      .record(z.string(), retries)
      .optional()
      .describe("The same for single models, by model name."),
    enableTagFiltering: z.boolean().optional().describe("Route requests by the tags of deployments."),
    tagFilteringMatchAny: z
      .boolean()
      .optional()
      .describe("One common tag is enough. Default: all tags of a request must match."),
    defaultMaxParallelRequests: z.int().optional().describe("Most requests at one time per deployment."),
    providerBudgetConfig: z
      .record(
        z.string(),
        z.strictObject({
          budgetLimit: amount.optional().describe("US dollars."),
          timePeriod: z.string().optional().describe("When the budget starts afresh, for example `1d`."),
        }),
      )
      .optional()
      .describe("Budgets of providers, by LiteLLM's provider name."),
  })
  .describe("How requests find a deployment.");

const chains = z.array(
  z.strictObject({
    model: z.string().describe("Model that failed."),
    fallbacks: z.array(z.string()).describe("Models to try instead, in order."),
  }),
);

/** `spec.fallbacks`. */
export const fallbacks = z
  .strictObject({
    defaultFallbacks: z.array(z.string()).optional().describe("Models to try when any other model fails."),
    modelFallbacks: chains.optional().describe("Fallbacks of single models for any error."),
    contentPolicyFallbacks: chains
      .optional()
      .describe("Fallbacks when the content policy refuses a request."),
    contextWindowFallbacks: chains.optional().describe("Fallbacks when a request is too long."),
    maxFallbacks: z.int().min(0).default(3).describe("Most models tried for one request."),
  })
  .describe("Where requests go when a model fails.");

/** `spec.passThroughEndpoints`. */
export const passThroughEndpoints = z
  .array(
    z.strictObject({
      path: z.string().min(1).describe("Path at the gateway."),
      target: z.string().min(1).describe("URL that requests are handed to."),
      auth: z.boolean().optional().describe("Require a key of the gateway."),
      forwardHeaders: z.boolean().optional().describe("Hand over the client's headers."),
      includeSubpath: z.boolean().optional().describe("Serve everything below the path as well."),
      methods: z.array(z.string()).optional().describe("HTTP methods. Default: all."),
      headers: z.record(z.string(), z.string()).optional().describe("Headers added to every request."),
      headerSecrets: z
        .array(
          z.strictObject({
            headerName: z.string().min(1).describe("Name of the header."),
            prefix: z.string().optional().describe("What stands before the secret, for example `Bearer `."),
            secretRef: secretKeyRef.describe("The secret."),
          }),
        )
        .optional()
        .describe("Headers whose value is a secret."),
      defaultQueryParams: z
        .record(z.string(), z.string())
        .optional()
        .describe("Query parameters added to every request."),
    }),
  )
  .describe("Paths handed to fixed targets outside the model routes.");

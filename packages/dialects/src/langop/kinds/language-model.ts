import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { matchingText } from "../../matching-text.ts";
import { durationText } from "./duration-text.ts";
import { firstGenerationFields } from "./first-generation.ts";
import { languageModelStatus } from "./language-model-status.ts";
import { parameters } from "./parameters.ts";

/** Providers the dialect has a word for; everything else goes through `litellmProvider`. */
export const providers = [
  "openai",
  "anthropic",
  "openai-compatible",
  "azure",
  "bedrock",
  "vertex",
  "custom",
  "gemini",
] as const;

export type Provider = (typeof providers)[number];

const oneProvider = "exactly one of provider and litellmProvider is required";

/** `spec` of a LanguageModel: the fields of all three generations (langop.md §1.2, §4.2). */
export const languageModelSpec = z
  .strictObject({
    provider: z.enum(providers).optional().describe("Who serves the model."),
    litellmProvider: matchingText(
      /^[a-z0-9_]+$/,
      "it must consist of lower-case letters, digits and _, for example openrouter",
    )
      .optional()
      .describe("A provider by LiteLLM's prefix (openrouter, groq, deepseek …) instead of `provider`."),
    modelName: matchingText(
      /^(\*|[^*]+)$/,
      "it must be a model name, or * alone for the provider's whole catalogue",
    )
      .min(1)
      .describe(
        "The provider's name of the model, and the name clients use. `*` serves the whole catalogue as `<LanguageModel name>/<model>`.",
      ),
    endpoint: z
      .string()
      .optional()
      .describe(
        "Base URL of the upstream. For openai-compatible and custom, `/v1` is added when it is not there.",
      ),
    apiKeySecretRef: z
      .strictObject({
        name: z.string().min(1).describe("Name of a Secret in the model's namespace."),
        key: z.string().min(1).default("api-key").describe("Key inside the Secret."),
        namespace: z
          .string()
          .optional()
          .describe("Accepted for old manifests; only the model's own namespace is ever read."),
      })
      .optional()
      .describe("The provider's API key. Servers that need none can do without."),
    credentialsSecretRef: z
      .strictObject({ name: z.string().min(1).describe("Name of a Secret in the model's namespace.") })
      .optional()
      .describe(
        "A Secret whose keys are credentials, for example AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; apiKeySecretRef wins for the API key.",
      ),
    region: z.string().optional().describe("AWS region, for bedrock."),
    project: z.string().optional().describe("Google Cloud project, for vertex."),
    location: z.string().optional().describe("Google Cloud location, for vertex."),
    apiVersion: z.string().optional().describe("API version, for azure."),
    params: parameters
      .optional()
      .describe("Further LiteLLM parameters, merged last: they win over every other field."),
    aliases: z.array(z.string().min(1)).optional().describe("Further names clients may use for the model."),
    rateLimits: z
      .strictObject({
        requestsPerMinute: z.int().min(0).optional().describe("Most requests a minute; 0 is no limit."),
        tokensPerMinute: z.int().min(0).optional().describe("Most tokens a minute; 0 is no limit."),
        concurrentRequests: z.int().min(0).optional().describe("Most requests at one time; 0 is no limit."),
      })
      .optional()
      .describe("Hard limits of this model at each gateway, over all its clients and endpoints."),
    timeout: durationText("Longest a request may take, for example `90s` or `5m`.").default("5m"),
    ...firstGenerationFields,
  })
  .check((context) => {
    const { provider, litellmProvider } = context.value;
    if ((provider === undefined) === (litellmProvider === undefined)) {
      context.issues.push({ code: "custom", path: ["provider"], message: oneProvider, input: provider });
    }
  })
  .meta({
    description: "One model of one provider, served by the gateway of its namespace.",
    "x-kubernetes-validations": [
      { rule: "has(self.provider) != has(self.litellmProvider)", message: oneProvider },
    ],
  });

export type LanguageModelSpec = z.output<typeof languageModelSpec>;

/** The kind LanguageModel. */
export const languageModel: Kind<typeof languageModelSpec, typeof languageModelStatus> = {
  group: "langop.io",
  version: "v1alpha1",
  kind: "LanguageModel",
  plural: "languagemodels",
  shortNames: ["lmodel"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Provider", type: "string", path: ".spec.provider" },
    { name: "Model", type: "string", path: ".spec.modelName" },
    { name: "Phase", type: "string", path: ".status.phase" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: languageModelSpec,
  specRequired: true,
  status: languageModelStatus,
};

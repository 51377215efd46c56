import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { read } from "../read/read.ts";
import { modelStatus } from "../status/model-status.ts";
import { type AdmissionWorld, admit } from "./admit.ts";

interface Row {
  readonly name: string;
  readonly why: string;
  readonly spec: JsonObject;
  /** The beginning of the refusal or warning, after `LanguageModel demo/claude `. */
  readonly want: string;
}

const openai: JsonObject = { provider: "openai", modelName: "gpt-4o" };

function modelOf(spec: JsonObject, name = "claude"): Resource {
  const metadata = { name, namespace: "demo" };
  return { apiVersion: "langop.io/v1alpha1", kind: "LanguageModel", metadata, spec };
}

function worldOf(models: readonly Resource[] = [], cluster: boolean | "unknown" = true): AdmissionWorld {
  return {
    clusterExists: () => cluster,
    runtimeExists: () => false,
    models: () => models,
    agents: () => [],
    tools: () => [],
  };
}

function review(spec: JsonObject, world = worldOf()) {
  return admit("LanguageModel", modelOf(spec), undefined, world);
}

function expectStart(texts: readonly string[], want: string): void {
  const prefix = "LanguageModel demo/claude ";
  expect(texts.map((text) => text.slice(prefix.length, prefix.length + want.length))).toContain(want);
}

const refused: readonly Row[] = [
  {
    name: "no spec to speak of",
    why: "nothing to serve",
    spec: {},
    want: "spec.modelName cannot be used: it is required",
  },
  {
    name: "no provider",
    why: "nobody to ask",
    spec: { modelName: "x" },
    want: "spec.provider cannot be used: exactly one of provider and litellmProvider",
  },
  {
    name: "two providers",
    why: "which one is meant?",
    spec: { ...openai, litellmProvider: "groq" },
    want: "spec.provider cannot be used: exactly one of",
  },
  {
    name: "a provider that does not exist",
    why: "a typo",
    spec: { provider: "OpenAI", modelName: "x" },
    want: "spec.provider cannot be used: it must be one of openai, anthropic",
  },
  {
    name: "a LiteLLM provider with a dash",
    why: "no prefix of LiteLLM's",
    spec: { litellmProvider: "open-router", modelName: "x" },
    want: "spec.litellmProvider cannot be used: it must consist of",
  },
  {
    name: "an empty model name",
    why: "nothing to ask for",
    spec: { provider: "openai", modelName: "" },
    want: "spec.modelName cannot be used",
  },
  {
    name: "a model name that is a number",
    why: "YAML reads 4.1 as a number",
    spec: { provider: "openai", modelName: 4.1 },
    want: "spec.modelName cannot be used: it must be a text",
  },
  {
    name: "a wildcard inside a name",
    why: "only the whole catalogue is a wildcard",
    spec: { provider: "openai", modelName: "gpt-*" },
    want: "spec.modelName cannot be used: it must be a model name, or *",
  },
  ...[
    "api_key",
    "azure_ad_token",
    "client_secret",
    "azure_password",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_web_identity_token",
    "vertex_credentials",
  ].map((key) => ({
    name: `${key} in params`,
    why: "a secret in a manifest can be read by everybody",
    spec: { ...openai, params: { [key]: "sk-SECRET" } },
    want: `spec.params.${key} cannot be used: a credential must come from`,
  })),
  {
    name: "a credential in additionalParameters",
    why: "as in params",
    spec: { ...openai, configuration: { additionalParameters: { api_key: "sk-SECRET" } } },
    want: "spec.configuration.additionalParameters.api_key cannot be used: a credential",
  },
  {
    name: "a parameter with capitals",
    why: "LiteLLM has none",
    spec: { ...openai, params: { topP: 1 } },
    want: "spec.params.topP cannot be used: names of parameters",
  },
  {
    name: "a Secret without a name",
    why: "which one?",
    spec: { ...openai, apiKeySecretRef: { key: "k" } },
    want: "spec.apiKeySecretRef.name cannot be used: it is required",
  },
  {
    name: "a Secret that cannot be",
    why: "it would be waited for in vain",
    spec: { ...openai, apiKeySecretRef: { name: "OPENAI_KEY" } },
    want: "spec.apiKeySecretRef.name can be the name of no object",
  },
  {
    name: "a key that cannot be",
    why: "it would be waited for in vain",
    spec: { ...openai, apiKeySecretRef: { name: "keys", key: "a b" } },
    want: "spec.apiKeySecretRef.key can be no key",
  },
  {
    name: "a credentials Secret that cannot be",
    why: "it would be waited for in vain",
    spec: { ...openai, credentialsSecretRef: { name: "-aws" } },
    want: "spec.credentialsSecretRef.name can be the name of no object",
  },
  {
    name: "a negative rate limit",
    why: "0 is no limit, less is nothing",
    spec: { ...openai, rateLimits: { requestsPerMinute: -1 } },
    want: "spec.rateLimits.requestsPerMinute cannot be used: it must be at least 0",
  },
  {
    name: "a rate limit as text",
    why: "schemas have types",
    spec: { ...openai, rateLimits: { tokensPerMinute: "10k" } },
    want: "spec.rateLimits.tokensPerMinute cannot be used",
  },
  {
    name: "a timeout as a number",
    why: "seconds or minutes?",
    spec: { ...openai, timeout: 30 },
    want: "spec.timeout cannot be used: it must be a text",
  },
  {
    name: "an empty alias",
    why: "no client could say it",
    spec: { ...openai, aliases: [""] },
    want: "spec.aliases[0] cannot be used: it must not be empty",
  },
  {
    name: "a temperature of 3",
    why: "no provider takes it",
    spec: { ...openai, configuration: { temperature: 3 } },
    want: "spec.configuration.temperature cannot be used: it must be at most 2",
  },
  {
    name: "eleven retries",
    why: "the first generation's limit",
    spec: { ...openai, retryPolicy: { maxAttempts: 11 } },
    want: "spec.retryPolicy.maxAttempts cannot be used: it must be at most 10",
  },
  {
    name: "a status code of 42",
    why: "HTTP has none",
    spec: { ...openai, retryPolicy: { retryableStatusCodes: [42] } },
    want: "spec.retryPolicy.retryableStatusCodes[0] cannot be used",
  },
  {
    name: "a strategy that does not exist",
    why: "a typo",
    spec: { ...openai, loadBalancing: { strategy: "fastest" } },
    want: "spec.loadBalancing.strategy cannot be used: it must be one of",
  },
  {
    name: "an endpoint without a URL",
    why: "nowhere to go",
    spec: { ...openai, loadBalancing: { endpoints: [{ weight: 1 }] } },
    want: "spec.loadBalancing.endpoints[0].url cannot be used: it is required",
  },
  {
    name: "a fallback to nobody",
    why: "nowhere to go",
    spec: { ...openai, fallbacks: [{ conditions: ["error"] }] },
    want: "spec.fallbacks[0].modelRef cannot be used: it is required",
  },
  {
    name: "a cache in a place that does not exist",
    why: "a typo",
    spec: { ...openai, caching: { backend: "disk" } },
    want: "spec.caching.backend cannot be used: it must be one of",
  },
  {
    name: "a negative price",
    why: "nobody pays clients",
    spec: { ...openai, costTracking: { inputTokenCost: -1 } },
    want: "spec.costTracking.inputTokenCost cannot be used: it must be at least 0",
  },
  {
    name: "an egress range that is none",
    why: "the NetworkPolicy would be refused",
    spec: { ...openai, egress: [{ to: [{ cidr: "example.com" }] }] },
    want: "spec.egress[0].to[0].cidr is no IP range",
  },
  {
    name: "an egress port of 70000",
    why: "the NetworkPolicy would be refused",
    spec: { ...openai, egress: [{ ports: [{ port: 70_000 }] }] },
    want: "spec.egress[0].ports[0].port cannot be used: it must be at most 65535",
  },
];

describe("ends as an admission error", () => {
  test.each(refused)("$name ($why)", ({ spec, want }) => {
    const { allowed, reasons } = review(spec);
    expect(allowed).toBe(false);
    expectStart(reasons, want);
    expect(reasons.join()).not.toContain("SECRET");
  });
});

const warned: readonly Row[] = [
  {
    name: "provider custom",
    why: "deprecated",
    spec: { provider: "custom", modelName: "x", endpoint: "http://x" },
    want: "spec.provider custom is deprecated",
  },
  {
    name: "openai-compatible without an endpoint",
    why: "older manifests set it in the gateway's environment",
    spec: { provider: "openai-compatible", modelName: "x" },
    want: "spec.endpoint is not set",
  },
  {
    name: "custom without an endpoint",
    why: "as above",
    spec: { provider: "custom", modelName: "x" },
    want: "spec.endpoint is not set",
  },
  {
    name: "azure without an endpoint",
    why: "as above",
    spec: { provider: "azure", modelName: "x", apiVersion: "v" },
    want: "spec.endpoint is not set",
  },
  {
    name: "azure without an API version",
    why: "as above",
    spec: { provider: "azure", modelName: "x", endpoint: "https://x" },
    want: "spec.apiVersion is not set",
  },
  {
    name: "bedrock without a region",
    why: "as above",
    spec: { provider: "bedrock", modelName: "x" },
    want: "spec.region is not set",
  },
  {
    name: "vertex without a project",
    why: "as above",
    spec: { provider: "vertex", modelName: "x", location: "l" },
    want: "spec.project is not set",
  },
  {
    name: "vertex without a location",
    why: "as above",
    spec: { provider: "vertex", modelName: "x", project: "p" },
    want: "spec.location is not set",
  },
  {
    name: "a Secret of another namespace",
    why: "never read: whoever may write a model may not read every Secret",
    spec: { ...openai, apiKeySecretRef: { name: "keys", namespace: "prod" } },
    want: "spec.apiKeySecretRef.namespace is ignored",
  },
  {
    name: "an endpoint that is no URL",
    why: "no request can be sent there",
    spec: { ...openai, endpoint: "ollama:11434" },
    want: "spec.endpoint is no URL",
  },
  {
    name: "a password in an endpoint",
    why: "everybody can read it",
    spec: { ...openai, loadBalancing: { endpoints: [{ url: "https://u:SECRET@x" }] } },
    want: "spec.loadBalancing.endpoints[0].url has a user name or password",
  },
  {
    name: "a timeout nobody can read",
    why: "the CRD's pattern refuses it; past the CRD it counts as the default",
    spec: { ...openai, timeout: "5 minutes" },
    want: "spec.timeout",
  },
  {
    name: "a field that does not exist",
    why: "it would be pruned in silence",
    spec: { ...openai, rateLimit: {} },
    want: 'spec.rateLimit is not a field of LanguageModel and has no effect. Did you mean "rateLimits"?',
  },
  {
    name: "a fallback that is not there",
    why: "it may come later",
    spec: { ...openai, fallbacks: [{ modelRef: "nobody" }] },
    want: "spec.fallbacks[0].modelRef",
  },
];

describe("ends as a warning", () => {
  test.each(warned)("$name ($why)", ({ spec, want }) => {
    const { allowed, reasons, warnings } = review(spec);
    expect({ allowed, reasons }).toEqual({ allowed: true, reasons: [] });
    expectStart(warnings, want);
    expect(warnings.join()).not.toContain("SECRET");
  });

  test("a namespace without a LanguageCluster: it gets a gateway of its own", () => {
    expectStart(review(openai, worldOf([], false)).warnings, "metadata.namespace is no LanguageCluster");
    for (const known of [true, "unknown"] as const) {
      expect(review(openai, worldOf([], known)).warnings).toEqual([]);
    }
  });
});

describe("the same modelName", () => {
  const named = (name: string, modelName: unknown = "gpt-4o") =>
    modelOf({ provider: "openai", modelName: modelName as string }, name);

  test("is told with the other names, sorted", () => {
    const { warnings } = review(openai, worldOf([named("b"), named("a"), named("claude"), named("x", "o1")]));
    expect(warnings).toEqual([
      "LanguageModel demo/claude spec.modelName is also the modelName of a, b: requests for it will be load-balanced over all of them.",
    ]);
  });

  test("is no matter for wildcards, or when the others are not known", () => {
    const catalogue = { provider: "openai", modelName: "*" };
    expect(review(catalogue, worldOf([named("a", "*")])).warnings).toEqual([]);
    expect(review(openai, worldOf([])).warnings).toEqual([]);
  });

  test("two hundred of them are one warning", () => {
    const many = Array.from({ length: 200 }, (_, index) => named(`m${String(index).padStart(3, "0")}`));
    const { warnings } = review(openai, worldOf(many));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("m009 and 190 more");
  });
});

describe("is admitted without a word, and ends as a condition once it is served", () => {
  const rows = [
    {
      name: "a Secret that is not there",
      why: "it may come later; only this model waits for it",
      spec: { ...openai, apiKeySecretRef: { name: "keys" } },
      keys: "absent" as const,
      want: ["Failed", "SecretNotFound", "demo/keys"],
    },
    {
      name: "a key that is not in the Secret",
      why: "the same; the condition names the key",
      spec: { ...openai, apiKeySecretRef: { name: "keys", key: "token" } },
      keys: ["api-key"],
      want: ["Failed", "SecretKeyMissing", '"token" of the Secret demo/keys'],
    },
    {
      name: "a credentials Secret with a key nobody knows",
      why: "keys are not read at admission",
      spec: { ...openai, credentialsSecretRef: { name: "aws" } },
      keys: ["api-key", "passwrod"],
      want: ["Ready", "CredentialUnknown", "passwrod"],
    },
  ];
  test.each(rows)("$name ($why)", ({ spec, keys, want }) => {
    expect(review(spec)).toEqual({ allowed: true, reasons: [], warnings: [] });
    const model = modelOf(spec);
    const cluster = { apiVersion: model.apiVersion, kind: "LanguageCluster", metadata: { name: "demo" } };
    const { gateways } = read(
      { resources: [cluster, model], secretKeys: () => keys, configMap: () => undefined },
      { engine: "native" },
    );
    const findings = gateways.flatMap((gateway) => gateway.findings);
    const { phase, conditions } = modelStatus({ model, findings, gateway: { kind: "shared" } });
    const told = conditions.find(({ reason }) => reason === want[1]);
    expect([phase, told?.reason]).toEqual(want.slice(0, 2));
    expect(told?.message).toContain(want[2]);
  });
});

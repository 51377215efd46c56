import type { JsonObject } from "@gatewright/plan";
import { editedLeaf, schemaLeaves, undescribedFields } from "@gatewright/testkit";
import { describe, expect, test } from "vitest";
import type { Kind } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { languageCluster } from "./kinds/language-cluster.ts";
import { languageModel } from "./kinds/language-model.ts";
import { langop } from "./langop.ts";

/**
 * Every leaf of a schema has an effect on the plan, or stands here with the reason why it has none. A prefix that ends in
 * `.` declines all leaves below it.
 */
const declined: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LanguageModel: {
    "egress[].": "for the NetworkPolicy of a model's own gateway (objects/model-network.ts)",
  },
  LanguageCluster: {
    domain: "for host names of Ingresses (objects/exposure.ts)",
    "ingress.": "for Ingresses (objects/exposure.ts)",
    networkPolicies: "for NetworkPolicies (objects/network.ts)",
    "gateway.enabled": "an early name of ingress.enabled",
    "gateway.deployment.":
      "for the Deployment and Service of the gateway (objects/workload.ts, objects/exposure.ts)",
    "capacity.": "for the ResourceQuota (objects/capacity.ts)",
    "auth.": "for Dex and the proxies of agents (objects/auth.ts, objects/sign-in.ts)",
    adoptExistingNamespace: "adoption is automatic; the field is accepted for old manifests",
  },
};

/** Leaves below a declined prefix that are read all the same. */
const readAllTheSame: Readonly<Record<string, readonly string[]>> = {
  LanguageModel: [],
  LanguageCluster: [
    "gateway.deployment.env[].name",
    "gateway.deployment.env[].value",
    "gateway.deployment.env[].valueFrom.configMapKeyRef.key",
    "gateway.deployment.env[].valueFrom.configMapKeyRef.name",
    "gateway.deployment.env[].valueFrom.configMapKeyRef.optional",
    "gateway.deployment.env[].valueFrom.secretKeyRef.key",
    "gateway.deployment.env[].valueFrom.secretKeyRef.name",
    "gateway.deployment.env[].valueFrom.secretKeyRef.optional",
    "gateway.deployment.envFrom[].configMapRef.name",
    "gateway.deployment.envFrom[].prefix",
    "gateway.deployment.envFrom[].secretRef.name",
  ],
};

/** Specs that together have every leaf that is read, at values that are no defaults. */
const samples: Readonly<Record<string, readonly JsonObject[]>> = {
  LanguageModel: [
    {
      provider: "azure",
      modelName: "gpt-4",
      endpoint: "https://example.openai.azure.com",
      apiKeySecretRef: { name: "keys", key: "token", namespace: "elsewhere" },
      region: "eu-central-1",
      project: "project",
      location: "location",
      apiVersion: "2024-10-21",
      params: { seed: 1 },
      aliases: ["best"],
      rateLimits: { requestsPerMinute: 1, tokensPerMinute: 2, concurrentRequests: 3 },
      timeout: "1m",
      configuration: {
        maxTokens: 1,
        temperature: 1,
        topP: 1,
        frequencyPenalty: 1,
        presencePenalty: 1,
        stopSequences: ["a"],
        additionalParameters: { top_k: 1 },
      },
      retryPolicy: {
        maxAttempts: 1,
        initialBackoff: "2s",
        maxBackoff: "3s",
        backoffMultiplier: 4,
        retryableStatusCodes: [429],
      },
      fallbacks: [{ modelRef: "other", conditions: ["error"] }],
      caching: { enabled: true, ttl: "1m", maxSize: 1, backend: "redis" },
      observability: {
        metrics: false,
        tracing: true,
        logging: { level: "debug", logRequests: false, logResponses: true },
      },
      costTracking: { enabled: true, currency: "EUR", inputTokenCost: 1, outputTokenCost: 2 },
      regions: [{ name: "eu", endpoint: "https://eu.example.com", priority: 1, enabled: false }],
    },
    {
      litellmProvider: "groq",
      modelName: "llama",
      credentialsSecretRef: { name: "keys" },
      loadBalancing: {
        strategy: "latency-based",
        endpoints: [{ url: "https://a.example.com", weight: 1, region: "eu", priority: 1 }],
        healthCheck: {
          enabled: false,
          interval: "1s",
          timeout: "1s",
          unhealthyThreshold: 9,
          healthyThreshold: 9,
        },
      },
    },
  ],
  LanguageCluster: [
    { gateway: { deployment: { env: [{ name: "LANGOP_GATEWAY_EXTRA_CONFIG", value: "a: {b: 1}" }] } } },
    fromEnvironment("LITELLM_MASTER_KEY", { secretKeyRef: { name: "keys", key: "token" } }),
    fromEnvironment("LITELLM_MASTER_KEY", { secretKeyRef: { name: "keys", key: "none", optional: true } }),
    fromEnvironment("LANGOP_GATEWAY_EXTRA_CONFIG", { configMapKeyRef: { name: "extra", key: "yaml" } }),
    fromEnvironment("LANGOP_GATEWAY_EXTRA_CONFIG", {
      configMapKeyRef: { name: "extra", key: "none", optional: true },
    }),
    { gateway: { deployment: { envFrom: [{ prefix: "LITELLM_", secretRef: { name: "keys" } }] } } },
    { gateway: { deployment: { envFrom: [{ configMapRef: { name: "extra" } }] } } },
  ],
};

function fromEnvironment(name: string, valueFrom: JsonObject): JsonObject {
  return { gateway: { deployment: { env: [{ name, valueFrom }] } } };
}

const surrounding: readonly Resource[] = [
  { apiVersion: "langop.io/v1alpha1", kind: "LanguageCluster", metadata: { name: "demo" } },
  {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageModel",
    metadata: { name: "other", namespace: "demo" },
    spec: { provider: "openai", modelName: "other" },
  },
];

function outcome(kind: string, spec: JsonObject): string {
  const name = kind === "LanguageCluster" ? "demo" : "sample";
  const sample: Resource = {
    apiVersion: "langop.io/v1alpha1",
    kind,
    metadata: { name, ...(kind === "LanguageModel" ? { namespace: "demo" } : {}) },
    spec,
  };
  const others = surrounding.filter((resource) => resource.kind !== kind || resource.metadata.name !== name);
  const reading = langop.read(
    {
      resources: [sample, ...others],
      secretKeys: (_, secret) => (secret === "keys" ? ["token", "api-key", "MASTER_KEY"] : "absent"),
      configMap: (_, name) =>
        name === "extra" ? { yaml: "a: 1", LANGOP_GATEWAY_EXTRA_CONFIG: "a: 2" } : undefined,
    },
    { engine: "native" },
  );
  return JSON.stringify(reading);
}

describe.each([languageModel, languageCluster] as readonly Kind[])("$kind", (kind) => {
  const leaves = schemaLeaves(kind.spec);
  const reasons = declined[kind.kind]!;
  const isDeclined = (leaf: string): boolean =>
    !readAllTheSame[kind.kind]!.includes(leaf) &&
    Object.keys(reasons).some((prefix) =>
      prefix.endsWith(".") ? leaf.startsWith(prefix) : leaf === prefix || leaf.startsWith(`${prefix}[`),
    );

  test.each(leaves.filter((leaf) => !isDeclined(leaf)))("%s has an effect", (leaf) => {
    const having = samples[kind.kind]!.filter((spec) => editedLeaf(spec, leaf, "remove") !== undefined);
    expect(
      having.length,
      "no sample has this field: add it, or decline the field with a reason",
    ).toBeGreaterThan(0);
    const effective = having.some((spec) => {
      const removed = outcome(kind.kind, editedLeaf(spec, leaf, "remove")!);
      // A required field that is gone makes the whole spec invalid, which proves nothing; another text may.
      const other = removed.includes('"InvalidField"')
        ? outcome(kind.kind, editedLeaf(spec, leaf, "change")!)
        : removed;
      return other !== outcome(kind.kind, spec);
    });
    expect(effective, "without the field, or with another text in it, plan and findings are the same").toBe(
      true,
    );
  });

  test("declines only fields that there are", () => {
    for (const prefix of Object.keys(reasons)) {
      expect(
        leaves.filter((leaf) => leaf === prefix || leaf.startsWith(prefix)),
        prefix,
      ).not.toEqual([]);
    }
    for (const leaf of readAllTheSame[kind.kind]!) expect(leaves).toContain(leaf);
  });

  test("describes every field", () => {
    expect(undescribedFields(kind.spec)).toEqual([]);
  });
});

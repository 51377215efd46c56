import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { palena } from "../palena.ts";
import { liteLlmCredential } from "./credential.ts";
import { instanceSpec, liteLlmInstance } from "./instance.ts";
import { liteLlmModel } from "./model.ts";

const minimal = { masterKey: {}, database: {} };
const secret = { name: "n", key: "k" };

describe("names", () => {
  const cases: readonly (readonly [kind: Kind, plural: string, short: string, columns: readonly string[]])[] =
    [
      [liteLlmInstance, "litellminstances", "li", ["Ready", "Endpoint", "Version", "Age"]],
      [liteLlmModel, "litellmmodels", "lm", ["Model", "Synced", "Health", "Age"]],
      [
        liteLlmCredential,
        "litellmcredentials",
        "lc",
        ["Credential", "Instance", "Configured", "Models", "Age"],
      ],
    ];
  test.each(cases)("%s", (kind, plural, short, columns) => {
    expect(kind).toMatchObject({
      group: "litellm.palena.ai",
      version: "v1alpha1",
      plural,
      shortNames: [short],
    });
    expect(kind.scope).toBe("Namespaced");
    expect(kind.printerColumns.map(({ name }) => name)).toEqual(columns);
  });
});

describe("defaults of a block that is there (palena.md §1.1)", () => {
  const cases: readonly { name: string; spec: object; want: object }[] = [
    { name: "top level", spec: {}, want: { replicas: 1 } },
    { name: "image", spec: { image: {} }, want: { image: { tag: "latest", pullPolicy: "IfNotPresent" } } },
    {
      name: "autoscaling",
      spec: { autoscaling: { enabled: true, maxReplicas: 3 } },
      want: { autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 3 } },
    },
    {
      name: "backup",
      spec: { database: { cloudnativepg: { clusterName: "db", backup: { enabled: true } } } },
      want: {
        database: {
          cloudnativepg: {
            clusterName: "db",
            backup: { enabled: true, schedule: "0 0 * * *", retention: 7, method: "snapshot" },
          },
        },
      },
    },
    {
      name: "database",
      spec: {
        database: {
          managed: { enabled: true },
          connectionPool: {},
          migration: {},
          tls: { caSecretRef: { name: "ca" } },
        },
      },
      want: {
        database: {
          managed: { enabled: true, storageSize: "10Gi" },
          connectionPool: { maxConnections: 10 },
          migration: { enabled: true, timeout: "300s" },
          tls: { caSecretRef: { name: "ca", key: "ca.crt" } },
        },
      },
    },
    { name: "redis", spec: { redis: { enabled: true } }, want: { redis: { enabled: true, port: 6379 } } },
    { name: "fallbacks", spec: { fallbacks: {} }, want: { fallbacks: { maxFallbacks: 3 } } },
    {
      name: "configSync",
      spec: { configSync: { enabled: true } },
      want: {
        configSync: {
          enabled: true,
          interval: "30s",
          unmanagedResourcePolicy: "preserve",
          conflictResolution: "crd-wins",
        },
      },
    },
    { name: "service", spec: { service: {} }, want: { service: { type: "ClusterIP", port: 4000 } } },
    {
      name: "route",
      spec: { route: { enabled: true } },
      want: { route: { enabled: true, tlsTermination: "edge" } },
    },
    {
      name: "healthCheck",
      spec: { healthCheck: {} },
      want: {
        healthCheck: { livenessInitialDelay: 15, readinessInitialDelay: 10, startupFailureThreshold: 30 },
      },
    },
    {
      name: "observability",
      spec: {
        observability: {
          serviceMonitor: { enabled: true, authorization: {} },
          grafanaDashboard: { enabled: true },
        },
      },
      want: {
        observability: {
          serviceMonitor: {
            enabled: true,
            interval: "30s",
            path: "/metrics",
            authorization: { type: "Bearer" },
          },
          grafanaDashboard: { enabled: true, folder: "LiteLLM" },
        },
      },
    },
    {
      name: "upgrade",
      spec: { upgrade: {} },
      want: { upgrade: { strategy: "rolling", healthCheckTimeout: "300s" } },
    },
    {
      name: "sso",
      spec: {
        sso: {
          enabled: true,
          provider: "google",
          clientId: secret,
          clientSecret: secret,
          defaultUserParams: { teams: [{ teamId: "t" }] },
          customSsoHandler: { configMapRef: { name: "c", functionName: "f" } },
        },
      },
      want: {
        sso: {
          enabled: true,
          provider: "google",
          clientId: secret,
          clientSecret: secret,
          scopes: ["openid", "profile", "email"],
          teamIdsJwtField: "groups",
          defaultUserParams: { userRole: "internal_user", teams: [{ teamId: "t", role: "user" }] },
          customSsoHandler: { configMapRef: { name: "c", fileName: "handler.py", functionName: "f" } },
        },
      },
    },
    {
      name: "scim",
      spec: { scim: { enabled: true } },
      want: { scim: { enabled: true, generatedTokenSecretName: "litellm-scim-token" } },
    },
    {
      name: "caching",
      spec: { caching: { enabled: true } },
      want: { caching: { enabled: true, type: "redis", ttl: 600, mode: "default_on" } },
    },
    {
      name: "secretManager",
      spec: { secretManager: { provider: "hashicorp_vault", vault: { address: "https://v" } } },
      want: {
        secretManager: {
          provider: "hashicorp_vault",
          accessMode: "read_only",
          vault: { address: "https://v", authMethod: "approle" },
        },
      },
    },
    {
      name: "workload",
      spec: { workload: {} },
      want: { workload: { managed: true } },
    },
  ];
  test.each(cases)("$name", ({ spec, want }) => {
    expect(instanceSpec.parse({ ...minimal, ...spec })).toEqual({ ...minimal, replicas: 1, ...want });
  });
});

describe("what the API server refuses", () => {
  const cases: readonly { name: string; spec: object; path: string }[] = [
    { name: "no database", spec: { database: undefined }, path: "database" },
    {
      name: "half a Secret reference",
      spec: { masterKey: { secretRef: { name: "n" } } },
      path: "masterKey.secretRef.key",
    },
    {
      name: "an empty allowlist",
      spec: { security: { ipAllowlist: { enabled: true, allowedIPs: [] } } },
      path: "security.ipAllowlist.allowedIPs",
    },
    {
      name: "no parent",
      spec: { gatewayHTTPRoute: { enabled: true, parentRefs: [] } },
      path: "gatewayHTTPRoute.parentRefs",
    },
    {
      name: "no backups at all",
      spec: { database: { cloudnativepg: { clusterName: "db", backup: { enabled: true, retention: 0 } } } },
      path: "database.cloudnativepg.backup.retention",
    },
    {
      name: "a handler that is no Python file",
      spec: {
        sso: {
          enabled: true,
          provider: "google",
          clientId: secret,
          clientSecret: secret,
          customSsoHandler: { configMapRef: { name: "c", fileName: "handler.txt", functionName: "f" } },
        },
      },
      path: "sso.customSsoHandler.configMapRef.fileName",
    },
    {
      name: "a budget that is no number",
      spec: { generalSettings: { maxBudget: "lots" } },
      path: "generalSettings.maxBudget",
    },
    {
      name: "an endpoint of a managed workload",
      spec: { workload: { endpoint: "https://x" } },
      path: "workload.endpoint",
    },
    {
      name: "an unmanaged workload without a key",
      spec: { workload: { managed: false } },
      path: "masterKey.secretRef",
    },
  ];
  test.each(cases)("$name", ({ spec, path }) => {
    const issues = instanceSpec.safeParse({ ...minimal, ...spec }).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});

describe("as a schema for a CRD", () => {
  test.each(palena.kinds)("$kind can be written as OpenAPI", (kind) => {
    const schema = z.toJSONSchema(kind.spec, { target: "openapi-3.0", io: "input", reused: "inline" });
    expect(schema.type).toBe("object");
    expect(JSON.stringify(schema)).not.toContain("$ref");
  });

  test("rules and list keys come through", () => {
    const schema = z.toJSONSchema(instanceSpec, { target: "openapi-3.0", io: "input", reused: "inline" });
    expect(schema["x-kubernetes-validations"]).toHaveLength(2);
    expect(schema.properties).toMatchObject({
      extraEnvVars: { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] },
      extraVolumes: { "x-kubernetes-list-map-keys": ["name"] },
      extraVolumeMounts: { "x-kubernetes-list-map-keys": ["mountPath"] },
      topologySpreadConstraints: { "x-kubernetes-list-map-keys": ["topologyKey", "whenUnsatisfiable"] },
      callbacks: { properties: { envVars: { "x-kubernetes-list-map-keys": ["name"] } } },
      image: { properties: { pullSecrets: { "x-kubernetes-list-map-keys": ["name"] } } },
    });
  });
});

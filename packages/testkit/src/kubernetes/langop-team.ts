import {
  languageAgent,
  languageCluster,
  languageModel,
  languagePersona,
  languageTool,
} from "@gatewright/dialects";
import { type Client, connect, createClient, type KubernetesObject } from "@gatewright/reconcile";
import type { KubernetesAccess } from "./kubernetes.ts";

/** A client as a person has it: all kinds, its own field manager, and neither memory nor cache. */
export interface User extends Client {
  /** Creates the objects, or changes what they say. */
  put(...objects: readonly KubernetesObject[]): Promise<void>;
  close(): Promise<void>;
}

export async function createUser(kubernetes: Pick<KubernetesAccess, "kubeconfig">): Promise<User> {
  const { transport } = await connect({ kubeconfig: kubernetes.kubeconfig, userAgent: "kubectl-tests" });
  const client = createClient(transport, {
    types: [languageCluster, languageModel, languageAgent, languageTool, languagePersona],
  });
  return {
    ...client,
    async put(...objects) {
      for (const object of objects) await client.apply(object, { manager: "user" });
    },
    close: () => transport.close(),
  };
}

export function namespaceOf(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** A LanguageCluster that has everything a cluster may have, or the given spec. */
export function clusterOf(
  name: string,
  spec: { readonly [field: string]: unknown } = fullSpec,
  annotations: { readonly [name: string]: string } = {},
): KubernetesObject {
  return {
    apiVersion: "langop.io/v1alpha1",
    kind: languageCluster.kind,
    metadata: { name, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec,
  };
}

/** Exposure, network rules, quota, autoscaling, and an identity with rights of its own. */
export const fullSpec = {
  domain: "ai.example.test",
  ingress: { enabled: true, className: "nginx" },
  networkPolicies: { egress: [{ to: [{ cidr: "192.0.2.0/24" }], ports: [{ port: 443 }] }] },
  capacity: { maxAgents: 20, maxModels: 10 },
  gateway: {
    deployment: {
      autoscaling: { minReplicas: 2, maxReplicas: 4 },
      serviceAccountAnnotations: { "example.test/identity": "gateway" },
      roleRules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
    },
  },
} as const;

export function modelOf(
  namespace: string,
  name: string,
  spec: { readonly [field: string]: unknown },
): KubernetesObject {
  return {
    apiVersion: "langop.io/v1alpha1",
    kind: languageModel.kind,
    metadata: { name, namespace },
    spec,
  };
}

export function secretOf(
  namespace: string,
  name: string,
  stringData: { readonly [key: string]: string },
): KubernetesObject {
  const data = Object.fromEntries(
    Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type: "Opaque", data };
}

/** Two models that can be served, and one whose Secret lacks its key; all with their Secrets. */
export function teamModels(namespace: string): readonly KubernetesObject[] {
  return [
    secretOf(namespace, "openai-credentials", { "api-key": "sk-one" }),
    secretOf(namespace, "azure-credentials", { AZURE_API_KEY: "azure-one", AZURE_TENANT_ID: "tenant" }),
    secretOf(namespace, "anthropic-credentials", { other: "nothing" }),
    modelOf(namespace, "gpt", {
      provider: "openai",
      modelName: "gpt-4o-mini",
      apiKeySecretRef: { name: "openai-credentials" },
    }),
    modelOf(namespace, "azure", {
      provider: "azure",
      modelName: "gpt-4-deployment",
      endpoint: "https://example-resource.openai.azure.com/",
      apiVersion: "2025-01-01-preview",
      credentialsSecretRef: { name: "azure-credentials" },
    }),
    modelOf(namespace, "claude", {
      provider: "anthropic",
      modelName: "claude-sonnet-4-5",
      apiKeySecretRef: { name: "anthropic-credentials" },
    }),
  ];
}

/** A pod of the shared gateway, or of a model's own one, that nobody runs. */
export function gatewayPodOf(namespace: string, name: string, model?: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: {
        "app.kubernetes.io/name": model ?? "language-operator",
        "app.kubernetes.io/managed-by": "language-operator",
        "app.kubernetes.io/part-of": "langop",
        ...(model === undefined
          ? {
              "langop.io/kind": "gateway",
              "app.kubernetes.io/component": "gateway",
              "langop.io/cluster": namespace,
            }
          : { "langop.io/kind": "LanguageModel" }),
      },
    },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: "gateway", image: "gatewright:test" }],
    },
  };
}

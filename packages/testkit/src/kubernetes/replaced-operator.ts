import { languageCluster, languageModel } from "@gatewright/dialects";
import type { KubernetesObject } from "@gatewright/reconcile";
import { clusterOf, fullSpec, modelOf, secretOf, type User } from "./langop-team.ts";

/** Field manager of the operator that is replaced: the name of its program, and its writes are updates, not applies. */
const manager = "manager";

/**
 * A cluster with one model as the replaced operator leaves it when it is stopped (langop.md §3): Ready, with finalizers,
 * every object written as an update, no label of ours. Generation B runs an open gateway; generation C has a Secret to
 * sign agent keys with, and gives it to the gateway as a variable. The namespace is the cluster's, or was there before.
 */
export async function leaveBehind(
  user: User,
  name: string,
  { generation, namespace = "created" }: { generation: "B" | "C"; namespace?: "created" | "found" },
): Promise<void> {
  await user.put(clusterOf(name, fullSpec));
  const cluster = await found(user.get(languageCluster, { name }));
  const owner = {
    apiVersion: cluster.apiVersion,
    kind: cluster.kind,
    name,
    uid: cluster.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const owned = [owner] as NonNullable<KubernetesObject["metadata"]["ownerReferences"]>;
  const create = async (object: KubernetesObject): Promise<void> =>
    void (await user.create(object, { manager }));
  await create({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      labels: { "app.kubernetes.io/managed-by": "language-operator", "langop.io/cluster": name },
      ...(namespace === "created" ? { ownerReferences: owned } : {}),
    },
  });
  const key = { apiKeySecretRef: { name: "openai-credentials" } };
  await user.put(
    secretOf(name, "openai-credentials", { "api-key": "sk-one" }),
    modelOf(name, "gpt", { provider: "openai", modelName: "gpt-4o-mini", ...key }),
  );
  const finalizers = ["langop.io/finalizer"];
  await user.mergePatch(languageCluster, { name }, { metadata: { finalizers } }, { manager });
  await user.mergePatch(
    languageModel,
    { namespace: name, name: "gpt" },
    { metadata: { finalizers } },
    { manager },
  );
  const status = { phase: "Ready", gatewayReady: true, observedGeneration: 1 };
  await user.mergePatch(languageCluster, { name }, { status }, { subresource: "status", manager });

  const common = {
    "app.kubernetes.io/name": "language-operator",
    "app.kubernetes.io/managed-by": "language-operator",
    "app.kubernetes.io/part-of": "langop",
    "langop.io/cluster": name,
  };
  const selector = { ...common, "langop.io/kind": "gateway", "app.kubernetes.io/component": "gateway" };
  const of = (
    object: string,
    labels: { readonly [key: string]: string } = selector,
  ): KubernetesObject["metadata"] => ({
    name: object,
    namespace: name,
    labels,
    ownerReferences: owned,
  });
  const rules = {
    "app.kubernetes.io/component": "agent-rbac",
    "langop.io/kind": "LanguageCluster",
    ...common,
  };
  const rbac = "rbac.authorization.k8s.io";
  await create({
    apiVersion: `${rbac}/v1`,
    kind: "Role",
    metadata: of("agents", rules),
    rules: [{ apiGroups: [""], resources: ["events"], verbs: ["create"] }],
  });
  await create({
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: of("agents", rules),
    roleRef: { apiGroup: rbac, kind: "Role", name: "agents" },
    subjects: [{ kind: "ServiceAccount", name: "default", namespace: name }],
  });
  await create({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: of(`${name}-agents`, { ...common, "app.kubernetes.io/component": "agent-network-policy" }),
    spec: {
      podSelector: { matchLabels: { "langop.io/cluster": name, "langop.io/kind": "LanguageAgent" } },
      policyTypes: ["Egress"],
      // Its resolved names: an old rule of theirs that ours no longer has.
      egress: [{ to: [{ ipBlock: { cidr: "198.51.100.7/32" } }] }],
    },
  });
  await create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: of("gateway-config"),
    data: {
      "model__gpt.json": '{"provider":"openai","modelName":"gpt-4o-mini","timeout":"5m"}',
      // Of a model that went while no operator ran.
      "model__gone.json": '{"provider":"openai","modelName":"gone"}',
    },
  });
  await create({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { ...of("gateway"), annotations: { "example.test/identity": "gateway" } },
  });
  if (generation === "C") {
    const auth = secretOf(name, "gateway-auth", { "hmac-secret": theirAgentSecret });
    await create({ ...auth, metadata: of("gateway-auth") });
  }
  await create(gatewayDeployment(of("gateway"), selector, generation));
  await create({
    apiVersion: "v1",
    kind: "Service",
    metadata: of("gateway"),
    spec: { selector, ports: [{ name: "http", port: 8000, targetPort: 4000, protocol: "TCP" }] },
  });
  await create({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: of("gateway"),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "gateway" },
      minReplicas: 2,
      maxReplicas: 4,
    },
  });
  await create({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { ...of("gateway"), annotations: { "cert-manager.io/cluster-issuer": "old" } },
    spec: {
      ingressClassName: "nginx",
      rules: [
        {
          host: "gateway.ai.example.test",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "gateway", port: { number: 8000 } } },
              },
            ],
          },
        },
      ],
    },
  });
  await create({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: of("langop-quota", { ...common, "app.kubernetes.io/component": "capacity" }),
    spec: { hard: { "count/languagemodels.langop.io": "10", "count/languagetools.langop.io": "3" } },
  });
}

/** What signs the agent keys that agents of generation C already have. */
export const theirAgentSecret = "0123456789abcdef".repeat(4);

function gatewayDeployment(
  metadata: KubernetesObject["metadata"],
  selector: { readonly [key: string]: string },
  generation: "B" | "C",
): KubernetesObject {
  const probe = (path: string) => ({
    httpGet: { path, port: 4000 },
    initialDelaySeconds: 30,
    periodSeconds: 300,
    timeoutSeconds: 30,
  });
  const hmac = {
    name: "LANGOP_GATEWAY_HMAC_SECRET",
    valueFrom: { secretKeyRef: { name: "gateway-auth", key: "hmac-secret" } },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      // What the autoscaler has come to.
      replicas: 3,
      selector: { matchLabels: selector },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: selector, annotations: { "langop.io/config-hash": "0011223344556677" } },
        spec: {
          serviceAccountName: "gateway",
          containers: [
            {
              name: "gateway",
              image: "ghcr.io/language-operator/model-gateway:latest",
              ports: [{ name: "http", containerPort: 4000 }],
              ...(generation === "C" ? { env: [hmac] } : {}),
              livenessProbe: probe("/health/liveliness"),
              readinessProbe: probe("/health/readiness"),
              volumeMounts: [
                { name: "models-config", mountPath: "/etc/langop/models", readOnly: true },
                {
                  name: "secret-openai-credentials",
                  mountPath: "/etc/secrets/openai-credentials",
                  readOnly: true,
                },
              ],
            },
          ],
          volumes: [
            { name: "models-config", configMap: { name: "gateway-config" } },
            {
              name: "secret-openai-credentials",
              secret: { secretName: "openai-credentials", items: [{ key: "api-key", path: "api-key" }] },
            },
          ],
        },
      },
    },
  };
}

async function found(reading: Promise<KubernetesObject | undefined>): Promise<KubernetesObject> {
  const object = await reading;
  if (object === undefined) throw new Error("what was written is not there");
  return object;
}

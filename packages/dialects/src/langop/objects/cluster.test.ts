import type { KubernetesObject } from "@gatewright/kubernetes";
import { documentOf, Secret } from "@gatewright/litellm";
import type { Engine, JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { DesiredObjects } from "../../desired-objects.ts";
import type { World } from "../../dialect.ts";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import { read } from "../read/read.ts";
import { type ClusterInput, clusterObjects } from "./cluster.ts";

const plain: Installation = {
  image: "gatewright:1",
  litellmImage: "litellm:1",
  networkIsolation: true,
  apis: { cilium: false, gatewayApi: false },
};

interface Case
  extends Partial<
    Pick<ClusterInput, "agentKeys" | "namespace" | "hmacSecret" | "secretsHash" | "serviceNameFree">
  > {
  readonly spec?: JsonObject;
  readonly annotations?: { readonly [key: string]: string };
  readonly models?: { readonly [name: string]: JsonObject };
  readonly engine?: Engine;
  readonly readyReplicas?: number;
  readonly installation?: Partial<Installation>;
}

const gpt = { provider: "openai", modelName: "gpt-4o", apiKeySecretRef: { name: "openai" } };

function inputOf(of: Case): ClusterInput {
  const { spec = {}, annotations = {}, models = { gpt }, engine = "native", readyReplicas = 1 } = of;
  const apiVersion = "langop.io/v1alpha1";
  const cluster: Resource = {
    apiVersion,
    kind: "LanguageCluster",
    metadata: { name: "demo", uid: "u1", annotations },
    spec,
  };
  const resources = Object.entries(models).map(
    ([name, model]): Resource => ({
      apiVersion,
      kind: "LanguageModel",
      metadata: { name, namespace: "demo" },
      spec: model,
    }),
  );
  const world: World = {
    resources: [cluster, ...resources],
    secretKeys: () => "unknown",
    configMap: () => undefined,
  };
  const [gateway] = read(world, { engine, agentKeys: () => of.agentKeys !== "open" }).gateways;
  if (gateway === undefined) throw new Error("no gateway");
  return {
    cluster,
    models: resources,
    gateway,
    document: documentOf(gateway.plan),
    namespace: of.namespace ?? "created",
    agentKeys: of.agentKeys ?? "required",
    ...(of.hmacSecret === undefined ? {} : { hmacSecret: of.hmacSecret }),
    ...(of.secretsHash === undefined ? {} : { secretsHash: of.secretsHash }),
    readyReplicas,
    addresses: () => [],
    serviceNameFree: of.serviceNameFree ?? (() => true),
    installation: { ...plain, ...of.installation },
  };
}

const objectsOf = (of: Case = {}): DesiredObjects => clusterObjects(inputOf(of));
const names = (desired: DesiredObjects) =>
  desired.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const gone = (desired: DesiredObjects) => desired.absent.map(({ kind, name }) => `${kind} ${name}`);
const codes = (desired: DesiredObjects) =>
  desired.findings.map(({ code, origin }) => `${code} ${origin.path ?? ""}`);

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
function find(desired: DesiredObjects, kind: string, name = "gateway"): any {
  return desired.objects.find((object) => object.kind === kind && object.metadata.name === name);
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
const podOf = (desired: DesiredObjects): any => find(desired, "Deployment").spec.template.spec;

const deployed = (deployment: JsonObject, more: Case = {}): DesiredObjects =>
  objectsOf({ ...more, spec: { ...more.spec, gateway: { deployment } } });

const withDomain = { domain: "ai.example.com" };

describe("a cluster that says nothing", () => {
  const desired = objectsOf();

  test("has the objects its users know, in the order in which they depend on each other", () => {
    expect(names(desired)).toEqual([
      "Namespace demo",
      "Role agents",
      "RoleBinding agents",
      "NetworkPolicy demo-agents",
      "ConfigMap gateway-config",
      "ServiceAccount gateway",
      "Deployment gateway",
      "Service gateway",
      "Service gpt",
    ]);
    expect(gone(desired)).toEqual([
      "RoleBinding gateway",
      "Role gateway",
      "PodDisruptionBudget gateway",
      "HorizontalPodAutoscaler gateway",
      "Ingress gateway",
      "Ingress auth",
      "Service auth",
      "Deployment auth",
      "Secret auth-dex-config",
      "Secret auth-client-secret",
      "ResourceQuota langop-quota",
    ]);
    expect(desired.findings).toEqual([]);
  });

  test("owns them all, and the operator finds them all", () => {
    for (const { metadata } of desired.objects) {
      expect(metadata.labels).toMatchObject({ "gatewright.dev/dialect": "langop" });
      expect(metadata.ownerReferences?.[0]).toEqual({
        apiVersion: "langop.io/v1alpha1",
        kind: "LanguageCluster",
        name: "demo",
        uid: "u1",
        controller: true,
        blockOwnerDeletion: true,
      });
    }
  });

  test("never selects by the label that objects of the replaced operator lack", () => {
    const selectors = JSON.stringify([
      find(desired, "Deployment").spec.selector,
      find(desired, "Service").spec.selector,
      find(desired, "Service", "gpt").spec.selector,
      find(desired, "NetworkPolicy", "demo-agents").spec.podSelector,
    ]);
    expect(selectors).not.toContain("gatewright.dev");
    expect(find(desired, "Service", "gpt").spec.selector).toEqual(
      find(desired, "Deployment").spec.selector.matchLabels,
    );
  });

  test("delivers the very bytes whose digest the pods report", () => {
    const { document } = inputOf({});
    expect(find(desired, "ConfigMap", "gateway-config").data).toEqual({
      "config.yaml": document.text,
      // As the API server stores it, whoever delivers it: defaults filled in, keys sorted.
      "model__gpt.json": `{"apiKeySecretRef":{"key":"api-key","name":"openai"},"modelName":"gpt-4o","provider":"openai","timeout":"5m"}`,
      "runtime.json": '{"replicas":1}',
    });
  });

  test("a namespace that was there before does not go with the cluster", () => {
    const { metadata } = find(objectsOf({ namespace: "adopted" }), "Namespace", "demo") as KubernetesObject;
    expect(metadata.ownerReferences).toBeUndefined();
  });
});

describe("the hash annotation (langop.md §3.2)", () => {
  const hash = (of: Case): string | undefined => objectsOf(of).configHash;

  test.each<{ name: string; of: Case; same: boolean }>([
    { name: "ready pods", of: { readyReplicas: 3 }, same: true },
    { name: "the number of pods", of: { spec: { gateway: { deployment: { replicas: 3 } } } }, same: true },
    { name: "a model", of: { models: { gpt: { ...gpt, modelName: "gpt-5" } } }, same: false },
    { name: "the name of a model", of: { models: { gpt2: gpt } }, same: false },
    { name: "the secret of agent keys", of: { hmacSecret: new Secret("s3cret-of-agents") }, same: false },
    {
      name: "values of Secrets, for an engine that reads them once",
      of: { secretsHash: "abc" },
      same: false,
    },
  ])("changes with $name: not $same", ({ of, same }) => {
    expect(hash(of) === hash({})).toBe(same);
    expect(hash(of)).toMatch(/^[0-9a-f]{16}$/);
  });

  test("row 4: rolls the pods of LiteLLM, and never those of the native engine", () => {
    const native = find(objectsOf({ hmacSecret: new Secret("s3cret-of-agents") }), "Deployment");
    const other = find(objectsOf({ models: { other: gpt } }), "Deployment");
    expect(native.spec).toEqual(other.spec);
    expect(native.metadata.annotations["langop.io/config-hash"]).not.toBe(
      other.metadata.annotations["langop.io/config-hash"],
    );
    const litellm = objectsOf({ engine: "litellm", agentKeys: "open" });
    const { metadata, spec } = find(litellm, "Deployment");
    expect(metadata.annotations).toBeUndefined();
    expect(spec.template.metadata.annotations).toEqual({ "langop.io/config-hash": litellm.configHash });
  });

  test("row 4: a model with a new Secret does not change the native Deployment", () => {
    const more = objectsOf({ models: { gpt, claude: { ...gpt, apiKeySecretRef: { name: "another" } } } });
    expect(podOf(more)).toEqual(podOf(objectsOf()));
  });
});

describe("what cannot be served", () => {
  test("keeps what stands: nothing is written or removed of it", () => {
    const desired = deployed({ env: [{ name: "LANGOP_GATEWAY_EXTRA_CONFIG", value: "- no mapping" }] });
    expect(names(desired)).not.toContain("ConfigMap gateway-config");
    expect(names(desired)).not.toContain("Deployment gateway");
    expect(gone(desired).filter((name) => /ConfigMap|Deployment gateway/.test(name))).toEqual([]);
    expect(desired.configHash).toBeUndefined();
    expect(desired.managedResources.map(({ kind }) => kind)).toContain("Deployment");
  });

  test("a spec that cannot be read changes nothing but the namespace", () => {
    const desired = objectsOf({ spec: { domain: "NOT A DOMAIN", ingress: { enabled: false } } });
    expect(names(desired)).toEqual(["Namespace demo", "Role agents", "RoleBinding agents"]);
    expect(desired.absent).toEqual([]);
  });

  test("a configuration that no ConfigMap holds is told, and does not replace the last one", () => {
    const models = { gpt: { ...gpt, params: { note: "x".repeat(1024 * 1024) } } };
    const desired = objectsOf({ models });
    expect(
      desired.findings.map(({ code, effect, origin }) => [code, effect, origin.kind, origin.path]),
    ).toEqual([["ConfigTooLarge", "blocked", "LanguageCluster", undefined]]);
    expect(names(desired)).not.toContain("ConfigMap gateway-config");
  });
});

describe("the workload (langop.md §1.3, §3.2)", () => {
  test.each<{ name: string; resources: JsonObject; want: JsonObject }>([
    {
      name: "nothing",
      resources: {},
      want: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1000m", memory: "512Mi" } },
    },
    { name: "requests", resources: { requests: { cpu: "1" } }, want: { requests: { cpu: "1" } } },
    { name: "limits", resources: { limits: { cpu: "1" } }, want: { limits: { cpu: "1" } } },
  ])("resources: $name given", ({ resources, want }) => {
    expect(podOf(deployed({ resources })).containers[0].resources).toEqual(want);
  });

  test.each<{
    name: string;
    deployment: JsonObject;
    replicas: number | undefined;
    budget: boolean;
    scaler: boolean;
  }>([
    { name: "row 17: one pod", deployment: {}, replicas: 1, budget: false, scaler: false },
    { name: "no pod", deployment: { replicas: 0 }, replicas: 0, budget: false, scaler: false },
    { name: "row 17: several pods", deployment: { replicas: 2 }, replicas: 2, budget: true, scaler: false },
    {
      name: "an autoscaler, whose number is left alone",
      deployment: { replicas: 5, autoscaling: { maxReplicas: 4 } },
      replicas: undefined,
      budget: false,
      scaler: true,
    },
    {
      name: "an autoscaler that keeps several pods",
      deployment: { autoscaling: { minReplicas: 2, maxReplicas: 4 } },
      replicas: undefined,
      budget: true,
      scaler: true,
    },
  ])("replicas: $name", ({ deployment, replicas, budget, scaler }) => {
    const desired = deployed(deployment);
    expect(find(desired, "Deployment").spec.replicas).toBe(replicas);
    expect(names(desired).includes("PodDisruptionBudget gateway")).toBe(budget);
    expect(gone(desired).includes("PodDisruptionBudget gateway")).toBe(!budget);
    expect(names(desired).includes("HorizontalPodAutoscaler gateway")).toBe(scaler);
    expect(gone(desired).includes("HorizontalPodAutoscaler gateway")).toBe(!scaler);
  });

  test.each<{
    name: string;
    deployment: JsonObject;
    account: string;
    token: boolean;
    made: readonly string[];
  }>([
    { name: "none", deployment: {}, account: "gateway", token: false, made: ["ServiceAccount gateway"] },
    {
      name: "annotations",
      deployment: { serviceAccountAnnotations: { role: "x" } },
      account: "gateway",
      token: true,
      made: ["ServiceAccount gateway"],
    },
    {
      name: "rules",
      deployment: { roleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
      account: "gateway",
      token: true,
      made: ["ServiceAccount gateway", "Role gateway", "RoleBinding gateway"],
    },
    {
      name: "one of their own, which wins",
      deployment: {
        serviceAccountName: "own",
        roleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      },
      account: "own",
      token: true,
      made: [],
    },
  ])("ServiceAccount: $name", ({ deployment, account, token, made }) => {
    const desired = deployed(deployment);
    expect(podOf(desired)).toMatchObject({
      serviceAccountName: account,
      automountServiceAccountToken: token,
    });
    expect(names(desired).filter((name) => /^(ServiceAccount|Role|RoleBinding) gateway$/.test(name))).toEqual(
      made,
    );
    expect(gone(desired).filter((name) => made.includes(name))).toEqual([]);
  });

  test("a ServiceAccount of the user's that is called like ours is not removed", () => {
    expect(gone(deployed({ serviceAccountName: "gateway" }))).not.toContain("ServiceAccount gateway");
    expect(gone(deployed({ serviceAccountName: "own" }))).toContain("ServiceAccount gateway");
  });

  test("labels and annotations the gateway depends on are not the user's to change", () => {
    const desired = deployed({
      podLabels: { "langop.io/kind": "mine", "langop.io/cluster": "demo", team: "a" },
      podAnnotations: { "langop.io/config-hash": "mine", note: "b" },
    });
    const { metadata } = find(desired, "Deployment").spec.template;
    expect(metadata.labels).toMatchObject({
      ...find(desired, "Deployment").spec.selector.matchLabels,
      team: "a",
    });
    expect(metadata.annotations).toEqual({ note: "b" });
    expect(codes(desired)).toEqual([
      "ReservedName spec.gateway.deployment.podAnnotations[langop.io/config-hash]",
      "ReservedName spec.gateway.deployment.podLabels[langop.io/kind]",
    ]);
  });

  test("row 19: every variable stands there once, and the user's wins", () => {
    const own = { name: "LANGOP_GATEWAY_HMAC_SECRET", value: "not-a-real-secret" };
    const env = [{ name: "A", value: "1" }, own, { name: "A", value: "2" }];
    const required = { engine: "litellm", agentKeys: "required" } as const;
    expect(podOf(deployed({ env }, required)).containers[0].env.slice(-2)).toEqual([
      own,
      { name: "A", value: "2" },
    ]);
    const variables = (desired: DesiredObjects) =>
      podOf(desired).containers[0].env.map(({ name }: { name: string }) => name);
    expect(variables(deployed({ env }, required))).toEqual([
      "openai_2fapi_2dkey",
      "LANGOP_GATEWAY_HMAC_SECRET",
      "A",
    ]);
    expect(variables(objectsOf(required))).toEqual(["LANGOP_GATEWAY_HMAC_SECRET", "openai_2fapi_2dkey"]);
    expect(podOf(objectsOf()).containers[0].env).toBeUndefined();
  });

  test("a command of the user's gets its own arguments only", () => {
    const { command, args } = podOf(deployed({ command: ["sh"] })).containers[0];
    expect({ command, args }).toEqual({ command: ["sh"], args: undefined });
    expect(podOf(deployed({ args: ["health"] })).containers[0].args).toEqual(["health"]);
  });

  test("volumes of Secrets that differ by . and - only have different names, whatever order models come in", () => {
    const secrets = ["a.b", "a-b", "a.b.c", "a-b.c", `${"l".repeat(70)}`];
    const models = Object.fromEntries(
      secrets.map((name, index) => [`m${index}`, { ...gpt, apiKeySecretRef: { name } }]),
    );
    const mounts = (of: Case): Record<string, string> =>
      Object.fromEntries(
        podOf(objectsOf({ ...of, engine: "litellm", agentKeys: "open" })).containers[0].volumeMounts.map(
          (mount: { name: string; mountPath: string }) => [
            mount.mountPath.replace("/etc/secrets/", ""),
            mount.name,
          ],
        ),
      );
    const found = mounts({ models });
    expect(new Set(Object.values(found)).size).toBe(secrets.length + 1);
    expect(found).toMatchObject({ "a-b": "secret-a-b" });
    for (const name of Object.values(found)) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    expect(mounts({ models: Object.fromEntries(Object.entries(models).reverse()) })).toEqual(found);
  });

  test("row 3: no volume of a Secret keeps a pod from starting", () => {
    for (const engine of ["native", "litellm"] as const) {
      const { volumes } = podOf(objectsOf({ engine, agentKeys: "open" }));
      const secrets = volumes.filter(({ secret }: { secret?: object }) => secret !== undefined);
      expect(secrets.length).toBeGreaterThan(0);
      for (const { secret } of secrets) expect(secret.optional).toBe(true);
    }
  });
});

describe("the Ingress (langop.md §3.6)", () => {
  const issuer = { name: "letsencrypt", kind: "ClusterIssuer" } as const;

  test.each<{
    name: string;
    spec: JsonObject;
    installation?: Partial<Installation>;
    /** Secret of the certificate, `http` without one, nothing without an Ingress. */
    tls?: string;
    annotations?: object;
    codes?: readonly string[];
  }>([
    { name: "not asked for", spec: withDomain },
    { name: "asked for", spec: { ...withDomain, ingress: { enabled: true } }, tls: "http" },
    { name: "by its early name", spec: { ...withDomain, gateway: { enabled: true } }, tls: "http" },
    {
      name: "row 16: the domain is gone",
      spec: { ingress: { enabled: true } },
      codes: ["DomainMissing spec.ingress.enabled"],
    },
    {
      name: "switched off although the early name says on",
      spec: { ...withDomain, ingress: { enabled: false }, gateway: { enabled: true } },
    },
    {
      name: "TLS by the operator's issuer",
      spec: { ...withDomain, ingress: { enabled: true } },
      installation: { tlsIssuer: issuer },
      tls: "gateway-tls",
      annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
    },
    {
      name: "TLS switched off",
      spec: { ...withDomain, ingress: { enabled: true, tls: { enabled: false, secretName: "own" } } },
      installation: { tlsIssuer: issuer },
      tls: "http",
    },
    {
      name: "TLS mode none",
      spec: { ...withDomain, ingress: { enabled: true, tls: { mode: "none" } } },
      installation: { tlsIssuer: issuer },
      tls: "http",
    },
    {
      name: "a certificate of one's own",
      spec: { ...withDomain, ingress: { enabled: true, tls: { secretName: "own" } } },
      installation: { tlsIssuer: issuer },
      tls: "own",
    },
    {
      name: "an issuer of one's own before the operator's",
      spec: {
        ...withDomain,
        ingress: { enabled: true, tls: { issuerRef: { name: "team", kind: "Issuer" } } },
      },
      installation: { tlsIssuer: issuer },
      tls: "gateway-tls",
      annotations: { "cert-manager.io/issuer": "team" },
    },
    {
      name: "an issuer of another group",
      spec: {
        ...withDomain,
        ingress: { enabled: true, tls: { issuerRef: { name: "step", group: "certs.example.com" } } },
      },
      tls: "gateway-tls",
      annotations: {
        "cert-manager.io/issuer": "step",
        "cert-manager.io/issuer-kind": "ClusterIssuer",
        "cert-manager.io/issuer-group": "certs.example.com",
      },
    },
    {
      name: "TLS without anybody to ask",
      spec: { ...withDomain, ingress: { enabled: true, tls: {} } },
      tls: "http",
      codes: ["TlsIssuerMissing spec.ingress.tls"],
    },
  ])("$name", ({ spec, installation = {}, tls, annotations, codes: want = [] }) => {
    const desired = objectsOf({ spec, installation });
    const ingress = find(desired, "Ingress");
    expect(gone(desired).includes("Ingress gateway")).toBe(tls === undefined);
    expect(codes(desired)).toEqual(want);
    if (tls === undefined) return expect(ingress).toBeUndefined();
    expect(ingress.spec.rules[0].host).toBe("gateway.ai.example.com");
    expect(ingress.spec.tls?.[0].secretName ?? "http").toBe(tls);
    expect(ingress.metadata.annotations).toEqual(annotations);
  });

  test("is neither published in clear nor taken away when its certificate cannot be told", () => {
    const desired = objectsOf({
      spec: { ...withDomain, ingress: { enabled: true, tls: { mode: "secret" } } },
    });
    expect(names(desired)).not.toContain("Ingress gateway");
    expect(gone(desired)).not.toContain("Ingress gateway");
    expect(codes(desired)).toEqual(["TlsSecretMissing spec.ingress.tls.mode"]);
  });

  test("has the operator's class unless it names one", () => {
    const installation = { ingressClassName: "nginx" };
    const ingress = { enabled: true };
    const className = (of: JsonObject) =>
      find(objectsOf({ spec: { ...withDomain, ingress: of }, installation }), "Ingress").spec
        .ingressClassName;
    expect(className(ingress)).toBe("nginx");
    expect(className({ ...ingress, className: "traefik" })).toBe("traefik");
  });

  test.each<{ name: string; parent: string; spec: JsonObject; served: boolean; route: boolean }>([
    { name: "a Gateway", parent: "infra/public", spec: withDomain, served: true, route: true },
    { name: "no domain", parent: "infra/public", spec: {}, served: true, route: false },
    { name: "no Gateway API", parent: "infra/public", spec: withDomain, served: false, route: false },
    { name: "half a name", parent: "public", spec: withDomain, served: true, route: false },
  ])("an HTTPRoute only where it is asked for and possible: $name", ({ parent, spec, served, route }) => {
    const annotations = { "gatewright.dev/gateway-parent": parent };
    const desired = objectsOf({
      spec,
      annotations,
      installation: { apis: { cilium: false, gatewayApi: served } },
    });
    expect(names(desired).includes("HTTPRoute gateway")).toBe(route);
    // Of an API that is not served there is nothing to remove.
    expect(gone(desired).includes("HTTPRoute gateway")).toBe(served && !route);
    expect(desired.findings.length).toBe(route ? 0 : 1);
  });
});

describe("the quota (langop.md §3.7)", () => {
  test("holds what is set, zero too, and goes with the last limit", () => {
    const hard = (capacity: JsonObject) =>
      find(objectsOf({ spec: { capacity } }), "ResourceQuota", "langop-quota")?.spec.hard;
    expect(hard({ maxModels: 0, maxCPU: 4, maxMemory: "8Gi" })).toEqual({
      "count/languagemodels.langop.io": "0",
      "limits.cpu": "4",
      "limits.memory": "8Gi",
    });
    expect(hard({})).toBeUndefined();
    expect(gone(objectsOf({ spec: { capacity: {} } }))).toContain("ResourceQuota langop-quota");
  });

  test("row 15: a quota that would keep the gateway's pods away is told", () => {
    const spec = { capacity: { maxCPU: 4, maxMemory: "8Gi" } };
    expect(codes(objectsOf({ spec }))).toEqual([]);
    expect(codes(deployed({ resources: { limits: { memory: "1Gi" } } }, { spec }))).toEqual([
      "GatewayWithoutLimit spec.capacity.maxCPU",
    ]);
    expect(codes(deployed({ initContainers: [{ name: "wait", image: "busybox" }] }, { spec }))).toEqual([
      "GatewayWithoutLimit spec.capacity.maxCPU",
      "GatewayWithoutLimit spec.capacity.maxMemory",
    ]);
  });
});

describe("network isolation (langop.md §3.5)", () => {
  const networkPolicies = { egress: [{ to: [{ dns: ["api.example.com"] }], ports: [{ port: 443 }] }] };

  test("row 8: a name without addresses leaves the policy closed and is listed", () => {
    const desired = objectsOf({ spec: { networkPolicies } });
    expect(find(desired, "NetworkPolicy", "demo-agents").spec.egress).toHaveLength(2);
    expect({ names: desired.dnsNames, lost: desired.unresolved }).toEqual({
      names: ["api.example.com"],
      lost: ["api.example.com"],
    });
  });

  test("row 8: on Cilium the name itself is permitted, and lookups are watched", () => {
    const apis = { cilium: true, gatewayApi: false };
    const desired = objectsOf({ spec: { networkPolicies }, installation: { apis } });
    expect(find(desired, "CiliumNetworkPolicy", "demo-agents").spec).toEqual({
      endpointSelector: { matchLabels: { "langop.io/cluster": "demo", "langop.io/kind": "LanguageAgent" } },
      egress: [
        {
          toEndpoints: [{ matchLabels: { "k8s:io.kubernetes.pod.namespace": "kube-system" } }],
          toPorts: [{ ports: [{ port: "53", protocol: "ANY" }], rules: { dns: [{ matchPattern: "*" }] } }],
        },
        {
          toFQDNs: [{ matchName: "api.example.com" }],
          toPorts: [{ ports: [{ port: "443", protocol: "TCP" }] }],
        },
      ],
    });
    expect(desired.dnsNames).toEqual([]);
    expect(gone(objectsOf({ installation: { apis } }))).toContain("CiliumNetworkPolicy demo-agents");
  });

  test("ingress is limited exactly when rules for it are given, even if nothing is left of them", () => {
    const types = (ingress: readonly JsonObject[]) =>
      find(objectsOf({ spec: { networkPolicies: { ingress } } }), "NetworkPolicy", "demo-agents").spec;
    expect(types([])).toMatchObject({ policyTypes: ["Egress"] });
    expect(types([{ from: [{ dns: ["a.example.com"] }] }])).toMatchObject({
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
    });
  });

  test("switched off for the installation, ours are removed", () => {
    const desired = objectsOf({ installation: { networkIsolation: false } });
    expect(names(desired)).not.toContain("NetworkPolicy demo-agents");
    expect(gone(desired)).toContain("NetworkPolicy demo-agents");
  });
});

describe("Services of models", () => {
  test.each<{ name: string; model: string; free: boolean; served: boolean }>([
    { name: "a good name", model: "claude", free: true, served: true },
    { name: "a name somebody else has", model: "claude", free: false, served: false },
    { name: "the gateway's own name", model: "gateway", free: true, served: false },
    { name: "a name with dots", model: "gpt-3.5", free: true, served: false },
    { name: "a name that begins with a digit", model: "4o", free: true, served: false },
  ])("$name", ({ model, free, served }) => {
    const desired = objectsOf({ models: { [model]: gpt }, serviceNameFree: () => free });
    const services = desired.objects
      .filter(({ kind }) => kind === "Service")
      .map(({ metadata }) => metadata.name);
    expect(services).toEqual(served ? ["gateway", model] : ["gateway"]);
    expect(codes(desired)).toEqual(served ? [] : ["ModelServiceMissing metadata.name"]);
    expect(find(desired, "ConfigMap", "gateway-config").data).toHaveProperty([`model__${model}.json`]);
  });
});

describe("sign-in (langop.md §1.1, §3.1)", () => {
  const auth = { enabled: true, oidc: { dex: {} } };
  const spec = { ...withDomain, auth };

  test("is composed in, after the gateway, and was never among the managed resources", () => {
    const desired = objectsOf({ spec });
    expect(names(desired).slice(-3)).toEqual(["Deployment auth", "Service auth", "Ingress auth"]);
    expect(gone(desired).filter((name) => name.includes("auth"))).toEqual([]);
    expect(desired.secrets.map(({ name }) => name)).toEqual([
      "gateway-auth",
      "gateway-credentials",
      "auth-client-secret",
      "auth-dex-config",
    ]);
    expect(desired.managedResources.filter(({ name }) => name.startsWith("auth"))).toEqual([]);
    expect(desired.managedResources).toEqual(objectsOf({ spec: withDomain }).managedResources);
  });

  test.each<Engine>(["native", "litellm"])(
    "the gateway is told where keys are, unless the user says: %s",
    (engine) => {
      const variable = (deployment: JsonObject) =>
        podOf(deployed(deployment, { spec, engine })).containers[0].env?.filter(
          ({ name }: { name: string }) => name === "LITELLM_JWT_PUBLIC_KEY_URL",
        );
      expect(variable({})).toEqual([
        { name: "LITELLM_JWT_PUBLIC_KEY_URL", value: "http://auth.ai.example.com/keys" },
      ]);
      const own = { name: "LITELLM_JWT_PUBLIC_KEY_URL", value: "https://own.example.com/keys" };
      expect(variable({ env: [own] })).toEqual([own]);
    },
  );

  test("a model called auth keeps its Service while no Dex needs the name", () => {
    const models = { auth: gpt };
    const service = (desired: DesiredObjects) =>
      desired.objects.filter(({ kind, metadata }) => kind === "Service" && metadata.name === "auth");
    const open = objectsOf({ spec: withDomain, models });
    expect(service(open)).toHaveLength(1);
    expect(gone(open)).not.toContain("Service auth");
    const closed = objectsOf({ spec, models });
    expect(service(closed)).toHaveLength(1);
    expect(find(closed, "Service", "auth").spec.ports[0].port).toBe(5556);
    expect(codes(closed)).toContain("ModelServiceMissing metadata.name");
  });
});

test("managedResources come in the dialect's order, core groups without group (langop.md §3.1)", () => {
  const desired = deployed(
    {
      replicas: 2,
      roleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      autoscaling: { maxReplicas: 3 },
    },
    { spec: { ...withDomain, ingress: { enabled: true }, capacity: { maxAgents: 1 } } },
  );
  expect(
    desired.managedResources.map(({ kind, name, group, namespace }) =>
      [group, kind, name, namespace].join(" ").trim(),
    ),
  ).toEqual([
    "Namespace demo",
    "rbac.authorization.k8s.io Role agents demo",
    "rbac.authorization.k8s.io RoleBinding agents demo",
    "networking.k8s.io NetworkPolicy demo-agents demo",
    "ConfigMap gateway-config demo",
    "apps Deployment gateway demo",
    "Service gateway demo",
    "ServiceAccount gateway demo",
    "rbac.authorization.k8s.io Role gateway demo",
    "rbac.authorization.k8s.io RoleBinding gateway demo",
    "networking.k8s.io Ingress gateway demo",
    "autoscaling HorizontalPodAutoscaler gateway demo",
    "ResourceQuota langop-quota demo",
  ]);
});

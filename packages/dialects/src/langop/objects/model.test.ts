import { documentOf, Secret } from "@gatewright/litellm";
import type { Engine, JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { DesiredObjects } from "../../desired-objects.ts";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import { read } from "../read/read.ts";
import { agentKeysSecret, credentialEntries, credentialSecret } from "./credential.ts";
import { standaloneObjects, standaloneReferences } from "./model.ts";

interface Case {
  readonly name?: string;
  readonly spec?: JsonObject;
  readonly neighbours?: { readonly [name: string]: JsonObject };
  readonly engine?: Engine;
  readonly secrets?: "absent";
  readonly installation?: Partial<Installation>;
  readonly addresses?: { readonly [name: string]: readonly string[] };
  readonly serviceNameFree?: boolean;
}

const gpt = { provider: "openai", modelName: "gpt-4o", apiKeySecretRef: { name: "openai" } };

function modelNamed(name: string, spec: JsonObject): Resource {
  return {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageModel",
    metadata: { name, namespace: "system", uid: "u1" },
    spec,
  };
}

function gatewayOf({ name = "gpt", spec = gpt, neighbours = {}, engine = "native", secrets }: Case) {
  const model = modelNamed(name, spec);
  const others = Object.entries(neighbours).map(([other, of]) => modelNamed(other, of));
  const world = {
    resources: [model, ...others],
    secretKeys: () => secrets ?? ("unknown" as const),
    configMap: () => undefined,
  };
  const gateway = read(world, { engine }).gateways.find(({ plan }) => plan.name === name);
  if (gateway === undefined) throw new Error("no gateway");
  return { model, others, gateway };
}

function objectsOf(of: Case = {}): DesiredObjects {
  const { model, others, gateway } = gatewayOf(of);
  return standaloneObjects({
    model,
    neighbours: others,
    gateway,
    document: documentOf(gateway.plan),
    readyReplicas: 1,
    addresses: (host) => of.addresses?.[host] ?? [],
    serviceNameFree: () => of.serviceNameFree ?? true,
    installation: {
      image: "gatewright:1",
      litellmImage: "litellm:1",
      networkIsolation: true,
      apis: { cilium: false, gatewayApi: false },
      ...of.installation,
    },
  });
}

const names = ({ objects }: DesiredObjects) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const codes = ({ findings }: DesiredObjects) => findings.map(({ code }) => code);

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
const find = ({ objects }: DesiredObjects, kind: string): any =>
  objects.find((object) => object.kind === kind);

const cidr = (address: string) => ({ ipBlock: { cidr: address } });

describe("a gateway of one model (langop.md §4.3)", () => {
  test("has the objects of the first generation, all of them the model's", () => {
    const desired = objectsOf();
    expect(names(desired)).toEqual([
      "NetworkPolicy gpt",
      "ConfigMap gpt-model",
      "Deployment gpt",
      "Service gpt",
    ]);
    for (const { metadata } of desired.objects) {
      expect(metadata).toMatchObject({
        namespace: "system",
        labels: {
          "gatewright.dev/dialect": "langop",
          "langop.io/kind": "LanguageModel",
          "app.kubernetes.io/name": "gpt",
        },
        ownerReferences: [{ kind: "LanguageModel", name: "gpt", uid: "u1", controller: true }],
      });
    }
    expect(find(desired, "Deployment").spec.template.spec.containers[0].name).toBe("proxy");
    expect(
      find(desired, "Service").spec.ports.map(
        ({ port, targetPort }: { port: number; targetPort: number }) => [port, targetPort],
      ),
    ).toEqual([
      [8000, 4000],
      [4000, 4000],
    ]);
  });

  test("lets agents in, and the operator, which asks its pod what it serves", () => {
    const ports = [{ protocol: "TCP", port: 4000 }];
    const agents = { podSelector: { matchLabels: { "langop.io/kind": "LanguageAgent" } } };
    const operator = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "operators" } } };
    expect(find(objectsOf(), "NetworkPolicy").spec.ingress).toEqual([{ from: [agents], ports }]);
    expect(
      find(objectsOf({ installation: { operatorNamespace: "operators" } }), "NetworkPolicy").spec.ingress,
    ).toEqual([{ from: [agents, operator], ports }]);
  });

  test("keeps the keys of its ConfigMap, those that the spec has", () => {
    const spec = {
      ...gpt,
      endpoint: "https://llm.example.com",
      rateLimits: { requestsPerMinute: 5 },
      timeout: "1m",
    };
    expect(Object.keys(find(objectsOf({ spec }), "ConfigMap").data)).toEqual([
      "apiKeySecretRef.json",
      "config.yaml",
      "endpoint",
      "model.json",
      "modelName",
      "provider",
      "rateLimits.json",
      "runtime.json",
      "timeout",
    ]);
  });

  test.each<{ name: string; model: string; free: boolean }>([
    { name: "dots", model: "gpt-3.5-turbo", free: true },
    { name: "a name somebody else has", model: "gpt", free: false },
  ])("goes without Service for $name, which is told", ({ model, free }) => {
    const desired = objectsOf({ name: model, serviceNameFree: free });
    expect(names(desired)).not.toContain(`Service ${model}`);
    expect(codes(desired)).toContain("ModelServiceMissing");
  });

  test("is refused under a name that no label holds, instead of by every write", () => {
    const desired = objectsOf({ name: "a".repeat(64) });
    expect(names(desired)).toEqual([]);
    expect(desired.findings.map(({ code, effect }) => [code, effect])).toEqual([["NameTooLong", "blocked"]]);
  });

  test("that cannot be served keeps what stands", () => {
    const desired = objectsOf({ secrets: "absent" });
    expect(desired.configHash).toBeUndefined();
    expect(names(desired)).not.toContain("Deployment gpt");
    expect(desired.absent.map(({ kind }) => kind)).not.toContain("Deployment");
  });

  test("goes completely when a cluster takes over", () => {
    const { model } = gatewayOf({});
    const desired = objectsOf();
    const references = standaloneReferences(model, { cilium: true }).map(
      ({ kind, name }) => `${kind} ${name}`,
    );
    expect(references).toEqual(
      expect.arrayContaining([...names(desired), "Secret gpt-credentials", "CiliumNetworkPolicy gpt"]),
    );
  });
});

describe("its network policy", () => {
  const toUpstreams = (of: Case) => {
    const desired = objectsOf(of);
    // Behind its own namespace and the name service.
    return {
      rules: find(desired, "NetworkPolicy").spec.egress.slice(2),
      codes: codes(desired),
      names: desired.dnsNames,
    };
  };

  test("lets agents in, and out to its namespace and the name service", () => {
    const { spec } = find(objectsOf(), "NetworkPolicy");
    expect(spec.ingress).toEqual([
      {
        from: [{ podSelector: { matchLabels: { "langop.io/kind": "LanguageAgent" } } }],
        ports: [{ protocol: "TCP", port: 4000 }],
      },
    ]);
    expect(spec.egress.slice(0, 2)).toEqual([
      { to: [{ podSelector: {} }] },
      {
        to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ]);
  });

  test.each<{ name: string; spec: JsonObject; host: string; port: number }>([
    { name: "openai", spec: gpt, host: "api.openai.com", port: 443 },
    { name: "anthropic", spec: { ...gpt, provider: "anthropic" }, host: "api.anthropic.com", port: 443 },
    {
      name: "gemini",
      spec: { ...gpt, provider: "gemini" },
      host: "generativelanguage.googleapis.com",
      port: 443,
    },
    {
      name: "bedrock",
      spec: { ...gpt, provider: "bedrock", region: "eu-central-1" },
      host: "bedrock-runtime.eu-central-1.amazonaws.com",
      port: 443,
    },
    {
      name: "a provider by LiteLLM's name",
      spec: { litellmProvider: "groq", modelName: "llama" },
      host: "api.groq.com",
      port: 443,
    },
    {
      name: "an endpoint",
      spec: { ...gpt, endpoint: "http://llm.example.com:8080/v1" },
      host: "llm.example.com",
      port: 8080,
    },
    {
      name: "an endpoint without port",
      spec: { ...gpt, endpoint: "http://llm.example.com" },
      host: "llm.example.com",
      port: 80,
    },
  ])("and to the host of $name, on its port", ({ spec, host, port }) => {
    expect(toUpstreams({ spec, engine: "litellm", addresses: { [host]: ["192.0.2.7"] } })).toEqual({
      rules: [{ to: [cidr("192.0.2.7/32")], ports: [{ protocol: "TCP", port }] }],
      codes: [],
      names: [host],
    });
  });

  test("to every endpoint, and to those of the models it falls back to", () => {
    const spec = {
      ...gpt,
      loadBalancing: { endpoints: [{ url: "https://a.example.com" }, { url: "https://[2001:db8::1]:8443" }] },
      fallbacks: [{ modelRef: "second" }],
    };
    const neighbours = { second: { ...gpt, modelName: "second", endpoint: "https://b.example.com" } };
    const addresses = { "a.example.com": ["192.0.2.1"], "b.example.com": ["192.0.2.2"] };
    expect(toUpstreams({ spec, neighbours, addresses }).rules).toEqual([
      { to: [cidr("192.0.2.1/32")], ports: [{ protocol: "TCP", port: 443 }] },
      { to: [cidr("2001:db8::1/128")], ports: [{ protocol: "TCP", port: 8443 }] },
      { to: [cidr("192.0.2.2/32")], ports: [{ protocol: "TCP", port: 443 }] },
    ]);
  });

  test("to the pods of a Service elsewhere, whose ports its address does not tell", () => {
    const spec = { ...gpt, endpoint: "http://ollama.llm.svc.cluster.local:11434" };
    expect(toUpstreams({ spec }).rules).toEqual([
      { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "llm" } } }] },
    ]);
    // A Service of its own namespace is permitted already.
    expect(toUpstreams({ spec: { ...gpt, endpoint: "http://ollama:11434" } }).rules).toEqual([]);
  });

  test("stays closed and says so where the host cannot be told or found", () => {
    const unknown = { litellmProvider: "watsonx", modelName: "granite" };
    expect(toUpstreams({ spec: unknown, engine: "litellm" })).toMatchObject({
      rules: [],
      codes: ["UpstreamHostUnknown"],
    });
    expect(toUpstreams({})).toMatchObject({ rules: [], codes: ["NameUnresolved"] });
  });

  test("goes by name on Cilium", () => {
    const desired = objectsOf({ installation: { apis: { cilium: true, gatewayApi: false } } });
    expect(find(desired, "CiliumNetworkPolicy").spec.egress[1]).toEqual({
      toFQDNs: [{ matchName: "api.openai.com" }],
      toPorts: [{ ports: [{ port: "443", protocol: "TCP" }] }],
    });
  });

  test("has the rules of the model, and the way to telemetry", () => {
    const spec = { ...gpt, egress: [{ to: [{ cidr: "10.0.0.0/8" }] }] };
    const { rules } = toUpstreams({
      spec,
      installation: { otlpEndpoint: "http://collector.telemetry.svc:4317" },
    });
    expect(rules).toEqual([
      { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "telemetry" } } }] },
      { to: [cidr("10.0.0.0/8")] },
    ]);
  });

  test("is removed where isolation is switched off", () => {
    const desired = objectsOf({ installation: { networkIsolation: false } });
    expect(names(desired)).not.toContain("NetworkPolicy gpt");
    expect(desired.absent.map(({ kind }) => kind)).toEqual(["NetworkPolicy"]);
  });
});

describe("credentials", () => {
  test("are the document's names and where their values come from", () => {
    const { gateway } = gatewayOf({});
    const openai = {
      key: "openai_2fapi_2dkey",
      secret: { namespace: "system", name: "openai", key: "api-key" },
    };
    expect(credentialEntries(gateway.plan, { agentKeys: "open" })).toEqual([openai]);
    expect(credentialEntries(gateway.plan, { agentKeys: "required" })).toEqual([
      {
        key: "LANGOP_GATEWAY_HMAC_SECRET",
        secret: { namespace: "system", name: "gateway-auth", key: "hmac-secret" },
      },
      openai,
    ]);
  });

  test("with a name that no Secret holds do not take the others along", () => {
    const spec = { ...gpt, apiKeySecretRef: { name: "a-".repeat(70), key: "k" } };
    const { gateway } = gatewayOf({ spec });
    expect(credentialEntries(gateway.plan, { agentKeys: "open" })).toEqual([]);
    expect(codes(objectsOf({ spec }))).toContain("SecretNameTooLong");
    expect(
      credentialEntries(gatewayOf({ spec, engine: "litellm" }).gateway.plan, { agentKeys: "open" }),
    ).toHaveLength(1);
  });

  test("of LiteLLM are files too, those of the models it falls back to among them", () => {
    const neighbours = {
      second: { ...gpt, modelName: "b", apiKeySecretRef: { name: "second" } },
      other: { ...gpt, modelName: "c", apiKeySecretRef: { name: "other" } },
    };
    const desired = objectsOf({
      spec: { ...gpt, fallbacks: [{ modelRef: "second" }] },
      neighbours,
      engine: "litellm",
    });
    const { volumes } = find(desired, "Deployment").spec.template.spec;
    expect(volumes.map(({ name }: { name: string }) => name)).toEqual([
      "models-config",
      "secret-openai",
      "secret-second",
    ]);
  });

  test("are written in base64 into a Secret that belongs to the gateway", () => {
    const { model } = gatewayOf({});
    expect(
      credentialSecret(
        model,
        "gpt-credentials",
        new Map([
          ["b", new Secret("2")],
          ["a", new Secret("ü")],
        ]),
      ),
    ).toMatchObject({
      metadata: { name: "gpt-credentials", namespace: "system", ownerReferences: [{ name: "gpt" }] },
      data: { a: "w7w=", b: "Mg==" },
    });
    const cluster: Resource = {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageCluster",
      metadata: { name: "demo" },
    };
    expect(agentKeysSecret(cluster, new Secret("s3cret"))).toMatchObject({
      metadata: { name: "gateway-auth", namespace: "demo" },
      data: { "hmac-secret": "czNjcmV0" },
    });
  });
});

import {
  clusterOf,
  freePort,
  type Kubernetes,
  type LangopStage,
  type LiveObject,
  type Manifest,
  modelOf,
  namespaceOf,
  secretOf,
  startKubernetes,
  startLangopStage,
  startTestOperator,
  type TestOperator,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * What is wrong in a spec, alone or together with something else: refused, or told by a condition, by an operator with its
 * webhook; then by one without, where the definitions' own rules refuse or a condition tells. Nothing of it ends the
 * operator, keeps it busy, or touches a gateway that serves. A server of its own: a webhook stands in everybody's way.
 */

/** What is wrong (and why it is), the `spec`, and what comes of it. */
type Row = readonly [name: string, spec: object, want: Outcome];

interface Outcome {
  /** Part of the refusal. */
  readonly refused?: string;
  /** Part of the warning. */
  readonly warned?: string;
  /**
   * Condition and reason that tell it once it is there: after its admission, or, when only the webhook refuses it,
   * without a webhook.
   */
  readonly told?: readonly [type: string, reason: string];
  /** Only the webhook minds: what it is about is no matter of gateways, or nothing goes wrong by it. */
  readonly webhookOnly?: true;
  readonly annotations?: { readonly [name: string]: string };
  /** Name of the object, where it matters. */
  readonly called?: string;
  /** Of a model: in a namespace without a LanguageCluster. */
  readonly alone?: true;
}

const gateway = (deployment: object): object => ({ gateway: { deployment } });
const env = (...variables: readonly object[]): object => gateway({ env: variables });
const reach = (peer: object): object => ({ networkPolicies: { egress: [{ to: [peer] }] } });
const extra = (value: string): object => env({ name: "LANGOP_GATEWAY_EXTRA_CONFIG", value });
const publish = (ingress: object, domain = "ai.example.test"): object => ({
  domain,
  ingress: { enabled: true, ...ingress },
});
const degraded = (reason: string) => ["Degraded", reason] as const;
const notReady = (reason: string) => ["Ready", reason] as const;
const openai = { provider: "openai", modelName: "gpt" };
const mountedNowhere = { volumes: [{ name: "certs", emptyDir: {} }], volumeMounts: [{ name: "certs" }] };
const bothSources = { secretKeyRef: { name: "s", key: "k" }, configMapKeyRef: { name: "c", key: "k" } };

const clusters: readonly Row[] = [
  [
    "a name of 64 characters (no namespace)",
    {},
    { called: "a".repeat(64), refused: "at most 63 lower-case" },
  ],
  ["a name with a dot (no namespace)", {}, { called: "team.a", refused: "the name of its namespace" }],
  [
    "kube-system (Kubernetes lives there)",
    {},
    { called: "kube-system", refused: "Kubernetes itself needs", webhookOnly: true },
  ],
  ["a field that does not exist (a typo)", { ingres: {} }, { refused: 'unknown field "spec.ingres"' }],
  ["a domain with capitals (no host)", { domain: "AI.example.test" }, { refused: "it must be a DNS name" }],
  ["a domain with an underscore (no host)", { domain: "my_ai.test" }, { refused: "it must be a DNS name" }],
  ["a wildcard domain (no base for hosts)", { domain: "*.ai.test" }, { refused: "it must be a DNS name" }],
  ["a domain that is a number (YAML)", { domain: 10 }, { refused: "must be of type string" }],
  [
    "a domain that leaves no room for gateway. (no host)",
    publish({}, `${"a.".repeat(124)}a`),
    { refused: "at most 245 characters", told: notReady("GatewayIngressError") },
  ],
  [
    "an Ingress class with a space (no name)",
    publish({ className: "my class" }),
    { refused: "className can be the name of no object", told: notReady("GatewayIngressError") },
  ],
  [
    "TLS from a Secret without a name (must not be in clear)",
    publish({ tls: { mode: "secret" } }),
    { refused: "secretName is required", told: degraded("TlsSecretMissing") },
  ],
  [
    "a TLS Secret with capitals (no name)",
    publish({ tls: { secretName: "My-Cert" } }),
    { refused: "secretName can be the name of no object", told: notReady("GatewayIngressError") },
  ],
  [
    "a TLS mode that does not exist (a typo)",
    publish({ tls: { mode: "auto" } }),
    { refused: "Unsupported value" },
  ],
  [
    "an issuer of a kind that does not exist (a typo)",
    publish({ tls: { issuerRef: { name: "ca", kind: "Authority" } } }),
    { refused: "Unsupported value" },
  ],
  ["TLS that nobody gives (it is in clear)", publish({ tls: {} }), { told: degraded("TlsIssuerMissing") }],
  [
    "an Ingress without a domain (no host)",
    { ingress: { enabled: true } },
    { warned: "has no effect without spec.domain", told: degraded("DomainMissing") },
  ],
  [
    "a parent Gateway that is no name (a typo)",
    { domain: "a.test" },
    { annotations: { "gatewright.dev/gateway-parent": "public" }, told: degraded("GatewayParentIgnored") },
  ],
  [
    "port 0 (none)",
    { networkPolicies: { ingress: [{ ports: [{ port: 0 }] }] } },
    { refused: "greater than or equal to 1" },
  ],
  [
    "port 65536 (none)",
    { networkPolicies: { egress: [{ ports: [{ port: 65_536 }] }] } },
    { refused: "less than or equal to 65535" },
  ],
  [
    "a protocol in lower case (none)",
    { networkPolicies: { egress: [{ ports: [{ port: 53, protocol: "udp" }] }] } },
    { refused: "Unsupported value" },
  ],
  [
    "rules that are a text (what is meant?)",
    { networkPolicies: "deny-all" },
    { refused: "networkPolicies", told: notReady("GatewayError") },
  ],
  [
    "an address that is no range (no peer)",
    reach({ cidr: "10.0.0.1" }),
    { refused: "is no IP range", told: degraded("CidrInvalid") },
  ],
  [
    "a group that is no label (no peer)",
    reach({ group: "a b" }),
    { refused: "group is no label value", told: degraded("GroupInvalid") },
  ],
  [
    "a host that is a URL (no name)",
    reach({ dns: ["https://a.test"] }),
    { refused: "is no DNS name", told: degraded("DnsInvalid") },
  ],
  [
    "a host that does not resolve (closed, not open)",
    reach({ dns: ["gone.test"] }),
    { told: ["NetworkPolicyReady", "PeerUnresolved"] },
  ],
  [
    "a Service in a namespace that cannot be (no peer)",
    reach({ service: { name: "db", namespace: "My NS" } }),
    { refused: "names a Service in the namespace", told: notReady("NetworkPolicyError") },
  ],
  [
    "a Service without a name (which?)",
    reach({ service: { namespace: "a" } }),
    { refused: "service.name: Required value" },
  ],
  [
    "a selector with a bad key (no peer)",
    reach({ podSelector: { matchLabels: { "-app": "x" } } }),
    { refused: "is no selector", told: degraded("SelectorInvalid") },
  ],
  [
    "a selector In nothing (no peer)",
    reach({ podSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }),
    { refused: "is no selector", told: degraded("SelectorInvalid") },
  ],
  [
    "a peer that is nobody (closed, not open)",
    reach({}),
    { warned: "is empty and permits nothing", told: degraded("PeerEmpty") },
  ],
  [
    "an empty list of peers (closed, not open)",
    { networkPolicies: { egress: [{ to: [] }] } },
    { warned: "permits nothing", told: degraded("NetworkRuleDropped") },
  ],
  [
    "hosts that connections come from (they come from addresses)",
    { networkPolicies: { ingress: [{ from: [{ dns: ["a.test"] }] }] } },
    { warned: "has no effect", told: degraded("DnsInIngress") },
  ],
  ["a CPU quantity with a typo (none)", { capacity: { maxCPU: "4 cores" } }, { refused: "maxCPU" }],
  [
    "negative memory (none)",
    { capacity: { maxMemory: "-1Gi" } },
    { refused: "maxMemory must not be negative", told: notReady("CapacityError") },
  ],
  [
    "a negative number of models (none)",
    { capacity: { maxModels: -1 } },
    { refused: "greater than or equal to 0" },
  ],
  [
    "a quota that the gateway cannot meet (no new pod)",
    { capacity: { maxCPU: 4 }, ...gateway({ resources: { requests: { cpu: "1" } } }) },
    { warned: "spec.capacity.maxCPU", told: degraded("GatewayWithoutLimit") },
  ],
  [
    "a variable with an equals sign (no name)",
    env({ name: "A=B", value: "x" }),
    { refused: "is no name of a variable", told: notReady("GatewayError") },
  ],
  ["a variable without a name (which?)", env({ value: "x" }), { refused: "env[0].name: Required value" }],
  [
    "a value twice (which?)",
    env({ name: "A", value: "x", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }),
    { refused: "has both value and valueFrom", told: notReady("GatewayError") },
  ],
  [
    "a value from nowhere (which?)",
    env({ name: "A", valueFrom: {} }),
    { refused: "exactly one source", told: notReady("GatewayError") },
  ],
  [
    "a value from two places (which?)",
    env({ name: "A", valueFrom: bothSources }),
    { refused: "exactly one source", told: notReady("GatewayError") },
  ],
  [
    "a value from a Secret that cannot be (no name)",
    env({ name: "A", valueFrom: { secretKeyRef: { name: "My_S", key: "k" } } }),
    { refused: "can be the name of no object", told: notReady("GatewayError") },
  ],
  [
    "a value from a Secret that is not there (the gateway is without it)",
    env({ name: "A", valueFrom: { secretKeyRef: { name: "none", key: "k" } } }),
    { told: degraded("VariableUnreadable") },
  ],
  [
    "a master key that is not there (must not be open)",
    env({ name: "LITELLM_MASTER_KEY", valueFrom: { secretKeyRef: { name: "none", key: "k" } } }),
    { told: notReady("GatewayError") },
  ],
  [
    "variables from nothing (which?)",
    gateway({ envFrom: [{ prefix: "X_" }] }),
    { refused: "exactly one source", told: notReady("GatewayError") },
  ],
  [
    "an own configuration that is no YAML (what it protects would be missing)",
    extra("a: ["),
    { refused: "is not valid YAML", told: degraded("ExtraConfigInvalid") },
  ],
  [
    "an own configuration that is a list (as above)",
    extra("- a"),
    { refused: "is not a YAML mapping", told: degraded("ExtraConfigInvalid") },
  ],
  [
    "an own configuration with a guard nobody has (protection must not be lost)",
    extra("general_settings: {allowed_ips: [10.0.0.1]}"),
    { told: notReady("GatewayError") },
  ],
  [
    "an own configuration that cannot be read (the last good one stays)",
    extra("router_settings: {num_retries: [x]}"),
    { told: notReady("GatewayError") },
  ],
  ["negative replicas (none)", gateway({ replicas: -1 }), { refused: "greater than or equal to 0" }],
  [
    "more of the fewest than of the most pods (none)",
    gateway({ autoscaling: { minReplicas: 5, maxReplicas: 2 } }),
    { refused: "not be more than maxReplicas", told: notReady("GatewayError") },
  ],
  [
    "autoscaling to nothing (none)",
    gateway({ autoscaling: { maxReplicas: 0 } }),
    { refused: "greater than or equal to 1" },
  ],
  [
    "a limit that is no quantity (512MB)",
    gateway({ resources: { limits: { memory: "512MB" } } }),
    { refused: "is no quantity", told: notReady("GatewayError") },
  ],
  [
    "a limit with a typo (it would be none)",
    gateway({ resources: { limit: { cpu: 1 } } }),
    { refused: "limit is not known", told: notReady("GatewayError") },
  ],
  [
    "a request above its limit (none)",
    gateway({ resources: { requests: { memory: "1Gi" }, limits: { memory: "1G" } } }),
    { refused: "is more than limits.memory", told: notReady("GatewayError") },
  ],
  [
    "a pod label that is none (a b)",
    gateway({ podLabels: { team: "a b" } }),
    { refused: "has no label value", told: notReady("GatewayError") },
  ],
  [
    "a pod label that the gateway is found by (it would break the Deployment)",
    gateway({ podLabels: { "langop.io/kind": "mine" } }),
    { told: degraded("ReservedName") },
  ],
  [
    "an annotation key that is none (a b)",
    gateway({ podAnnotations: { "a b": "x" } }),
    { refused: "is no annotation key", told: notReady("GatewayError") },
  ],
  [
    "a ServiceAccount with capitals (no name)",
    gateway({ serviceAccountName: "Gateway" }),
    { refused: "can be the name of no object", told: notReady("GatewayError") },
  ],
  [
    "a volume without a name (which?)",
    gateway({ volumes: [{ emptyDir: {} }] }),
    { refused: "volumes[0].name must be", told: notReady("GatewayError") },
  ],
  [
    "a mount of no volume (which?)",
    gateway({ volumeMounts: [{ name: "certs", mountPath: "/certs" }] }),
    { refused: "must be the name of one of the volumes", told: notReady("GatewayError") },
  ],
  [
    "a mount at no place (where?)",
    gateway(mountedNowhere),
    { refused: "mountPath must be a path", told: notReady("GatewayError") },
  ],
  [
    "an init container called gateway (two of one name)",
    gateway({ initContainers: [{ name: "gateway", image: "a" }] }),
    { refused: "the name of another container", told: notReady("GatewayError") },
  ],
  [
    "an init container without an image (which?)",
    gateway({ initContainers: [{ name: "wait" }] }),
    { refused: "image is required", told: notReady("GatewayError") },
  ],
  [
    "a probe of nothing (what?)",
    gateway({ livenessProbe: { periodSeconds: 5 } }),
    { refused: "must have exactly one of", told: notReady("GatewayError") },
  ],
  [
    "a toleration with an unknown effect (a typo)",
    gateway({ tolerations: [{ key: "gpu", effect: "NoRun" }] }),
    { refused: "effect must be one of", told: notReady("GatewayError") },
  ],
  [
    "a spread without a key (over what?)",
    gateway({ topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" }] }),
    { refused: "must be a label key", told: notReady("GatewayError") },
  ],
  [
    "a Service type that does not exist (a typo)",
    gateway({ serviceType: "ExternalName" }),
    { refused: "Unsupported value" },
  ],
  [
    "an OpenID issuer that is no URL (nobody could sign in)",
    { auth: { enabled: true, oidc: { externalIssuerURL: "sso" } } },
    { refused: "must be a URL", webhookOnly: true },
  ],
  [
    "an engine that does not exist (a typo)",
    {},
    {
      annotations: { "gatewright.dev/engine": "vllm" },
      warned: "neither native nor litellm",
      told: degraded("UnknownEngine"),
    },
  ],
  [
    "agent keys neither required nor open (a typo must not open a gateway)",
    {},
    { annotations: { "gatewright.dev/agent-keys": "off" }, warned: "neither required nor open" },
  ],
];

const models: readonly Row[] = [
  [
    "a model of nobody (whom to ask?)",
    { modelName: "x" },
    { refused: "exactly one of provider and litellmProvider" },
  ],
  [
    "a model of two (whom to ask?)",
    { ...openai, litellmProvider: "groq" },
    { refused: "exactly one of provider and litellmProvider" },
  ],
  [
    "a model without a name (what to ask for?)",
    { provider: "openai" },
    { refused: "modelName: Required value" },
  ],
  [
    "a provider that does not exist (a typo)",
    { provider: "OpenAI", modelName: "x" },
    { refused: "Unsupported value" },
  ],
  [
    "a wildcard inside of a name (all or one)",
    { provider: "openai", modelName: "gpt-*" },
    { refused: "or * alone" },
  ],
  [
    "a model name that is a number (YAML)",
    { provider: "openai", modelName: 4.1 },
    { refused: "must be of type string" },
  ],
  [
    "a key in the manifest (everybody could read it)",
    { ...openai, params: { api_key: "sk-SECRET" } },
    { refused: "a credential must come from" },
  ],
  [
    "a key in additionalParameters (as above)",
    { ...openai, configuration: { additionalParameters: { aws_secret_access_key: "SECRET" } } },
    { refused: "a credential must come from" },
  ],
  [
    "a parameter with capitals (LiteLLM has none)",
    { ...openai, params: { topP: 1 } },
    { refused: "names of parameters", told: notReady("InvalidField") },
  ],
  [
    "a Secret with capitals (no name)",
    { ...openai, apiKeySecretRef: { name: "OPENAI_KEY" } },
    { refused: "can be the name of no object", told: notReady("SecretNotFound") },
  ],
  [
    "a key with a space (no key)",
    { ...openai, apiKeySecretRef: { name: "keys", key: "a b" } },
    { refused: "can be no key", told: notReady("SecretKeyMissing") },
  ],
  [
    "a credentials Secret that cannot be (no name)",
    { ...openai, credentialsSecretRef: { name: "-aws" } },
    { refused: "can be the name of no object", told: notReady("SecretNotFound") },
  ],
  [
    "a Secret that is not there (it may come)",
    { ...openai, apiKeySecretRef: { name: "nowhere" } },
    { told: notReady("SecretNotFound") },
  ],
  [
    "a key that is not there (it may come)",
    { ...openai, apiKeySecretRef: { name: "keys", key: "token" } },
    { told: notReady("SecretKeyMissing") },
  ],
  [
    "a credential nobody knows (a typo)",
    { ...openai, credentialsSecretRef: { name: "odd" } },
    { told: degraded("CredentialUnknown") },
  ],
  [
    "a Secret of another namespace (never read)",
    { ...openai, apiKeySecretRef: { name: "keys", namespace: "prod" } },
    { warned: "is ignored", told: degraded("SecretNamespaceIgnored") },
  ],
  [
    "a timeout with two units (one number, one unit)",
    { ...openai, timeout: "1m30s" },
    { refused: "spec.timeout" },
  ],
  [
    "a negative limit (0 is none)",
    { ...openai, rateLimits: { requestsPerMinute: -1 } },
    { refused: "greater than or equal to 0" },
  ],
  [
    "a temperature of 3 (nobody takes it)",
    { ...openai, configuration: { temperature: 3 } },
    { refused: "less than or equal to 2" },
  ],
  [
    "eleven retries (ten at most)",
    { ...openai, retryPolicy: { maxAttempts: 11 } },
    { refused: "less than or equal to 10" },
  ],
  [
    "a strategy that does not exist (a typo)",
    { ...openai, loadBalancing: { strategy: "fastest" } },
    { refused: "Unsupported value" },
  ],
  [
    "an endpoint without a URL (where?)",
    { ...openai, loadBalancing: { endpoints: [{ weight: 1 }] } },
    { refused: "url: Required value" },
  ],
  [
    "an endpoint that is no URL (no request can go there)",
    { ...openai, endpoint: "ollama:11434" },
    { warned: "is no URL" },
  ],
  [
    "an endpoint beside endpoints (one of them is not used)",
    { ...openai, endpoint: "https://a.test", loadBalancing: { endpoints: [{ url: "https://b.test" }] } },
    { warned: "is not used", told: degraded("EndpointReplaced") },
  ],
  [
    "azure without its version (from the environment, if at all)",
    { provider: "azure", modelName: "az", endpoint: "https://a.test" },
    { warned: "apiVersion is not set", told: degraded("FieldMissing") },
  ],
  [
    "openai-compatible without an endpoint (as above)",
    { provider: "openai-compatible", modelName: "own" },
    { warned: "endpoint is not set", told: degraded("FieldMissing") },
  ],
  [
    "bedrock without a region, which the gateway may have from its environment",
    { provider: "bedrock", modelName: "nova" },
    { warned: "region is not set" },
  ],
  [
    "a LiteLLM provider that does not exist (a typo)",
    { litellmProvider: "grok_q", modelName: "x" },
    { told: notReady("ProviderUnknown") },
  ],
  [
    "a LiteLLM provider with a dash (no prefix)",
    { litellmProvider: "open-router", modelName: "x" },
    { refused: "lower-case letters, digits and _" },
  ],
  [
    "a parameter of the wrong type (the document could not be read)",
    { ...openai, params: { timeout: "soon", rpm: {} } },
    { told: notReady("ModelInvalid") },
  ],
  [
    "an alias that is a model (whose?)",
    { ...openai, modelName: "aliased", aliases: ["served-model"] },
    { warned: "", told: degraded("AliasIgnored") },
  ],
  [
    "the name of another model (requests are spread)",
    { ...openai, modelName: "served-model" },
    { called: "twin", warned: "is also the modelName of served", told: degraded("ModelNameShared") },
  ],
  [
    "a fallback to nobody (the chain goes on without it)",
    { ...openai, modelName: "falls", fallbacks: [{ modelRef: "nobody" }] },
    { warned: "nobody", told: degraded("FallbackNotFound") },
  ],
  [
    "prices in another currency (not counted)",
    { ...openai, costTracking: { enabled: true, currency: "EUR", inputTokenCost: 1 } },
    { warned: "is not USD", told: degraded("CurrencyNotCounted") },
  ],
  [
    "a limit that counts as nothing does (a typo)",
    { ...openai, rateLimits: { requestsPerMinute: 5 } },
    {
      annotations: { "gatewright.dev/limit-algorithm": "leaky" },
      warned: "neither fixed-window nor gcra",
      told: degraded("UnknownAlgorithm"),
    },
  ],
  [
    "a range that is none, of a gateway of its own (no peer)",
    { ...openai, egress: [{ to: [{ cidr: "a.test" }] }] },
    { alone: true, refused: "is no IP range", told: degraded("CidrInvalid") },
  ],
  [
    "a model in no cluster, without its Secret (its own gateway waits)",
    { ...openai, apiKeySecretRef: { name: "nowhere" } },
    { alone: true, warned: "is no LanguageCluster", told: notReady("SecretNotFound") },
  ],
];

interface Case extends Outcome {
  readonly name: string;
  readonly manifest: Manifest;
}

const cases: readonly Case[] = [
  ...clusters.map(([name, spec, want], index): Case => {
    const { called = `cluster-${index}`, annotations = {} } = want;
    return { name, ...want, manifest: clusterOf(called, spec as never, annotations) };
  }),
  ...models.map(([name, spec, want], index): Case => {
    const { called = `model-${index}`, annotations = {}, alone } = want;
    const namespace = alone === true ? "alone" : "home";
    // Models of one name would be told as that.
    const modelName = "modelName" in spec && spec.modelName !== openai.modelName ? spec.modelName : called;
    const named = "modelName" in spec ? { ...spec, modelName } : spec;
    const object = modelOf(namespace, called, named as never);
    return {
      name,
      ...want,
      manifest: { ...object, metadata: { name: called, namespace, annotations } } as Manifest,
    };
  }),
];

const canary = "canary";
let kubernetes: Kubernetes;
let stage: LangopStage;
let operator: TestOperator;
let healthy: LiveObject;

beforeAll(async () => {
  kubernetes = await startKubernetes({
    definitions: [new URL("../../../../deploy/crds/", import.meta.url).pathname],
  });
  const port = await freePort();
  stage = await startLangopStage(kubernetes, {
    prefix: canary,
    operator: { webhook: { port, url: `https://127.0.0.1:${port}` } },
  });
  operator = stage.operator;
  await waitFor("the webhook", async () => !(await stage.offer(clusterOf("kube-public", {}))).accepted);
  await stage.apply(clusterOf(canary, {}), clusterOf("home", {}), namespaceOf("alone") as Manifest);
  await waitFor("the namespaces", async () => {
    const all = await Promise.all([canary, "home"].map((name) => stage.read(`/api/v1/namespaces/${name}`)));
    return all.every((found) => found !== undefined);
  });
  await stage.apply(
    ...["home", canary].flatMap((namespace) => [
      secretOf(namespace, "keys", { "api-key": "sk" }),
      secretOf(namespace, "odd", { passwrod: "x" }),
      modelOf(namespace, "served", {
        provider: "openai-compatible",
        modelName: "served-model",
        endpoint: stage.upstream.url,
        apiKeySecretRef: { name: "keys" },
      }) as Manifest,
    ]),
  );
  await stage.ready(canary);
  healthy = await standing();
});

afterAll(async () => {
  await operator?.close();
  await stage?.operator.close();
  await kubernetes?.stop();
});

/** The canary's objects and its pod: what must not change. */
async function standing(): Promise<LiveObject> {
  const objects = await Promise.all([
    stage.object("Deployment", canary, "gateway"),
    stage.object("ConfigMap", canary, "gateway-config"),
    stage.object("Secret", canary, "gateway-credentials"),
    stage.object("NetworkPolicy", canary, `${canary}-agents`),
  ]);
  const { uid, containers } = await stage.gateway(canary);
  return [objects.map(({ metadata }) => metadata.resourceVersion), uid, containers];
}

async function expectUnharmed(): Promise<void> {
  expect(await stage.chat(canary, "served-model")).toMatchObject({ status: 200 });
  expect(await standing()).toEqual(healthy);
}

async function expectAlive(): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${operator.healthPort}/healthz`);
  expect(status).toBe(200);
}

/** Waits for the condition that tells of it. */
async function expectTold({ told, manifest }: Case): Promise<void> {
  if (told === undefined) return;
  const [type, reason] = told;
  const { namespace, name } = manifest.metadata;
  await stage.condition(namespace === undefined ? name : `${namespace}/${name}`, type, { reason });
}

describe("with the webhook", () => {
  test.concurrent.each(cases)("$name", async (row) => {
    const { accepted, text } = await stage.offer(row.manifest);
    expect([accepted, text]).toEqual([
      row.refused === undefined,
      expect.stringContaining(row.refused ?? row.warned ?? ""),
    ]);
    expect(text).not.toContain("SECRET");
    if (accepted) await expectTold(row);
    await expectAlive();
  });

  test("the canary is unharmed", expectUnharmed);
});

describe("without the webhook", () => {
  beforeAll(async () => {
    await operator.close();
    await kubernetes.kubectl(["delete", "validatingwebhookconfiguration", "gatewright-langop"]);
    operator = await startTestOperator(kubernetes, {
      nameServers: [stage.names.address],
      reach: (address, port) => stage.kubelet.resolve(address, port),
      standaloneAfterSeconds: 0,
    });
    await waitFor(
      "no webhook",
      async () => (await stage.offer(clusterOf("free", reach({ cidr: "x" }) as never))).accepted,
    );
    await stage.ready(canary);
    healthy = await standing();
  });

  test.concurrent.each(
    cases.filter(({ refused, webhookOnly }) => refused !== undefined && webhookOnly !== true),
  )("$name", async (row) => {
    const { accepted } = await stage.offer(row.manifest);
    // What the definitions' own rules refuse is refused all the same.
    expect(accepted).toBe(row.told !== undefined);
    if (accepted) await expectTold(row);
    await expectAlive();
  });

  test("the canary is unharmed", expectUnharmed);

  test("a gateway that serves goes on with what it has when its own cluster is spoilt", async () => {
    const spoilt = clusters.filter(([, , { told }]) => told?.[0] === "Ready");
    const pod = await stage.gateway(canary);
    for (const [, spec, { told }] of spoilt) {
      await stage.send(clusterOf(canary, spec as never));
      await stage.condition(canary, "Ready", { reason: told?.[1] ?? "" });
      expect(await stage.chat(canary, "served-model")).toMatchObject({ status: 200 });
    }
    await stage.send(clusterOf(canary, {}));
    await stage.ready(canary);
    expect(await stage.gateway(canary)).toEqual(pod);
  });

  test("with all of it standing, the operator lives and has little to do", async () => {
    await expectAlive();
    const from = await kubernetes.auditPosition();
    const seconds = 10;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const asked = (await kubernetes.auditEvents(from)).filter(
      ({ userAgent, verb }) => userAgent.startsWith("gatewright/") && verb !== "watch",
    );
    const broken = cases.filter(({ told }) => told !== undefined).length;
    // Each of them is tried again ever more seldom; a loop without a pause would ask hundreds of times.
    expect(asked.length).toBeLessThan(3 * broken);
  });
});

test("the table has at least 60 cases, and no two of one name", () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

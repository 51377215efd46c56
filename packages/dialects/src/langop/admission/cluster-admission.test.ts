import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import { type AdmissionWorld, admit } from "./admit.ts";

const nobody: AdmissionWorld = {
  clusterExists: () => true,
  runtimeExists: () => false,
  models: () => [],
  agents: () => [],
  tools: () => [],
};

interface Row {
  readonly name: string;
  readonly why: string;
  readonly spec?: JsonObject;
  readonly cluster?: string;
  readonly annotations?: { readonly [key: string]: string };
  /** The beginning of the refusal or warning, after `LanguageCluster demo `. */
  readonly want: string;
}

function review({ spec = {}, cluster = "demo", annotations }: Omit<Row, "want" | "why" | "name">) {
  const metadata = { name: cluster, ...(annotations === undefined ? {} : { annotations }) };
  const object = { apiVersion: "langop.io/v1alpha1", kind: "LanguageCluster", metadata, spec };
  return admit("LanguageCluster", object, undefined, nobody);
}

function expectStart(texts: readonly string[], cluster: string, want: string): void {
  const prefix = `LanguageCluster ${cluster} `;
  expect(texts.map((text) => text.slice(prefix.length, prefix.length + want.length))).toContain(want);
}

const egress = (to: JsonObject): JsonObject => ({ networkPolicies: { egress: [{ to: [to] }] } });
const deployment = (block: JsonObject): JsonObject => ({ gateway: { deployment: block } });
const at = "spec.gateway.deployment";

const refused: readonly Row[] = [
  // Names and namespaces
  {
    name: "name with a dot",
    why: "no namespace can be called so",
    cluster: "team.a",
    want: "metadata.name is also the name of the namespace",
  },
  {
    name: "name of 64 characters",
    why: "namespaces and label values end at 63",
    cluster: "a".repeat(64),
    want: "metadata.name is also the name of the namespace",
  },
  {
    name: "kube-system",
    why: "adoption must not put policies and quotas on Kubernetes itself",
    cluster: "kube-system",
    want: "metadata.name is a namespace that Kubernetes itself needs",
  },
  {
    name: "kube-public",
    why: "as kube-system",
    cluster: "kube-public",
    want: "metadata.name is a namespace that Kubernetes",
  },
  {
    name: "kube-node-lease",
    why: "a quota there takes nodes down",
    cluster: "kube-node-lease",
    want: "metadata.name is a namespace that Kubernetes",
  },
  // Domain and Ingress
  {
    name: "capitals in the domain",
    why: "Ingress hosts are lower case",
    spec: { domain: "AI.example.com" },
    want: "spec.domain cannot be used: it must be a DNS name",
  },
  {
    name: "underscore in the domain",
    why: "no Ingress host",
    spec: { domain: "my_ai.example.com" },
    want: "spec.domain cannot be used: it must be a DNS name",
  },
  {
    name: "domain of 254 characters",
    why: "no DNS name",
    spec: { domain: `${"a.".repeat(126)}aa` },
    want: "spec.domain cannot be used: it must have at most 253",
  },
  {
    name: "domain that leaves no room for gateway.",
    why: "the Ingress would be refused",
    spec: { domain: `${"a.".repeat(124)}a`, ingress: { enabled: true } },
    want: "spec.domain must have at most 245 characters",
  },
  {
    name: "wildcard domain",
    why: "hosts are put in front of it",
    spec: { domain: "*.example.com" },
    want: "spec.domain cannot be used",
  },
  {
    name: "domain is a number",
    why: "YAML reads 10 as a number",
    spec: { domain: 10 },
    want: "spec.domain cannot be used: it must be a text",
  },
  {
    name: "Ingress class with a space",
    why: "no class can be called so",
    spec: { ingress: { className: "my class" } },
    want: "spec.ingress.className can be the name of no object",
  },
  {
    name: "TLS mode secret without a Secret",
    why: "nothing to serve TLS with",
    spec: { ingress: { tls: { mode: "secret" } } },
    want: "spec.ingress.tls.secretName is required when tls.mode is secret",
  },
  {
    name: "TLS mode that does not exist",
    why: "a typo must not turn TLS off",
    spec: { ingress: { tls: { mode: "auto" } } },
    want: "spec.ingress.tls.mode cannot be used: it must be one of none, secret",
  },
  {
    name: "TLS Secret with capitals",
    why: "no Secret can be called so",
    spec: { ingress: { tls: { secretName: "My-Cert" } } },
    want: "spec.ingress.tls.secretName can be the name of no object",
  },
  {
    name: "issuer without a name",
    why: "cert-manager needs one",
    spec: { ingress: { tls: { issuerRef: { kind: "Issuer" } } } },
    want: "spec.ingress.tls.issuerRef.name cannot be used: it is required",
  },
  {
    name: "issuer of another kind",
    why: "cert-manager knows two",
    spec: { ingress: { tls: { issuerRef: { name: "ca", kind: "Authority" } } } },
    want: "spec.ingress.tls.issuerRef.kind cannot be used: it must be one of",
  },
  // Network rules
  {
    name: "port 0",
    why: "the NetworkPolicy would be refused",
    spec: { networkPolicies: { ingress: [{ ports: [{ port: 0 }] }] } },
    want: "spec.networkPolicies.ingress[0].ports[0].port cannot be used: it must be at least 1",
  },
  {
    name: "port 65536 in the second rule",
    why: "every rule is looked at",
    spec: { networkPolicies: { egress: [{}, { ports: [{ port: 443 }, { port: 65_536 }] }] } },
    want: "spec.networkPolicies.egress[1].ports[1].port cannot be used: it must be at most 65535",
  },
  {
    name: "port by name",
    why: "rules take numbers",
    spec: { networkPolicies: { egress: [{ ports: [{ port: "https" }] }] } },
    want: "spec.networkPolicies.egress[0].ports[0].port cannot be used",
  },
  {
    name: "port without a number",
    why: "it would mean all ports",
    spec: { networkPolicies: { egress: [{ ports: [{ protocol: "TCP" }] }] } },
    want: "spec.networkPolicies.egress[0].ports[0].port cannot be used",
  },
  {
    name: "protocol in lower case",
    why: "the NetworkPolicy would be refused",
    spec: { networkPolicies: { egress: [{ ports: [{ port: 53, protocol: "udp" }] }] } },
    want: "spec.networkPolicies.egress[0].ports[0].protocol cannot be used: it must be one of TCP, UDP, SCTP",
  },
  {
    name: "an address that is no range",
    why: "the NetworkPolicy would be refused",
    spec: egress({ cidr: "10.0.0.1" }),
    want: "spec.networkPolicies.egress[0].to[0].cidr is no IP range (here probably 10.0.0.1/32)",
  },
  {
    name: "a range too long",
    why: "the NetworkPolicy would be refused",
    spec: egress({ cidr: "10.0.0.0/33" }),
    want: "spec.networkPolicies.egress[0].to[0].cidr is no IP range",
  },
  {
    name: "a group that is no label value",
    why: "no pod can be in it",
    spec: egress({ group: "a b" }),
    want: "spec.networkPolicies.egress[0].to[0].group is no label value",
  },
  {
    name: "a host that is a URL",
    why: "names only",
    spec: egress({ dns: ["https://api.openai.com"] }),
    want: 'spec.networkPolicies.egress[0].to[0].dns[0] ("https://api.openai.com") is no DNS name',
  },
  {
    name: "a Service without a name",
    why: "names nobody",
    spec: egress({ service: { namespace: "tools" } }),
    want: "spec.networkPolicies.egress[0].to[0].service.name cannot be used",
  },
  {
    name: "a Service in an impossible namespace",
    why: "the policy's selector would be refused",
    spec: egress({ service: { name: "db", namespace: "My NS" } }),
    want: 'spec.networkPolicies names a Service in the namespace "My NS"',
  },
  {
    name: "a selector with a bad key",
    why: "the NetworkPolicy would be refused",
    spec: egress({ podSelector: { matchLabels: { "-app": "x" } } }),
    want: "spec.networkPolicies.egress[0].to[0].podSelector is no selector",
  },
  {
    name: "a selector In without values",
    why: "the NetworkPolicy would be refused",
    spec: egress({ namespaceSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }),
    want: "spec.networkPolicies.egress[0].to[0].namespaceSelector is no selector",
  },
  {
    name: "a selector operator that does not exist",
    why: "the NetworkPolicy would be refused",
    spec: egress({ podSelector: { matchExpressions: [{ key: "a", operator: "Equals" }] } }),
    want: "spec.networkPolicies.egress[0].to[0].podSelector.matchExpressions[0].operator cannot be used",
  },
  {
    name: "rules are a text",
    why: "nobody can say what is meant",
    spec: { networkPolicies: "deny-all" },
    want: "spec.networkPolicies cannot be used",
  },
  // Capacity
  {
    name: "a CPU quantity with a typo",
    why: "the ResourceQuota would be refused",
    spec: { capacity: { maxCPU: "4 cores" } },
    want: "spec.capacity.maxCPU cannot be used: it must be a quantity",
  },
  {
    name: "negative memory",
    why: "the ResourceQuota would be refused",
    spec: { capacity: { maxMemory: "-1Gi" } },
    want: "spec.capacity.maxMemory must not be negative",
  },
  {
    name: "negative number of models",
    why: "the ResourceQuota would be refused",
    spec: { capacity: { maxModels: -1 } },
    want: "spec.capacity.maxModels cannot be used: it must be at least 0",
  },
  {
    name: "half an agent",
    why: "counts are whole",
    spec: { capacity: { maxAgents: 1.5 } },
    want: "spec.capacity.maxAgents cannot be used",
  },
  // Gateway Deployment
  {
    name: "variable with an equals sign",
    why: "the Deployment would be refused",
    spec: deployment({ env: [{ name: "A=B", value: "x" }] }),
    want: `${at}.env[0].name is no name of a variable`,
  },
  {
    name: "variable without a name",
    why: "the Deployment would be refused",
    spec: deployment({ env: [{ value: "x" }] }),
    want: `${at}.env[0].name cannot be used: it is required`,
  },
  {
    name: "variable with value and valueFrom",
    why: "the Deployment would be refused",
    spec: deployment({
      env: [{ name: "A", value: "x", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
    }),
    want: `${at}.env[0] has both value and valueFrom`,
  },
  {
    name: "valueFrom nothing",
    why: "the Deployment would be refused",
    spec: deployment({ env: [{ name: "A", valueFrom: {} }] }),
    want: `${at}.env[0].valueFrom must name exactly one source`,
  },
  {
    name: "valueFrom two sources",
    why: "the Deployment would be refused",
    spec: deployment({
      env: [
        {
          name: "A",
          valueFrom: { secretKeyRef: { name: "s", key: "k" }, configMapKeyRef: { name: "c", key: "k" } },
        },
      ],
    }),
    want: `${at}.env[0].valueFrom must name exactly one source`,
  },
  {
    name: "a Secret that cannot be",
    why: "the Deployment would be refused",
    spec: deployment({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "My_Secret", key: "k" } } }] }),
    want: `${at}.env[0].valueFrom.secretKeyRef.name can be the name of no object`,
  },
  {
    name: "a key that cannot be",
    why: "the Deployment would be refused",
    spec: deployment({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a/b" } } }] }),
    want: `${at}.env[0].valueFrom.secretKeyRef.key can be no key`,
  },
  {
    name: "envFrom nothing",
    why: "the Deployment would be refused",
    spec: deployment({ envFrom: [{ prefix: "X_" }] }),
    want: `${at}.envFrom[0] must name exactly one source`,
  },
  {
    name: "configuration that is no YAML",
    why: "LiteLLM would not start, and what it protects would be missing",
    spec: deployment({ env: [{ name: "LANGOP_GATEWAY_EXTRA_CONFIG", value: "a: [" }] }),
    want: `${at}.env[0].value (LANGOP_GATEWAY_EXTRA_CONFIG) is not valid YAML`,
  },
  {
    name: "configuration that is a list",
    why: "as above",
    spec: deployment({ env: [{ name: "LANGOP_GATEWAY_EXTRA_CONFIG", value: "- a" }] }),
    want: `${at}.env[0].value (LANGOP_GATEWAY_EXTRA_CONFIG) is not a YAML mapping`,
  },
  {
    name: "negative replicas",
    why: "the Deployment would be refused",
    spec: deployment({ replicas: -1 }),
    want: `${at}.replicas cannot be used: it must be at least 0`,
  },
  {
    name: "more minReplicas than maxReplicas",
    why: "the autoscaler would be refused",
    spec: deployment({ autoscaling: { minReplicas: 5, maxReplicas: 2 } }),
    want: `${at}.autoscaling.minReplicas must not be more than maxReplicas`,
  },
  {
    name: "autoscaling without maxReplicas",
    why: "the autoscaler would be refused",
    spec: deployment({ autoscaling: { minReplicas: 1 } }),
    want: `${at}.autoscaling.maxReplicas cannot be used: it is required`,
  },
  {
    name: "autoscaling to nothing",
    why: "the autoscaler would be refused",
    spec: deployment({ autoscaling: { maxReplicas: 0 } }),
    want: `${at}.autoscaling.maxReplicas cannot be used: it must be at least 1`,
  },
  {
    name: "limit that is no quantity",
    why: "the Deployment would be refused",
    spec: deployment({ resources: { limits: { memory: "512MB" } } }),
    want: `${at}.resources.limits.memory is no quantity`,
  },
  {
    name: "limit with a typo",
    why: "the Deployment would be refused",
    spec: deployment({ resources: { limit: { cpu: 1 } } }),
    want: `${at}.resources.limit is not known`,
  },
  {
    name: "request above its limit",
    why: "the Deployment would be refused",
    spec: deployment({ resources: { requests: { memory: "1Gi" }, limits: { memory: "1G" } } }),
    want: `${at}.resources.requests.memory is more than limits.memory`,
  },
  {
    name: "a pod label that is none",
    why: "the Deployment would be refused",
    spec: deployment({ podLabels: { team: "a b" } }),
    want: `${at}.podLabels.team has no label value`,
  },
  {
    name: "an annotation key that is none",
    why: "the Deployment would be refused",
    spec: deployment({ podAnnotations: { "a b": "x" } }),
    want: `${at}.podAnnotations[a b] is no annotation key`,
  },
  {
    name: "a node label that is a number",
    why: "selectors are texts",
    spec: deployment({ nodeSelector: { gpu: 1 } }),
    want: `${at}.nodeSelector.gpu cannot be used: it must be a text`,
  },
  {
    name: "a ServiceAccount that cannot be",
    why: "the Deployment would be refused",
    spec: deployment({ serviceAccountName: "Gateway" }),
    want: `${at}.serviceAccountName can be the name of no object`,
  },
  {
    name: "a volume without a name",
    why: "the Deployment would be refused",
    spec: deployment({ volumes: [{ emptyDir: {} }] }),
    want: `${at}.volumes[0].name must be at most 63`,
  },
  {
    name: "a mount of no volume",
    why: "the Deployment would be refused",
    spec: deployment({ volumeMounts: [{ name: "certs", mountPath: "/certs" }] }),
    want: `${at}.volumeMounts[0].name must be the name of one of the volumes`,
  },
  {
    name: "a mount at no place",
    why: "the Deployment would be refused",
    spec: deployment({ volumes: [{ name: "certs", emptyDir: {} }], volumeMounts: [{ name: "certs" }] }),
    want: `${at}.volumeMounts[0].mountPath must be a path`,
  },
  {
    name: "an init container called gateway",
    why: "two containers of one name",
    spec: deployment({ initContainers: [{ name: "gateway", image: "busybox" }] }),
    want: `${at}.initContainers[0].name is the name of another container`,
  },
  {
    name: "an init container without an image",
    why: "the Deployment would be refused",
    spec: deployment({ initContainers: [{ name: "wait" }] }),
    want: `${at}.initContainers[0].image is required`,
  },
  {
    name: "a probe of nothing",
    why: "the Deployment would be refused",
    spec: deployment({ livenessProbe: { periodSeconds: 5 } }),
    want: `${at}.livenessProbe must have exactly one of`,
  },
  {
    name: "a toleration with an unknown effect",
    why: "the Deployment would be refused",
    spec: deployment({ tolerations: [{ key: "gpu", effect: "NoRun" }] }),
    want: `${at}.tolerations[0].effect must be one of`,
  },
  {
    name: "a spread without a key",
    why: "the Deployment would be refused",
    spec: deployment({ topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" }] }),
    want: `${at}.topologySpreadConstraints[0].topologyKey must be a label key`,
  },
  {
    name: "a Service type that does not exist",
    why: "the Service would be refused",
    spec: deployment({ serviceType: "ExternalName" }),
    want: `${at}.serviceType cannot be used: it must be one of`,
  },
  // Sign-in
  {
    name: "an issuer that is no URL",
    why: "nobody could sign in",
    spec: { auth: { enabled: true, oidc: { externalIssuerURL: "sso.example.com" } } },
    want: "spec.auth.oidc.externalIssuerURL must be a URL",
  },
  {
    name: "a connector without an id",
    why: "Dex would not start",
    spec: { auth: { oidc: { dex: { connectors: [{ type: "github", name: "GitHub" }] } } } },
    want: "spec.auth.oidc.dex.connectors[0].id cannot be used: it is required",
  },
];

describe("ends as an admission error", () => {
  test.each(refused)("$name ($why)", (row) => {
    const { allowed, reasons } = review(row);
    expect(allowed).toBe(false);
    expectStart(reasons, row.cluster ?? "demo", row.want);
  });
});

const warned: readonly Row[] = [
  {
    name: "the namespace default",
    why: "allowed, but shared with everything else there",
    cluster: "default",
    want: "metadata.name takes over the namespace default",
  },
  {
    name: "a field that does not exist",
    why: "it would be pruned in silence",
    spec: { ingres: { enabled: true } },
    want: 'spec.ingres is not a field of LanguageCluster and has no effect. Did you mean "ingress"?',
  },
  {
    name: "Ingress without a domain",
    why: "nothing is published",
    spec: { ingress: { enabled: true } },
    want: "spec.ingress.enabled has no effect without spec.domain",
  },
  {
    name: "hosts in an ingress rule",
    why: "connections come from addresses",
    spec: { networkPolicies: { ingress: [{ from: [{ dns: ["a.example"] }] }] } },
    want: "spec.networkPolicies.ingress[0].from[0].dns has no effect",
  },
  {
    name: "a peer that names nobody",
    why: "dropped, never open",
    spec: egress({}),
    want: "spec.networkPolicies.egress[0].to[0] is empty and permits nothing",
  },
  {
    name: "a variable twice",
    why: "the last one wins, as in a pod",
    spec: deployment({
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    }),
    want: `${at}.env[1] has the name of a variable before it`,
  },
  {
    name: "a CPU quota, and a gateway whose limits were cleared",
    why: "its new pods would be refused",
    spec: { capacity: { maxCPU: 4 }, ...deployment({ resources: { requests: { cpu: "100m" } } }) },
    want: "spec.capacity.maxCPU",
  },
  {
    name: "sign-in without a provider",
    why: "nobody can sign in",
    spec: { auth: { enabled: true } },
    want: "spec.auth.oidc names no provider",
  },
  {
    name: "an engine that does not exist",
    why: "the default serves instead",
    annotations: { "gatewright.dev/engine": "vllm" },
    want: "metadata.annotations[gatewright.dev/engine] is neither native nor litellm",
  },
  {
    name: "agent keys neither required nor open",
    why: "a typo must not open a gateway",
    annotations: { "gatewright.dev/agent-keys": "off" },
    want: "metadata.annotations[gatewright.dev/agent-keys] is neither required nor open",
  },
];

describe("ends as a warning", () => {
  test.each(warned)("$name ($why)", (row) => {
    const { allowed, reasons, warnings } = review(row);
    expect({ allowed, reasons }).toEqual({ allowed: true, reasons: [] });
    expectStart(warnings, row.cluster ?? "demo", row.want);
  });
});

describe("is admitted without a word", () => {
  test.each([
    { name: "nothing at all", spec: {} },
    { name: "null where nothing is", spec: { domain: null, ingress: null, gateway: null } },
    { name: "a single-label domain", spec: { domain: "localhost" } },
    { name: "an empty domain", spec: { domain: "" } },
    { name: "the flat rules of early releases", spec: { networkPolicies: [{ to: { cidr: "10.0.0.0/8" } }] } },
    {
      name: "every kind of peer",
      spec: egress({ group: "db", dns: ["*.example.com"], service: { name: "x" } }),
    },
    { name: "quantities as numbers", spec: { capacity: { maxCPU: 4, maxMemory: "16Gi", maxModels: 0 } } },
    {
      name: "a mount of ours in an init container's neighbour",
      spec: deployment({ volumeMounts: [{ name: "models-config", mountPath: "/copy" }] }),
    },
    {
      name: "a full deployment block",
      spec: deployment({
        replicas: 2,
        env: [{ name: "HTTP_PROXY", value: "http://proxy:3128" }],
        envFrom: [{ prefix: "X_", secretRef: { name: "more" } }],
        resources: { requests: { cpu: "100m" }, limits: { cpu: 1, memory: "1Gi" } },
        podAnnotations: { "Example.com/Team": "a b c" },
        tolerations: [{ operator: "Exists" }],
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
        ],
        autoscaling: { minReplicas: 2, maxReplicas: 2 },
        volumes: [{ name: "certs", secret: { secretName: "certs" } }],
        volumeMounts: [{ name: "certs", mountPath: "/certs", readOnly: true }],
        initContainers: [{ name: "wait", image: "busybox" }],
        readinessProbe: { httpGet: { path: "/health", port: 4000 } },
      }),
    },
  ])("$name", ({ spec }) => {
    expect(review({ spec })).toEqual({ allowed: true, reasons: [], warnings: [] });
  });
});

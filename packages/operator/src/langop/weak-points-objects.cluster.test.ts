import { isDeepStrictEqual } from "node:util";
import {
  clusterOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  modelOf,
  namespaceOf,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * The rows of langop.md §6.2 that objects alone show, as weak-points.cluster.test.ts has them for running gateways:
 * no pod of this cluster ever starts.
 */

const idle = uniqueName("idle");
const moving = `${idle}-moving`;

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

const steady = { "stays.example.test": ["192.0.2.30"] };

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: "none" });
  stage.names.records = { ...steady, "moves.example.test": ["192.0.2.10"] };
  const networkPolicies = {
    egress: [{ to: [{ dns: ["moves.example.test"] }], ports: [{ port: 443 }] }],
  };
  await stage.apply(clusterOf(idle, {}), clusterOf(moving, { networkPolicies }));
  await waitFor("an address in the policy", async () => (await permits(moving)).includes("192.0.2.10/32"));
  stage.names.records = { ...steady, "moves.example.test": ["192.0.2.20"] };
});
afterAll(() => stage?.[Symbol.asyncDispose]());

const permits = async (namespace: string): Promise<string> =>
  JSON.stringify(await stage.object("NetworkPolicy", namespace, `${namespace}-agents`));

describe("6.2-8 and 6.2-9: network rules", () => {
  const rules = async (networkPolicies: object): Promise<LiveObject> => {
    const stands = (await stage.cluster(idle)).metadata.generation;
    await stage.apply(clusterOf(idle, { networkPolicies }));
    await waitFor("its status", async () => {
      const { metadata, status } = await stage.cluster(idle);
      return metadata.generation > stands && status.observedGeneration === metadata.generation;
    });
    return (await stage.object("NetworkPolicy", idle, `${idle}-agents`)).spec;
  };

  test("6.2-8: a name that does not resolve permits nothing, and a condition names it", async () => {
    const { egress } = await rules({
      egress: [
        { to: [{ dns: ["gone.example.test"] }], ports: [{ port: 443 }] },
        { to: [{ dns: ["gone.example.test", "stays.example.test"] }] },
        { to: [] },
        { to: [{}] },
      ],
    });
    // The built-in rules (API server, name service) and the one that has an address.
    expect(egress).toHaveLength(3);
    expect(egress[2].to).toEqual([{ ipBlock: { cidr: "192.0.2.30/32" } }]);
    expect(egress.every(({ to }: LiveObject) => to.length > 0)).toBe(true);
    const { message } = await stage.condition(idle, "NetworkPolicyReady", {
      status: "False",
      reason: "PeerUnresolved",
    });
    expect(message).toContain("gone.example.test");
  });

  test("6.2-8: a rule without `to` keeps its meaning, anywhere", async () => {
    const { egress } = await rules({ egress: [{ ports: [{ port: 443 }] }] });
    expect(egress[2]).toEqual({ ports: [{ port: 443, protocol: "TCP" }] });
    await stage.condition(idle, "NetworkPolicyReady", { status: "True" });
  });

  test("6.2-9: every kind of peer is a peer of its own, and what cannot be is left out and told", async () => {
    const { egress, ingress, policyTypes } = await rules({
      egress: [
        { to: [{ cidr: "10.1.0.0/16", group: "blue", podSelector: { matchLabels: { app: "db" } } }] },
        {
          to: [
            { podSelector: { matchLabels: { app: "a" } }, namespaceSelector: { matchLabels: { team: "b" } } },
          ],
        },
      ],
      ingress: [{ from: [{ dns: ["agents.example.test"] }] }],
    });
    expect(egress.slice(2)).toEqual([
      {
        to: [
          { ipBlock: { cidr: "10.1.0.0/16" } },
          { podSelector: { matchLabels: { "langop.io/group": "blue" } } },
          { podSelector: { matchLabels: { app: "db" } } },
        ],
      },
      {
        to: [
          { podSelector: { matchLabels: { app: "a" } }, namespaceSelector: { matchLabels: { team: "b" } } },
        ],
      },
    ]);
    // Ingress is limited to nobody rather than to anybody.
    expect([policyTypes, ingress]).toEqual([["Ingress", "Egress"], undefined]);
    await stage.condition(idle, "Degraded", { reason: "DnsInIngress" });
  });

  test("6.2-9: the name service is permitted wherever it runs in kube-system", async () => {
    const { egress } = await rules({});
    expect(egress[1]).toEqual({
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
      ports: [
        { port: 53, protocol: "UDP" },
        { port: 53, protocol: "TCP" },
      ],
    });
  });

  test("6.2-9: a Service means its pods, not their whole namespace", async () => {
    await stage.apply({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: idle, namespace: "default" },
      spec: { selector: { app: "db" }, ports: [{ port: 5432 }] },
    } as Manifest);
    const to = { service: { name: idle, namespace: "default" } };
    const { egress } = await rules({ egress: [{ to: [to] }] });
    const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "default" } };
    expect(egress[2].to).toEqual([{ namespaceSelector, podSelector: { matchLabels: { app: "db" } } }]);
  });

  test("6.2-8: where Cilium comes, names become rules by name, and addresses again where it goes", async () => {
    const { egress } = await rules({ egress: [{ to: [{ dns: ["stays.example.test", "*.example.test"] }] }] });
    expect(egress).toHaveLength(3);
    const crd = definition("cilium.io", "v2", "CiliumNetworkPolicy", "ciliumnetworkpolicies");
    const byName = () => stage.object("CiliumNetworkPolicy", idle, `${idle}-agents`).catch(() => undefined);
    await stage.apply(crd);
    try {
      const { spec } = await waitFor("the rules by name", byName, { capMilliseconds: 60_000 });
      expect(JSON.stringify(spec)).toContain(
        '"toFQDNs":[{"matchName":"stays.example.test"},{"matchPattern":"*.example.test"}]',
      );
      await waitFor("no addresses", async () => !(await permits(idle)).includes("192.0.2.30/32"));
    } finally {
      await kubernetes.kubectl(["delete", "crd", crd.metadata.name]);
    }
    await waitFor("the addresses", async () => (await permits(idle)).includes("192.0.2.30/32"), {
      capMilliseconds: 60_000,
    });
  });
});

test("a kind that comes later is used when it comes: an HTTPRoute where a parent is named", async () => {
  await stage.apply(
    clusterOf(idle, { domain: "ai.example.test" }, { "gatewright.dev/gateway-parent": "infra/public" }),
  );
  await stage.condition(idle, "Degraded", { reason: "GatewayParentIgnored" });
  const crd = definition("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes", {
    "api-approved.kubernetes.io": "unapproved, for a test",
  });
  await stage.apply(crd);
  try {
    await waitFor("the HTTPRoute", () => stage.object("HTTPRoute", idle, "gateway").catch(() => undefined));
    await stage.condition(idle, "Degraded", undefined);
  } finally {
    await kubernetes.kubectl(["delete", "crd", crd.metadata.name]);
  }
  await stage.condition(idle, "Degraded", { reason: "GatewayParentIgnored" });
  await stage.apply({ ...clusterOf(idle, {}), metadata: { name: idle, annotations: {} } } as Manifest);
});

describe("6.2-15: capacity", () => {
  test("counts and sums follow members of all kinds and the gateway's own pods", async () => {
    const member = (kind: string, spec: object) =>
      ({
        apiVersion: "langop.io/v1alpha1",
        kind,
        metadata: { name: `one-${kind.slice(8).toLowerCase()}`, namespace: idle },
        spec,
      }) as Manifest;
    const limits = { resources: { limits: { cpu: "1500m", memory: "1Gi" } } };
    await stage.apply(
      clusterOf(idle, { gateway: { deployment: { replicas: 2 } } }),
      member("LanguageAgent", { image: "a:1", deployment: { ...limits, replicas: 2 } }),
      member("LanguageTool", { image: "t:1", deployment: limits }),
      member("LanguagePersona", {}),
    );
    // Two pods of the agent, one of the tool, and two of the gateway with 1 CPU and 512Mi each.
    const want = {
      agentCount: 1,
      toolCount: 1,
      personaCount: 1,
      modelCount: 0,
      totalCPULimits: "6500m",
      totalMemoryLimits: "4Gi",
    };
    await waitFor("the sums", async () =>
      isDeepStrictEqual((await stage.cluster(idle)).status.capacity, want),
    );
    await kubernetes.kubectl([
      "delete",
      "lagent/one-agent",
      "ltool/one-tool",
      "lpersona/one-persona",
      "-n",
      idle,
    ]);
    await waitFor("empty counts", async () => (await stage.cluster(idle)).status.capacity.agentCount === 0);
  });

  test("a quota on limits that the gateway itself could not meet is told", async () => {
    const resources = { requests: { cpu: "100m" } };
    await stage.apply(clusterOf(idle, { capacity: { maxCPU: "4" }, gateway: { deployment: { resources } } }));
    const { message } = await stage.condition(idle, "Degraded", { reason: "GatewayWithoutLimit" });
    expect(message).toContain("spec.capacity.maxCPU");
  });
});

describe("6.2-16: life cycle", () => {
  test("a namespace that was found survives its cluster with everything of the user's and nothing of ours", async () => {
    const found = `${idle}-found`;
    const users = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "users", namespace: found } };
    await stage.apply(namespaceOf(found) as Manifest, users, secretOf(found, "users", { a: "b" }));
    await stage.apply(
      clusterOf(found),
      modelOf(found, "one", { provider: "openai", modelName: "one" }) as Manifest,
    );
    await stage.condition(found, "Ready", { reason: "PodsNotReady" });
    await waitFor("all objects", () => stage.read(`/api/v1/namespaces/${found}/resourcequotas/langop-quota`));
    await kubernetes.kubectl(["delete", "languagecluster", found]);
    const ours =
      "deployments,services,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,ingresses,hpa,pdb,resourcequotas,lmodel";
    await waitFor("nothing of ours", async () => {
      const { stdout } = await kubernetes.kubectl([
        "get",
        ours,
        "-n",
        found,
        "-l",
        "gatewright.dev/dialect",
        "-o",
        "name",
      ]);
      return stdout === "";
    });
    const { metadata } = await stage.read(`/api/v1/namespaces/${found}`);
    expect([metadata.labels, metadata.ownerReferences]).toEqual([
      { "kubernetes.io/metadata.name": found },
      undefined,
    ]);
    for (const kind of ["configmaps", "secrets"]) {
      expect(await stage.read(`/api/v1/namespaces/${found}/${kind}/users`)).toBeDefined();
    }
    await kubernetes.kubectl(["delete", "namespace", found, "--wait=false"]);
  });

  test("the Ingress goes when only the domain goes, and its host is gateway.<domain>", async () => {
    const at = `/apis/networking.k8s.io/v1/namespaces/${idle}/ingresses/gateway`;
    await stage.apply(clusterOf(idle, { domain: "ai.example.test", ingress: { enabled: true } }));
    const { spec } = await waitFor("the Ingress", () => stage.read(at));
    expect(spec.rules.map(({ host }: LiveObject) => host)).toEqual(["gateway.ai.example.test"]);
    await stage.apply(clusterOf(idle, { ingress: { enabled: true } }));
    await waitFor("no Ingress", async () => (await stage.read(at)) === undefined);
    await stage.condition(idle, "Degraded", { reason: "DomainMissing" });
  });
});

test("6.2-19: a variable that the user sets too is there once, as the user has it", async () => {
  const env = [
    { name: "LANGOP_GATEWAY_HMAC_SECRET", value: "mine" },
    { name: "A", value: "first" },
    { name: "A", value: "last" },
  ];
  for (const engine of ["native", "litellm"]) {
    await stage.apply(
      clusterOf(idle, { gateway: { deployment: { env } } }, { "gatewright.dev/engine": engine }) as Manifest,
    );
    const found = await waitFor("the variables", async () => {
      const [{ env: live = [], args }] = (await stage.object("Deployment", idle, "gateway")).spec.template
        .spec.containers;
      return live.length > 0 && args.includes("gateway") === (engine === "native") ? live : undefined;
    });
    expect(found).toEqual([
      { name: "LANGOP_GATEWAY_HMAC_SECRET", value: "mine" },
      { name: "A", value: "last" },
    ]);
  }
});

test("6.2-8: a changed address is followed although no resource changed", async () => {
  // Looked up before the first test; answers are trusted for 30 seconds.
  await waitFor("the new address", async () => (await permits(moving)).includes("192.0.2.20/32"), {
    capMilliseconds: 60_000,
  });
  expect((await stage.cluster(moving)).metadata.generation).toBe(1);
});

/** A kind of somebody else's that takes anything. */
function definition(
  group: string,
  version: string,
  kind: string,
  plural: string,
  annotations: object = {},
): Manifest {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, annotations },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  } as Manifest;
}

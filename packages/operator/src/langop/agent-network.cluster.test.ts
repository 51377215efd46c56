import {
  agentImage,
  agentManifest,
  type Connection,
  clusterOf,
  conditionOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  memberCondition,
  namespaceOf,
  networkPermits,
  readMember,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  startTestOperator,
  toolManifest,
  uniqueName,
  upstreamModel,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * Who may connect to whom, of agents and tools: rows 7, 8 and 9 of langop.md §6.2, and §8-7. No network plugin runs, so
 * of the policies that stand it is asked what they permit.
 */

/** Agents of this cluster run. */
const team = uniqueName("closed");
/** Pods of namespaces that begin otherwise never start. */
const idle = uniqueName("idle");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

const steady = { "stays.example.test": ["192.0.2.30"] };

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, {
    prefix: team,
    images: { "agent:test": agentImage },
    operator: { watchNamespaces: [team, idle] },
  });
  stage.names.records = { ...steady, "moves.example.test": ["192.0.2.10"] };
  await stage.apply(
    namespaceOf(team) as Manifest,
    namespaceOf(idle) as Manifest,
    clusterOf(team, {}) as Manifest,
    clusterOf(idle, {}) as Manifest,
    secretOf(team, "keys", { "api-key": "sk-provider" }) as Manifest,
    upstreamModel(stage, team, "small", "small-1"),
    // Looked up now, and looked at again in the last test.
    agentManifest(idle, "moving", {
      networkPolicies: { egress: [{ to: [{ dns: ["moves.example.test"] }], ports: [{ port: 443 }] }] },
    }),
  );
  await waitFor("an address in the policy", async () =>
    permits({ from: pod("moving"), to: { address: "192.0.2.10" }, port: 443 }),
  );
  stage.names.records = { ...steady, "moves.example.test": ["192.0.2.20"] };
  await stage.ready(team);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", team, idle, "--wait=false", "--ignore-not-found"]);
});

const agent = (name: string, namespace = idle) => ({ kind: "LanguageAgent", namespace, name }) as const;
const tool = (name: string, namespace = idle) => ({ kind: "LanguageTool", namespace, name }) as const;
const settled = (name: string) =>
  waitFor(`the status of ${name}`, async () => {
    const found = await readMember(stage, agent(name));
    const speaks = found?.status?.observedGeneration === found?.metadata.generation;
    return speaks && found.status.managedResources !== undefined ? found : undefined;
  });

/** A pod of an agent or a tool, by the labels that its workload gives it. */
const pod = (name: string, namespace = idle, kind = "LanguageAgent", more: object = {}) => ({
  namespace,
  labels: {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/managed-by": "language-operator",
    "app.kubernetes.io/part-of": "langop",
    "langop.io/kind": kind,
    "langop.io/component": kind === "LanguageAgent" ? "agent" : "tool",
    "langop.io/cluster": namespace,
    ...more,
  },
});
const stranger = (namespace: string, labels: { readonly [name: string]: string } = { app: "shop" }) => ({
  namespace,
  labels,
});

/** Whether the policies that stand in the idle cluster permit a connection. */
async function permits(connection: Connection): Promise<boolean> {
  const { items } = await stage.read(`/apis/networking.k8s.io/v1/namespaces/${idle}/networkpolicies`);
  return networkPermits(items, connection);
}

describe("6.2-7 and 6.2-9: agents and tools are closed but for what is said", () => {
  beforeAll(async () => {
    await stage.apply(
      agentManifest(idle, "plain"),
      agentManifest(idle, "other"),
      toolManifest(idle, "web", {
        port: 8081,
        networkPolicies: { egress: [{ to: [{ cidr: "198.51.100.0/24" }], ports: [{ port: 443 }] }] },
      }),
      toolManifest(idle, "lonely"),
    );
    for (const name of ["plain", "other"]) await settled(name);
    for (const name of ["web", "lonely"]) {
      await memberCondition(stage, tool(name), "NetworkPolicyReady", { status: "True" });
    }
  });

  test("the pods have the labels that the policies go by", async () => {
    for (const [name, kind] of [
      ["plain", "LanguageAgent"],
      ["web", "LanguageTool"],
    ] as const) {
      const { labels } = (await stage.object("Deployment", idle, name)).spec.template.metadata;
      expect(labels).toMatchObject(pod(name, idle, kind).labels);
    }
  });

  const web = pod("web", idle, "LanguageTool");
  const gateway = stranger(idle, { "langop.io/kind": "gateway", "langop.io/cluster": idle });
  const dns = stranger("kube-system", { "k8s-app": "node-local-dns" });
  const rows: readonly (readonly [what: string, connection: Connection, allowed: boolean])[] = [
    ["an agent to the gateway", { from: pod("plain"), to: gateway, port: 4000 }, true],
    ["an agent to a tool", { from: pod("plain"), to: web, port: 8081 }, true],
    ["an agent to another port of a tool", { from: pod("plain"), to: web, port: 22 }, false],
    ["an agent to another agent", { from: pod("plain"), to: pod("other"), port: 8080 }, true],
    [
      "an agent to another port of another agent",
      { from: pod("plain"), to: pod("other"), port: 9000 },
      false,
    ],
    [
      "an agent to the name service, whatever it is called",
      { from: pod("plain"), to: dns, port: 53, protocol: "UDP" },
      true,
    ],
    ["an agent to something else in kube-system", { from: pod("plain"), to: dns, port: 9153 }, false],
    ["an agent to the API server", { from: pod("plain"), to: stranger("default"), port: 443 }, true],
    ["an agent to the world", { from: pod("plain"), to: { address: "203.0.113.7" }, port: 443 }, false],
    [
      "an agent to a provider, past the gateway",
      { from: pod("plain"), to: { address: "192.0.2.30" }, port: 443 },
      false,
    ],
    [
      "an agent to the metadata of a cloud",
      { from: pod("plain"), to: { address: "169.254.169.254" }, port: 80 },
      false,
    ],
    ["an agent to another namespace", { from: pod("plain"), to: stranger(team), port: 8080 }, false],
    [
      "a trigger to an agent",
      { from: stranger(idle, { "langop.io/component": "trigger" }), to: pod("plain"), port: 8080 },
      true,
    ],
    ["a pod of the namespace to an agent", { from: stranger(idle), to: pod("plain"), port: 8080 }, false],
    ["the gateway to an agent", { from: gateway, to: pod("plain"), port: 8080 }, false],
    [
      "another namespace's agent to an agent",
      { from: pod("plain", team), to: pod("plain"), port: 8080 },
      false,
    ],
    ["another namespace to an agent", { from: stranger("default"), to: pod("plain"), port: 8080 }, false],
    ["a pod of the namespace to a tool", { from: stranger(idle), to: web, port: 8081 }, false],
    ["another namespace's agent to a tool", { from: pod("plain", team), to: web, port: 8081 }, false],
    ["a tool to where it may", { from: web, to: { address: "198.51.100.9" }, port: 443 }, true],
    ["a tool to there on another port", { from: web, to: { address: "198.51.100.9" }, port: 80 }, false],
    ["a tool to the world", { from: web, to: { address: "203.0.113.7" }, port: 443 }, false],
    ["a tool to the gateway", { from: web, to: gateway, port: 4000 }, false],
    ["a tool to an agent", { from: web, to: pod("plain"), port: 8080 }, false],
    [
      "a tool without rules to the name service",
      { from: pod("lonely", idle, "LanguageTool"), to: dns, port: 53, protocol: "UDP" },
      true,
    ],
    [
      "a tool without rules to the world",
      { from: pod("lonely", idle, "LanguageTool"), to: { address: "203.0.113.7" }, port: 443 },
      false,
    ],
  ];
  test.each(rows)("6.2-7: %s", async (_, connection, allowed) => {
    expect(await permits(connection)).toBe(allowed);
  });

  const rules = async (networkPolicies: object): Promise<void> => {
    await stage.apply(agentManifest(idle, "plain", { networkPolicies }));
    await settled("plain");
  };
  const to = (address: string, port = 443): Promise<boolean> =>
    permits({ from: pod("plain"), to: { address }, port });

  test("6.2-9: peers of one rule are alternatives, each with the rule's ports; no two are merged", async () => {
    await rules({
      egress: [
        {
          to: [{ cidr: "203.0.113.0/24", group: "blue", podSelector: { matchLabels: { app: "db" } } }],
          ports: [{ port: 443 }],
        },
        {
          to: [
            {
              namespaceSelector: { matchLabels: { zone: "eu" } },
              podSelector: { matchLabels: { app: "db" } },
            },
          ],
          ports: [{ port: 5432 }],
        },
      ],
    });
    expect([await to("203.0.113.7"), await to("203.0.113.7", 80), await to("198.51.100.9")]).toEqual([
      true,
      false,
      false,
    ]);
    const database = (namespace: string, app: string) => ({
      namespace,
      namespaceLabels: { zone: "eu" },
      labels: { app },
    });
    const reach = (place: Connection["to"], port: number) => permits({ from: pod("plain"), to: place, port });
    expect(await reach(database("far", "db"), 5432)).toBe(true);
    expect(await reach(database("far", "shop"), 5432)).toBe(false);
    expect(await reach({ namespace: "far", labels: { app: "db" } }, 5432)).toBe(false);
  });

  test("6.2-9: a Service means its pods, not their whole namespace", async () => {
    const name = uniqueName("db");
    await stage.apply({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: { selector: { app: name }, ports: [{ port: 5432 }] },
    } as Manifest);
    await rules({ egress: [{ to: [{ service: { name, namespace: "default" } }], ports: [{ port: 5432 }] }] });
    const reach = (app: string) =>
      permits({ from: pod("plain"), to: { namespace: "default", labels: { app } }, port: 5432 });
    expect([await reach(name), await reach("shop")]).toEqual([true, false]);
    await kubernetes.kubectl(["delete", "service", name, "-n", "default"]);
  });

  test("6.2-9: an ingress rule lets in whom it names, on its ports; one with a group instead of all agents", async () => {
    const into = (labels: object, port = 8080) =>
      permits({ from: stranger(idle, labels as { [name: string]: string }), to: pod("plain"), port });
    await rules({
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "shop" } } }], ports: [{ port: 8080 }] }],
    });
    expect([
      await into({ app: "shop" }),
      await into({ app: "shop" }, 9000),
      await into({ app: "cart" }),
    ]).toEqual([true, false, false]);
    expect(await permits({ from: pod("other"), to: pod("plain"), port: 8080 })).toBe(true);

    await rules({ ingress: [{ from: [{ group: "blue" }] }] });
    const member = (group: string) =>
      permits({
        from: pod("other", idle, "LanguageAgent", { "langop.io/group": group }),
        to: pod("plain"),
        port: 8080,
      });
    expect([await member("blue"), await member("red")]).toEqual([true, false]);
    await stage.apply({
      ...agentManifest(idle, "other"),
      metadata: { name: "other", namespace: idle, labels: { "langop.io/group": "blue" } },
    } as Manifest);
    await waitFor("the group on the pods", async () => {
      const { labels } = (await stage.object("Deployment", idle, "other")).spec.template.metadata;
      return labels["langop.io/group"] === "blue";
    });
  });

  test("6.2-9: names in ingress are told, and let nobody in", async () => {
    await rules({ ingress: [{ from: [{ dns: ["stays.example.test"] }] }] });
    await memberCondition(stage, agent("plain"), "Degraded", { reason: "DnsInIngress" });
    expect(await permits({ from: { address: "192.0.2.30" }, to: pod("plain"), port: 8080 })).toBe(false);
    expect(await permits({ from: pod("other"), to: pod("plain"), port: 8080 })).toBe(true);
  });

  test("6.2-9: rules of the cluster count for its agents, not for its tools", async () => {
    await rules({});
    await stage.apply(
      clusterOf(idle, { networkPolicies: { egress: [{ to: [{ cidr: "203.0.113.0/24" }] }] } }) as Manifest,
    );
    await waitFor("the rule", () => to("203.0.113.7"));
    expect(await permits({ from: web, to: { address: "203.0.113.7" }, port: 443 })).toBe(false);
    await stage.apply(clusterOf(idle, {}) as Manifest);
    await waitFor("no rule", async () => !(await to("203.0.113.7")));
  });

  test("6.2-7: what somebody widens by hand is closed again", async () => {
    const open = { spec: { egress: [{}], ingress: [{}] } };
    for (const name of ["plain", "web"]) {
      const patched = [
        "patch",
        "networkpolicy",
        name,
        "-n",
        idle,
        "--type=merge",
        "-p",
        JSON.stringify(open),
      ];
      expect(await kubernetes.kubectl(patched)).toMatchObject({ code: 0 });
    }
    await waitFor("the agent to be closed", async () => !(await to("203.0.113.8")));
    await waitFor(
      "the tool to be closed",
      async () => !(await permits({ from: web, to: { address: "203.0.113.8" }, port: 443 })),
    );
  });
});

describe("6.2-8: names in rules of agents and tools", () => {
  const closed = { to: [{ dns: ["gone.example.test"] }], ports: [{ port: 443 }] };
  const reaches = (address: string, name = "named", kind = "LanguageAgent") =>
    permits({ from: pod(name, idle, kind), to: { address }, port: 443 });

  test("one that does not resolve permits nothing, and a condition names it", async () => {
    await stage.apply(
      agentManifest(idle, "named", { networkPolicies: { egress: [closed, { to: [] }, { to: [{}] }] } }),
      toolManifest(idle, "named-tool", { networkPolicies: { egress: [closed] } }),
    );
    for (const member of [agent("named"), tool("named-tool")]) {
      const found = await memberCondition(stage, member, "NetworkPolicyReady", {
        status: "False",
        reason: "PeerUnresolved",
      });
      expect(conditionOf(found, "NetworkPolicyReady").message).toContain("gone.example.test");
    }
    expect(await reaches("203.0.113.7")).toBe(false);
    expect(await reaches("203.0.113.7", "named-tool", "LanguageTool")).toBe(false);
    const { egress } = (await stage.object("NetworkPolicy", idle, "named")).spec;
    expect(egress.every((rule: LiveObject) => rule.to?.length > 0)).toBe(true);
  });

  test("an agent that runs is Degraded for it, and runs", async () => {
    await stage.apply(
      agentManifest(team, "closed", { models: [{ name: "small" }], networkPolicies: { egress: [closed] } }),
    );
    const { status } = await memberCondition(stage, agent("closed", team), "Ready", { status: "True" });
    expect(status.phase).toBe("Degraded");
    expect(await (await stage.agent(team, "closed")).ask()).toMatchObject([{ status: 200 }]);
  });

  test("beside one that does, that one alone is permitted", async () => {
    const both = { to: [{ dns: ["gone.example.test", "stays.example.test"] }], ports: [{ port: 443 }] };
    await stage.apply(agentManifest(idle, "named", { networkPolicies: { egress: [both] } }));
    await waitFor("its address", () => reaches("192.0.2.30"));
    expect(await reaches("203.0.113.7")).toBe(false);
    await memberCondition(stage, agent("named"), "NetworkPolicyReady", { reason: "PeerUnresolved" });
  });

  test("a rule without `to` keeps its meaning, anywhere", async () => {
    await stage.apply(
      agentManifest(idle, "named", { networkPolicies: { egress: [{ ports: [{ port: 443 }] }] } }),
    );
    await waitFor("everywhere", () => reaches("203.0.113.7"));
    expect(await permits({ from: pod("named"), to: { address: "203.0.113.7" }, port: 80 })).toBe(false);
    await memberCondition(stage, agent("named"), "NetworkPolicyReady", { status: "True" });
  });

  test("where Cilium comes, names become rules by name, and addresses again where it goes", async () => {
    const egress = [{ to: [{ dns: ["stays.example.test"] }], ports: [{ port: 443 }] }];
    await stage.apply(
      agentManifest(idle, "named", { networkPolicies: { egress } }),
      toolManifest(idle, "named-tool", { networkPolicies: { egress } }),
    );
    await waitFor("its address", () => reaches("192.0.2.30"));
    const crd = "ciliumnetworkpolicies.cilium.io";
    await stage.apply(ciliumPolicies(crd));
    try {
      for (const name of ["named", "named-tool"]) {
        const { spec } = await waitFor(
          `rules by name of ${name}`,
          () => stage.object("CiliumNetworkPolicy", idle, name).catch(() => undefined),
          { capMilliseconds: 60_000 },
        );
        expect(JSON.stringify(spec)).toContain('"toFQDNs":[{"matchName":"stays.example.test"}]');
      }
      await waitFor("no addresses", async () => !(await reaches("192.0.2.30")));
    } finally {
      await kubernetes.kubectl(["delete", "crd", crd]);
    }
    await waitFor("the address", () => reaches("192.0.2.30"), { capMilliseconds: 60_000 });
  });
});

describe("8-7: the names of the policies, and the switch for all of them", () => {
  test("each agent and tool has one of its own, beside that of all agents of the cluster", async () => {
    const { items } = await stage.read(`/apis/networking.k8s.io/v1/namespaces/${idle}/networkpolicies`);
    const selected = Object.fromEntries(
      items.map(({ metadata, spec }: LiveObject) => [metadata.name, spec.podSelector.matchLabels]),
    );
    expect(selected["plain"]).toEqual(pod("plain").labels);
    expect(selected["web"]).toEqual(pod("web", idle, "LanguageTool").labels);
    expect(selected[`${idle}-agents`]).toEqual({
      "langop.io/cluster": idle,
      "langop.io/kind": "LanguageAgent",
    });
  });

  test("LANGOP_NETWORK_ISOLATION_ENABLED=false: none is left, and the conditions say so", async () => {
    const open = uniqueName("open");
    const policies = async (): Promise<string[]> =>
      (await stage.read(`/apis/networking.k8s.io/v1/namespaces/${open}/networkpolicies`)).items.map(
        ({ metadata }: LiveObject) => metadata.name,
      );
    // The stage's own operator works for its two namespaces only.
    const first = await startTestOperator(kubernetes, { watchNamespaces: [open] });
    await stage.apply(
      namespaceOf(open) as Manifest,
      clusterOf(open, {}) as Manifest,
      agentManifest(open, "plain"),
      toolManifest(open, "web"),
    );
    await waitFor(
      "the policies",
      async () => String((await policies()).sort()) === String([`${open}-agents`, "plain", "web"].sort()),
    );
    await first.close();
    const operator = await startTestOperator(kubernetes, {
      networkIsolation: false,
      watchNamespaces: [open],
    });
    try {
      await waitFor("no policies", async () => (await policies()).length === 0);
      for (const member of [agent("plain", open), tool("web", open)]) {
        await memberCondition(stage, member, "NetworkPolicyReady", {
          status: "True",
          reason: "NetworkPolicyDisabled",
        });
      }
      await kubernetes.kubectl(["delete", "languagecluster", open]);
      await kubernetes.kubectl(["delete", "namespace", open, "--wait=false"]);
    } finally {
      await operator.close();
    }
  });
});

test("6.2-8: a changed address is followed although no resource changed", async () => {
  // Looked up before the first test; answers are trusted for 30 seconds.
  const reaches = (address: string) => permits({ from: pod("moving"), to: { address }, port: 443 });
  await waitFor("the new address", () => reaches("192.0.2.20"), { capMilliseconds: 60_000 });
  expect(await reaches("192.0.2.10")).toBe(false);
  expect((await readMember(stage, agent("moving"))).metadata.generation).toBe(1);
});

/** Cilium's kind, that takes anything. */
function ciliumPolicies(name: string): Manifest {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name },
    spec: {
      group: "cilium.io",
      scope: "Namespaced",
      names: {
        kind: "CiliumNetworkPolicy",
        plural: "ciliumnetworkpolicies",
        singular: "ciliumnetworkpolicy",
      },
      versions: [{ name: "v2", served: true, storage: true, schema }],
    },
  } as Manifest;
}

import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import type { NetworkPeer, NetworkRule } from "../kinds/network-rule.ts";
import { type RuleReading, readRules } from "./network.ts";
import type { NetworkView } from "./peer.ts";

const cluster: Resource = {
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageCluster",
  metadata: { name: "demo" },
};

const addresses: { readonly [name: string]: readonly string[] } = {
  "api.example.com": ["192.0.2.7", "2001:db8::7"],
  "example.com": ["192.0.2.1"],
  "gone.example.com": [],
  "odd.example.com": ["not an address", "fe80::1%eth0"],
};

const view: NetworkView = {
  namespace: "demo",
  cilium: false,
  addresses: (name) => addresses[name],
  serviceSelectors: (namespace, name) =>
    `${namespace}/${name}` === "tools/search" ? { app: "search" } : undefined,
};

function rulesOf(
  rules: readonly NetworkRule[],
  direction: "from" | "to" = "to",
  more: Partial<NetworkView> = {},
): RuleReading {
  return readRules(
    cluster,
    rules,
    direction,
    rules.map((_, index) => `rules[${index}]`),
    { ...view, ...more },
  );
}

const https = [{ protocol: "TCP", port: 443 }] as const;
const named = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });

/** langop.md §3.5 and §6.2 rows 8 and 9. */
describe("peers", () => {
  test.each<{
    name: string;
    why: string;
    peer: NetworkPeer;
    direction?: "from" | "to";
    peers: readonly unknown[];
    codes?: readonly string[];
  }>([
    {
      name: "a range",
      why: "an address range is a peer",
      peer: { cidr: "10.0.0.0/8" },
      peers: [{ ipBlock: { cidr: "10.0.0.0/8" } }],
    },
    {
      name: "row 9: a range and selectors",
      why: "in one peer the API server refuses the whole policy",
      peer: { cidr: "10.0.0.0/8", podSelector: { matchLabels: { app: "db" } } },
      peers: [{ ipBlock: { cidr: "10.0.0.0/8" } }, { podSelector: { matchLabels: { app: "db" } } }],
    },
    {
      name: "both selectors",
      why: "pods of those namespaces, not all pods of either",
      peer: { namespaceSelector: named("data"), podSelector: { matchLabels: { app: "db" } } },
      peers: [{ namespaceSelector: named("data"), podSelector: { matchLabels: { app: "db" } } }],
    },
    {
      name: "an empty pod selector",
      why: "means all pods of the namespace, as in Kubernetes",
      peer: { podSelector: {} },
      peers: [{ podSelector: {} }],
    },
    {
      name: "a group",
      why: "pods carry it as a label",
      peer: { group: "reviewers" },
      peers: [{ podSelector: { matchLabels: { "langop.io/group": "reviewers" } } }],
    },
    {
      name: "row 9: a Service that is known",
      why: "its pods, not its whole namespace",
      peer: { service: { name: "search", namespace: "tools" } },
      peers: [{ namespaceSelector: named("tools"), podSelector: { matchLabels: { app: "search" } } }],
    },
    {
      name: "a Service that is not known",
      why: "nobody can tell its pods",
      peer: { service: { name: "search" } },
      peers: [{ namespaceSelector: named("demo") }],
    },
    {
      name: "a name",
      why: "its addresses, each alone",
      peer: { dns: ["API.example.com."] },
      peers: [{ ipBlock: { cidr: "192.0.2.7/32" } }, { ipBlock: { cidr: "2001:db8::7/128" } }],
    },
    {
      name: "any name",
      why: "is every address of both families",
      peer: { dns: ["*"] },
      peers: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } }],
    },
    {
      name: "a wildcard",
      why: "cannot be known without Cilium, which is told",
      peer: { dns: ["*.example.com"] },
      peers: [{ ipBlock: { cidr: "192.0.2.1/32" } }],
      codes: ["WildcardApproximated"],
    },
    {
      name: "an address as a name",
      why: "there is nothing to look up",
      peer: { dns: ["192.0.2.9", "2001:DB8::9"] },
      peers: [{ ipBlock: { cidr: "192.0.2.9/32" } }, { ipBlock: { cidr: "2001:db8::9/128" } }],
    },
    {
      name: "the name of a Service",
      why: "policies see pods: the Service's own address never matches",
      peer: { dns: ["search.tools.svc.cluster.local"] },
      peers: [{ namespaceSelector: named("tools"), podSelector: { matchLabels: { app: "search" } } }],
    },
    {
      name: "row 8: a name without addresses",
      why: "permits nothing instead of everything",
      peer: { dns: ["gone.example.com"] },
      peers: [],
      codes: ["NameUnresolved"],
    },
    {
      name: "row 8: answers that are no addresses",
      why: "permit nothing and break nothing",
      peer: { dns: ["odd.example.com"] },
      peers: [],
      codes: ["NameUnresolved"],
    },
    {
      name: "a name nobody has looked up",
      why: "may have addresses, and is no failure",
      peer: { dns: ["new.example.com"] },
      peers: [],
      codes: ["NameNotResolvedYet"],
    },
    {
      name: "a URL as a name",
      why: "is none",
      peer: { dns: ["https://example.com"] },
      peers: [],
      codes: ["DnsInvalid"],
    },
    {
      name: "a star inside",
      why: "needs Cilium",
      peer: { dns: ["api.*.com"] },
      peers: [],
      codes: ["DnsInvalid"],
    },
    {
      name: "row 9: names in ingress",
      why: "connections come from addresses",
      peer: { dns: ["example.com"], cidr: "10.0.0.0/8" },
      direction: "from",
      peers: [{ ipBlock: { cidr: "10.0.0.0/8" } }],
      codes: ["DnsInIngress"],
    },
    { name: "row 9: an empty peer", why: "permits nothing", peer: {}, peers: [], codes: ["PeerEmpty"] },
    { name: "no names", why: "is an empty peer", peer: { dns: [] }, peers: [], codes: ["PeerEmpty"] },
    {
      name: "an address as range",
      why: "is none",
      peer: { cidr: "10.0.0.1" },
      peers: [],
      codes: ["CidrInvalid"],
    },
    {
      name: "a range that is none, and a group",
      why: "one bad field costs itself only",
      peer: { cidr: "10.0.0.0/33", group: "a" },
      peers: [{ podSelector: { matchLabels: { "langop.io/group": "a" } } }],
      codes: ["CidrInvalid"],
    },
    {
      name: "a group that is no label",
      why: "no pod can have it",
      peer: { group: "a b" },
      peers: [],
      codes: ["GroupInvalid"],
    },
    {
      name: "half a pair of selectors",
      why: "the other half alone would permit more than was meant",
      peer: { namespaceSelector: named("data"), podSelector: { matchLabels: { app: "not a label" } } },
      peers: [],
      codes: ["SelectorInvalid"],
    },
    {
      name: "an expression without values",
      why: "the API server refuses the whole policy",
      peer: { podSelector: { matchExpressions: [{ key: "app", operator: "In" }] } },
      peers: [],
      codes: ["SelectorInvalid"],
    },
  ])("$name: $why", ({ peer, direction = "to", peers, codes = [] }) => {
    const { rules, findings } = rulesOf([{ peers: [peer], ports: https }], direction);
    expect(rules).toEqual(peers.length === 0 ? [] : [{ peers, ports: https }]);
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });
});

describe("rules", () => {
  test("without peers they mean anywhere, with an empty list nothing", () => {
    const { rules, findings } = rulesOf([{ ports: https }, { peers: [], ports: https }, {}]);
    expect(rules).toEqual([{ ports: https }, {}]);
    expect(findings.map(({ code, origin }) => `${origin.path} ${code}`)).toEqual([
      "rules[1] NetworkRuleDropped",
    ]);
  });

  test("keep the peers that can be had, each once", () => {
    const { rules, lookups, unresolved } = rulesOf([
      { peers: [{ dns: ["gone.example.com", "api.example.com"] }, { cidr: "192.0.2.7/32" }] },
    ]);
    expect(rules).toEqual([
      { peers: [{ ipBlock: { cidr: "192.0.2.7/32" } }, { ipBlock: { cidr: "2001:db8::7/128" } }] },
    ]);
    expect(lookups).toEqual(["gone.example.com", "api.example.com"]);
    expect(unresolved).toEqual(["gone.example.com"]);
  });

  test("with Cilium go by name, and nothing is looked up", () => {
    const { rules, hosts, lookups, findings } = rulesOf(
      [
        { peers: [{ dns: ["api.example.com", "*.example.com", "api.*.com", "*"] }], ports: https },
        { peers: [{ dns: ["gone.example.com"] }] },
        { peers: [{ dns: ["not a name"] }] },
      ],
      "to",
      { cilium: true },
    );
    expect(rules).toEqual([
      { peers: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } }], ports: https },
    ]);
    expect(hosts).toEqual([
      { names: ["api.example.com"], patterns: ["*.example.com", "api.*.com"], ports: https },
      { names: ["gone.example.com"], patterns: [] },
    ]);
    expect(lookups).toEqual([]);
    expect(findings.map(({ code }) => code)).toEqual(["DnsInvalid"]);
  });
});

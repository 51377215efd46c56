import { expect, test } from "vitest";
import { type NetworkPlace, networkPermits, type PolicyObject } from "./network-permits.ts";

const agent = { namespace: "team", labels: { kind: "agent" } };
const other = { namespace: "team", labels: { kind: "other" } };
const far = { namespace: "far", labels: { kind: "agent" }, namespaceLabels: { zone: "eu" } };
const outside = { address: "192.0.2.7" };

const policy = (spec: Partial<PolicyObject["spec"]>): PolicyObject => ({
  metadata: { namespace: "team" },
  spec: { podSelector: { matchLabels: { kind: "agent" } }, policyTypes: ["Ingress", "Egress"], ...spec },
});

const rows: readonly (readonly [
  name: string,
  policies: readonly PolicyObject[],
  from: NetworkPlace,
  to: NetworkPlace,
  port: number,
  want: boolean,
])[] = [
  ["nobody selects it", [], agent, outside, 443, true],
  ["selected without rules", [policy({})], agent, outside, 443, false],
  ["another direction only", [policy({ policyTypes: ["Ingress"] })], agent, outside, 443, true],
  ["another pod is selected", [policy({})], other, outside, 443, true],
  ["into the selected pod", [policy({})], other, agent, 80, false],
  ["a rule without peers", [policy({ egress: [{}] })], agent, outside, 443, true],
  ["an empty list of peers is every peer", [policy({ egress: [{ to: [] }] })], agent, outside, 443, true],
  ["the port", [policy({ egress: [{ ports: [{ port: 443 }] }] })], agent, outside, 443, true],
  ["another port", [policy({ egress: [{ ports: [{ port: 443 }] }] })], agent, outside, 80, false],
  [
    "another protocol",
    [policy({ egress: [{ ports: [{ port: 443, protocol: "UDP" }] }] })],
    agent,
    outside,
    443,
    false,
  ],
  [
    "a range of ports",
    [policy({ egress: [{ ports: [{ port: 400, endPort: 500 }] }] })],
    agent,
    outside,
    443,
    true,
  ],
  [
    "an address",
    [policy({ egress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] }] })],
    agent,
    outside,
    1,
    true,
  ],
  [
    "an address that is excepted",
    [policy({ egress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24", except: ["192.0.2.7/32"] } }] }] })],
    agent,
    outside,
    1,
    false,
  ],
  [
    "a pod selector means the policy's own namespace",
    [policy({ egress: [{ to: [{ podSelector: {} }] }] })],
    agent,
    far,
    1,
    false,
  ],
  ["every pod of it", [policy({ egress: [{ to: [{ podSelector: {} }] }] })], agent, other, 1, true],
  [
    "a namespace",
    [policy({ egress: [{ to: [{ namespaceSelector: { matchLabels: { zone: "eu" } } }] }] })],
    agent,
    far,
    1,
    true,
  ],
  [
    "a namespace and pods of it",
    [
      policy({
        egress: [
          {
            to: [
              {
                namespaceSelector: {
                  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["far"] }],
                },
                podSelector: { matchExpressions: [{ key: "kind", operator: "NotIn", values: ["agent"] }] },
              },
            ],
          },
        ],
      }),
    ],
    agent,
    far,
    1,
    false,
  ],
  ["policies add up", [policy({}), policy({ egress: [{}] })], agent, outside, 443, true],
  ["both sides must permit it", [policy({ egress: [{}] })], agent, { ...agent }, 80, false],
  [
    "both sides do",
    [policy({ egress: [{}], ingress: [{ from: [{ podSelector: {} }] }] })],
    agent,
    { ...agent },
    80,
    true,
  ],
];

test.each(rows)("%s", (_, policies, from, to, port, want) => {
  expect(networkPermits(policies, { from, to, port })).toBe(want);
});

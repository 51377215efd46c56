import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import { readSpec } from "../../spec.ts";
import { languageCluster } from "./language-cluster.ts";
import { languageModel } from "./language-model.ts";
import { egressRulesOf, type NetworkRules, networkRulesOf } from "./network-rule.ts";

function readCluster(networkPolicies: JsonObject[string]) {
  return readSpec(languageCluster, {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageCluster",
    metadata: { name: "demo" },
    spec: { networkPolicies },
  });
}

const cases: readonly { name: string; why: string; input: JsonObject[string]; want: NetworkRules }[] = [
  { name: "nothing", why: "no rules are no rules", input: {}, want: { ingress: [], egress: [] } },
  {
    name: "two lists",
    why: "the form of the dialect",
    input: {
      ingress: [{ from: [{ group: "web" }], ports: [{ port: 80 }] }],
      egress: [{ to: [{ cidr: "10.0.0.0/8" }, { dns: ["a.example"] }] }],
    },
    want: {
      ingress: [{ peers: [{ group: "web" }], ports: [{ protocol: "TCP", port: 80 }] }],
      egress: [{ peers: [{ cidr: "10.0.0.0/8" }, { dns: ["a.example"] }] }],
    },
  },
  {
    name: "a rule without peers, and one with none",
    why: "the first means anybody, the second nobody",
    input: { ingress: [{ ports: [{ port: 80 }] }, { from: [] }] },
    want: { ingress: [{ ports: [{ protocol: "TCP", port: 80 }] }, { peers: [] }], egress: [] },
  },
  {
    name: "a flat list with one peer each",
    why: "early releases had this form, and their manifests still apply",
    input: [
      { description: "model host", to: { dns: ["api.example"] }, ports: [{ port: 443 }] },
      { from: { group: "web" } },
    ],
    want: {
      ingress: [{ peers: [{ group: "web" }] }],
      egress: [{ peers: [{ dns: ["api.example"] }], ports: [{ protocol: "TCP", port: 443 }] }],
    },
  },
  {
    name: "a flat rule for both directions",
    why: "each of its peers is meant, and its ports for both",
    input: [{ from: { group: "a" }, to: [{ group: "b" }], ports: [{ port: 1 }] }],
    want: {
      ingress: [{ peers: [{ group: "a" }], ports: [{ protocol: "TCP", port: 1 }] }],
      egress: [{ peers: [{ group: "b" }], ports: [{ protocol: "TCP", port: 1 }] }],
    },
  },
];

test.each(cases)("$name: $why", ({ input, want }) => {
  const { spec, findings } = readCluster(input);
  expect(findings).toEqual([]);
  expect(networkRulesOf(spec?.networkPolicies)).toEqual(want);
});

test("without networkPolicies there are no rules", () => {
  expect(networkRulesOf(undefined)).toEqual({ ingress: [], egress: [] });
});

test.each([
  { name: "one peer", to: { cidr: "10.0.0.0/8" }, want: [{ peers: [{ cidr: "10.0.0.0/8" }] }] },
  { name: "a list", to: [{ group: "a" }], want: [{ peers: [{ group: "a" }] }] },
])("egress of a model takes $name", ({ to, want }) => {
  const { spec } = readSpec(languageModel, {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageModel",
    metadata: { name: "one", namespace: "demo" },
    spec: { provider: "openai", modelName: "m", egress: [{ to }] },
  });
  expect(egressRulesOf(spec?.egress)).toEqual(want);
});

describe("what does not fit is named by the field, in both forms", () => {
  test.each([
    {
      name: "an unknown key in a map",
      input: { ingress: [{ form: [] }] },
      path: "spec.networkPolicies.ingress[0].form",
      says: 'Did you mean "from"?',
    },
    {
      name: "an unknown key in a list",
      input: [{ to: { cidr: "10.0.0.0/8" }, prots: [] }],
      path: "spec.networkPolicies[0].prots",
      says: 'Did you mean "ports"?',
    },
    {
      name: "a port in a map",
      input: { ingress: [{ ports: [{ port: 0 }] }] },
      path: "spec.networkPolicies.ingress[0].ports[0].port",
      says: "at least 1",
    },
    {
      name: "a port in a list",
      input: [{ to: {}, ports: [{ port: 70_000 }] }],
      path: "spec.networkPolicies[0].ports[0].port",
      says: "at most 65535",
    },
    {
      name: "a peer in a list",
      input: [{ to: { cidr: 5 } }],
      path: "spec.networkPolicies[0].to.cidr",
      says: "a text",
    },
    {
      name: "a rule without direction",
      input: [{ ports: [{ port: 443 }] }],
      path: "spec.networkPolicies[0]",
      says: "needs `from`",
    },
    { name: "text", input: "open", path: "spec.networkPolicies", says: "cannot be used" },
  ])("$name", ({ input, path, says }) => {
    const { findings } = readCluster(input as JsonObject[string]);
    expect(findings.map(({ origin }) => origin.path)).toEqual([path]);
    expect(findings[0]?.text).toContain(says);
  });
});

import { describe, expect, test } from "vitest";
import {
  ciliumNetworkPolicy,
  configMap,
  dataBytes,
  horizontalPodAutoscaler,
  isAddressRange,
  isLabelKey,
  isLabelValue,
  isServiceName,
  type LabelSelector,
  labelSelectorProblem,
  metadata,
  networkPolicy,
  ownedBy,
  secret,
  singleAddressRange,
} from "./index.ts";

const of = metadata({ name: "a", namespace: "ns" });

test("metadata leaves out what is empty, and keeps one order of members", () => {
  expect(
    JSON.stringify(
      metadata({ annotations: {}, ownerReferences: [], labels: { l: "1" }, name: "a", namespace: "ns" }),
    ),
  ).toBe('{"name":"a","namespace":"ns","labels":{"l":"1"}}');
});

test("an owner without uid is none: the API server would delete the object as an orphan", () => {
  const owner = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "o" } };
  expect(ownedBy(owner)).toEqual([]);
  expect(ownedBy({ ...owner, metadata: { name: "o", uid: "u" } })).toHaveLength(1);
});

test("data comes sorted, and is counted in bytes of its values", () => {
  expect(JSON.stringify(configMap(of, { b: "2", a: "1" })["data"])).toBe('{"a":"1","b":"2"}');
  expect(JSON.stringify(secret(of, { b: "2", a: "1" })["data"])).toBe('{"a":"MQ==","b":"Mg=="}');
  expect(dataBytes({ "a long key": "ü", b: "2" })).toBe(3);
});

test("an autoscaler goes by CPU when nothing else is given", () => {
  const utilization = (metrics: readonly object[] | undefined) =>
    JSON.stringify(horizontalPodAutoscaler(of, { deployment: "d", maxReplicas: 2, metrics })["spec"]);
  expect(utilization(undefined)).toContain('"averageUtilization":80');
  expect(utilization([])).toContain('"averageUtilization":80');
  expect(utilization([{ type: "External" }])).not.toContain("averageUtilization");
});

describe("network policies", () => {
  test("a direction that is not given is not touched, one without rules is closed", () => {
    expect(networkPolicy(of, { selector: {}, egress: [] })["spec"]).toEqual({
      podSelector: { matchLabels: {} },
      policyTypes: ["Egress"],
      egress: [],
    });
  });

  test("never have an empty list of peers, which would permit everything", () => {
    expect(() => networkPolicy(of, { selector: {}, egress: [{ peers: [] }] })).toThrow(/permits everything/);
    expect(() => ciliumNetworkPolicy(of, { selector: {}, hosts: [{ names: [], patterns: [] }] })).toThrow(
      /permits everything/,
    );
  });

  test("leave an empty list of ports out, which means all of them", () => {
    expect(networkPolicy(of, { selector: {}, ingress: [{ ports: [] }] })["spec"]).toMatchObject({
      ingress: [{}],
    });
  });
});

test.each([
  ["10.0.0.0/8", true],
  ["::/0", true],
  ["2001:db8::/129", false],
  ["10.0.0.0/33", false],
  ["10.0.0.0", false],
  ["10.0.0.0/08", false],
  ["10.0.0.0/8/8", false],
  ["010.0.0.0/8", false],
  ["fe80::1%eth0/64", false],
  ["example.com/8", false],
])("%s is an address range: %s", (text, good) => {
  expect(isAddressRange(text)).toBe(good);
});

test("a single address is a range of its own", () => {
  expect(["192.0.2.1", "2001:db8::1", "fe80::1%eth0", "host"].map(singleAddressRange)).toEqual([
    "192.0.2.1/32",
    "2001:db8::1/128",
    undefined,
    undefined,
  ]);
});

test.each([
  ["a", true],
  ["a-1", true],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
  ["1a", false],
  ["a.b", false],
  ["a-", false],
  ["A", false],
])("%s is a name of a Service: %s", (name, good) => {
  expect(isServiceName(name)).toBe(good);
});

test("labels are told from other texts", () => {
  const keys = ["a", "example.com/a", "a_b.c", "Example.com/a", "a/b/c", "/a", "example.com/", "-a"];
  expect(keys.filter(isLabelKey)).toEqual(["a", "example.com/a", "a_b.c"]);
  expect(["", "a", "a b", "-", "a".repeat(64)].filter(isLabelValue)).toEqual(["", "a"]);
});

test.each<{ name: string; selector: LabelSelector; problem: RegExp | undefined }>([
  { name: "everything", selector: {}, problem: undefined },
  { name: "labels", selector: { matchLabels: { a: "" } }, problem: undefined },
  { name: "a bad key", selector: { matchLabels: { "a b": "" } }, problem: /no label key/ },
  { name: "a bad value", selector: { matchLabels: { a: "b c" } }, problem: /no label value/ },
  {
    name: "In with values",
    selector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
    problem: undefined,
  },
  {
    name: "In without",
    selector: { matchExpressions: [{ key: "a", operator: "In" }] },
    problem: /needs values/,
  },
  {
    name: "Exists with values",
    selector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] },
    problem: /takes no values/,
  },
])("a selector of $name", ({ selector, problem }) => {
  if (problem === undefined) expect(labelSelectorProblem(selector)).toBeUndefined();
  else expect(labelSelectorProblem(selector)).toMatch(problem);
});

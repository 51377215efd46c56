import { expect, test } from "vitest";
import * as z from "zod";
import type { Kind } from "./kind.ts";
import type { Resource } from "./resource.ts";
import { readSpec } from "./spec.ts";

const spec = z.strictObject({
  provider: z.enum(["openai", "azure"]),
  retries: z.int().min(0).default(3),
  endpoints: z.array(z.strictObject({ url: z.string().min(1), weight: z.number().optional() })).optional(),
  anything: z.record(z.string(), z.unknown()).optional(),
});

const kind: Kind<typeof spec> = {
  group: "example.com",
  version: "v1alpha1",
  kind: "Thing",
  plural: "things",
  shortNames: [],
  scope: "Namespaced",
  printerColumns: [],
  spec,
  status: z.looseObject({}),
};

function read(value: Resource["spec"]) {
  const resource: Resource = {
    apiVersion: "example.com/v1alpha1",
    kind: "Thing",
    metadata: { name: "one", namespace: "here" },
    ...(value === undefined ? {} : { spec: value }),
  };
  return readSpec(kind, resource);
}

test("a good spec comes with its defaults", () => {
  expect(read({ provider: "azure" })).toEqual({ spec: { provider: "azure", retries: 3 }, findings: [] });
});

test("null is absent, as for an API server, but not where anything may stand", () => {
  const { spec: found, findings } = read({ provider: "azure", retries: null, anything: { empty: null } });
  expect(found).toEqual({ provider: "azure", retries: 3, anything: { empty: null } });
  expect(findings).toEqual([]);
});

test("unknown fields are left out and reported with what was probably meant", () => {
  const { spec: found, findings } = read({
    provider: "azure",
    retires: 1,
    endpoints: [{ url: "http://a", wieght: 2, colour: "red" }],
  });
  expect(found).toEqual({ provider: "azure", retries: 3, endpoints: [{ url: "http://a" }] });
  expect(
    findings.map(({ code, effect, origin, text }) => [code, effect, origin.path, text.split(". ")[1]]),
  ).toEqual([
    ["UnknownField", "dropped", "spec.endpoints[0].wieght", 'Did you mean "weight"?'],
    ["UnknownField", "dropped", "spec.endpoints[0].colour", undefined],
    ["UnknownField", "dropped", "spec.retires", 'Did you mean "retries"?'],
  ]);
});

test("every problem is named at its field with what is allowed, and no value is repeated", () => {
  const { spec: found, findings } = read({
    provider: "sk-a-key-in-the-wrong-field",
    retries: -1,
    endpoints: [{ url: "" }, {}, "http://b"],
  });
  expect(found).toBeUndefined();
  expect(findings.map(({ effect, text }) => [effect, text.split(". ")[0]])).toEqual([
    ["blocked", "Thing here/one spec.provider cannot be used: it must be one of openai, azure"],
    ["blocked", "Thing here/one spec.retries cannot be used: it must be at least 0"],
    ["blocked", "Thing here/one spec.endpoints[0].url cannot be used: it must not be empty"],
    ["blocked", "Thing here/one spec.endpoints[1].url cannot be used: it is required"],
    ["blocked", "Thing here/one spec.endpoints[2] cannot be used: it must be a map"],
  ]);
  expect(JSON.stringify(findings)).not.toContain("sk-a-key");
});

test("no spec at all is an empty one", () => {
  expect(read(undefined).findings.map(({ origin }) => origin.path)).toEqual(["spec.provider"]);
});

import { describe, expect, test } from "vitest";
import * as z from "zod";
import { languageCluster } from "./language-cluster.ts";
import { languageModel } from "./language-model.ts";

interface JsonSchema {
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly [keyword: string]: unknown;
}

function crdSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: "openapi-3.0", io: "input", reused: "inline" }) as JsonSchema;
}

describe("the schema a CRD is made of", () => {
  const model = crdSchema(languageModel.spec);

  test("requires only what every generation has", () => {
    expect(model["required"]).toEqual(["modelName"]);
    expect(crdSchema(languageCluster.spec)["required"]).toBeUndefined();
  });

  test("refuses durations that the pattern of the dialect refuses", () => {
    const pattern = new RegExp(String(model.properties?.["timeout"]?.["pattern"]), "u");
    for (const good of ["5m", "500ms", "10µs", "1h"]) expect(good).toMatch(pattern);
    for (const bad of ["", "1.5h", "1h30m", "5 m", "2d"]) expect(bad).not.toMatch(pattern);
  });

  test("carries the rules across fields", () => {
    expect(model["x-kubernetes-validations"]).toEqual([
      {
        rule: "has(self.provider) != has(self.litellmProvider)",
        message: "exactly one of provider and litellmProvider is required",
      },
    ]);
    const rules = model.properties?.["params"]?.["x-kubernetes-validations"] as { rule: string }[];
    expect(rules.map(({ rule }) => rule).join()).toContain("!has(self.aws_secret_access_key)");
  });

  test("has no references, which CRDs do not allow", () => {
    for (const kind of [languageModel, languageCluster]) {
      expect(JSON.stringify(crdSchema(kind.spec))).not.toContain("$ref");
    }
  });
});

test.each([
  { name: "empty", domain: "", good: true },
  { name: "one label", domain: "internal", good: true },
  { name: "several", domain: "ai.example.com", good: true },
  { name: "upper case", domain: "AI.example.com", good: false },
  { name: "an underscore", domain: "my_domain", good: false },
  { name: "a leading dash", domain: "-a.example.com", good: false },
  { name: "more than 253 characters", domain: `${"a".repeat(63)}.`.repeat(4).slice(0, -1), good: false },
])("a domain of $name is accepted: $good", ({ domain, good }) => {
  expect(languageCluster.spec.safeParse({ domain }).success).toBe(good);
});

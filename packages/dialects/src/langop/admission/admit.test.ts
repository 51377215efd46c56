import type { Json, JsonObject } from "@gatewright/plan";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kind } from "../../kind.ts";
import { langop } from "../langop.ts";
import {
  type AdmissionWorld,
  admit,
  type ReviewedKind,
  type ReviewedObject,
  reviewedTypes,
} from "./admit.ts";

const world: AdmissionWorld = {
  clusterExists: () => "unknown",
  runtimeExists: () => "unknown",
  models: () => [],
  agents: () => [],
  tools: () => [],
};

const clusterScoped: readonly ReviewedKind[] = ["LanguageCluster", "LanguageAgentRuntime"];

function objectOf(
  kind: ReviewedKind,
  spec: unknown,
  metadata: Partial<ReviewedObject["metadata"]> = {},
): ReviewedObject {
  return {
    apiVersion: "langop.io/v1alpha1",
    kind,
    metadata: { name: "demo", ...(clusterScoped.includes(kind) ? {} : { namespace: "demo" }), ...metadata },
    spec: spec as JsonObject,
  };
}

describe("updates", () => {
  const bad = { domain: "BAD" };

  test("are not reviewed while the object is being deleted, so that its finalizer can go", () => {
    const deleted = objectOf("LanguageCluster", bad, { deletionTimestamp: "2026-11-21T10:00:00Z" });
    expect(admit("LanguageCluster", deleted, objectOf("LanguageCluster", {}), world).allowed).toBe(true);
  });

  test("that leave a spec as it was are admitted with warnings, whatever the spec says", () => {
    const labelled = objectOf("LanguageCluster", { domain: "BAD" }, { labels: { team: "a" } });
    const { allowed, warnings } = admit("LanguageCluster", labelled, objectOf("LanguageCluster", bad), world);
    expect(allowed).toBe(true);
    expect(warnings[0]).toContain("spec.domain cannot be used");
  });

  test("that change the spec are reviewed whole", () => {
    const next = objectOf("LanguageCluster", { domain: "BAD", capacity: { maxAgents: 1 } });
    expect(admit("LanguageCluster", next, objectOf("LanguageCluster", bad), world).allowed).toBe(false);
    const repaired = objectOf("LanguageCluster", { domain: "good" });
    expect(admit("LanguageCluster", repaired, objectOf("LanguageCluster", bad), world).allowed).toBe(true);
  });
});

test("what is said fits where it is said: reasons and warnings are few, short and printable", () => {
  const egress = Array.from({ length: 60 }, () => ({
    to: [{}, { dns: [`\u0000\n\uD800${"x".repeat(3000)}`] }],
  }));
  const { allowed, reasons, warnings } = admit(
    "LanguageCluster",
    objectOf("LanguageCluster", { networkPolicies: { egress } }),
    undefined,
    world,
  );
  expect(allowed).toBe(false);
  expect(reasons).toHaveLength(20);
  expect(reasons.at(-1)).toBe("And 41 more.");
  expect(warnings).toHaveLength(10);
  expect(warnings.join("").length).toBeLessThan(4096);
  for (const text of [...reasons, ...warnings]) {
    expect(text).not.toMatch(/\p{Cc}/u);
    expect(text.isWellFormed()).toBe(true);
    expect(text.length).toBeLessThanOrEqual(1000);
  }
});

/** Specs that use the names of real fields, so that hostile values get past the first look. */
function specs(kind: Kind): fc.Arbitrary<JsonObject> {
  const names = fieldNames(kind.spec);
  const leaf = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constantFrom<Json>(null, "*", "openai", "custom", "10.0.0.0/8", "1e999999999", "__proto__", "\u0000"),
  );
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, depthSize: "medium" },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie("tree"), { maxKeys: 5 }),
    ),
  }));
  return fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 8 });
}

function fieldNames(schema: object): readonly string[] {
  const text = JSON.stringify(schema, (key, value: unknown) => (key === "~standard" ? undefined : value));
  return [...new Set(Array.from(text.matchAll(/"([a-z][A-Za-z]{2,})":/g), ([, name = ""]) => name))];
}

test("every kind of the dialect is reviewed", () => {
  const kinds = langop.kinds.map(({ kind, plural, scope }) => ({ kind, plural, scope }));
  expect(reviewedTypes).toEqual(kinds);
});

test.each(langop.kinds)("no spec is too hostile for $kind", (kind) => {
  const name = kind.kind as ReviewedKind;
  fc.assert(
    fc.property(specs(kind), specs(kind), (spec, old) => {
      const others = (kind: ReviewedKind) => () =>
        ["other", "demo"].map((called) => objectOf(kind, old, { name: called }));
      const answer = admit(name, objectOf(name, spec), objectOf(name, old), {
        clusterExists: () => false,
        runtimeExists: () => false,
        models: others("LanguageModel"),
        agents: others("LanguageAgent"),
        tools: others("LanguageTool"),
      });
      expect(answer.allowed).toBe(answer.reasons.length === 0);
    }),
    { numRuns: 300 },
  );
});

/** Kinds that need no spec. */
const emptyIsFine: readonly ReviewedKind[] = [
  "LanguageCluster",
  "LanguageAgent",
  "LanguagePersona",
  "LanguageAgentRuntime",
];

test.each([null, 7, "x", [], [[]], true])("a spec that is %j is refused, not tripped over", (spec) => {
  for (const { kind } of reviewedTypes) {
    const { allowed } = admit(kind, objectOf(kind, spec), undefined, world);
    expect([kind, allowed]).toEqual([kind, spec === null && emptyIsFine.includes(kind)]);
  }
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble } from "./assemble.ts";
import { planDigest } from "./digest.ts";
import type { GatewayHeader, Part } from "./gateway.ts";
import { canonicalText } from "./json.ts";
import type { Origin } from "./origin.ts";

const gateway: Origin = { apiVersion: "langop.io/v1alpha1", kind: "LanguageCluster", name: "team-a" };
const header: GatewayHeader = {
  dialect: "langop",
  namespace: "team-a",
  name: "gateway",
  origin: gateway,
  engine: "native",
  layout: { indent: 2, keys: "contract" },
};

const name = fc.constantFrom("alpha", "beta", "gamma", "a-b", "a.b");
const origin = fc.record({
  apiVersion: fc.constant("langop.io/v1alpha1"),
  kind: fc.constant("LanguageModel"),
  namespace: fc.constant("team-a"),
  name,
});
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    concern: fc.constant("model" as const),
    position: fc.nat(12),
    value: fc.record({
      origin,
      name,
      model: fc.constantFrom("openai/gpt-4o", "azure/gpt-4"),
      delivery: fc.constant("document" as const),
      timeoutSeconds: fc.nat(900),
    }),
  }),
  fc.record({
    concern: fc.constant("route" as const),
    origin,
    value: fc.record({
      retries: fc.nat(3),
      aliases: fc.dictionary(name, name),
      defaultFallbacks: fc.array(name, { maxLength: 3 }),
    }),
  }),
  fc.record({
    concern: fc.constant("limit" as const),
    value: fc.record({
      origin,
      scope: fc.constant({ kind: "gateway" as const }),
      requestsPerMinute: fc.nat(100),
    }),
  }),
);
const shuffledParts = fc
  .array(part, { maxLength: 20 })
  .chain((parts) => fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })));

describe("assemble", () => {
  it("gives the same plan and findings whatever the order of the parts", () => {
    fc.assert(
      fc.property(shuffledParts, ([parts, shuffled]) => {
        const one = assemble(header, parts);
        const other = assemble(header, shuffled);
        expect(planDigest(other.plan)).toBe(planDigest(one.plan));
        expect(canonicalText(other.findings)).toBe(canonicalText(one.findings));
      }),
    );
  });

  it("gives equal bytes when it is done twice, and JSON that survives a round trip", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const bytes = JSON.stringify(assemble(header, parts).plan);
        expect(JSON.stringify(assemble(header, parts).plan)).toBe(bytes);
        expect(JSON.stringify(JSON.parse(bytes))).toBe(bytes);
      }),
    );
  });

  it("changes the digest when anything changes", () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 10 }), (parts) => {
        const digest = planDigest(assemble(header, parts).plan);
        expect(planDigest(assemble({ ...header, name: "other" }, parts).plan)).not.toBe(digest);
        expect(planDigest(assemble(header, [...parts, limitOf("later", 7)]).plan)).not.toBe(digest);
      }),
    );
  });

  it("freezes the plan all the way down", () => {
    const { plan } = assemble(header, [limitOf("alpha", 3)]);
    expect(Object.isFrozen(plan)).toBe(true);
    expect(Object.isFrozen(plan.limit[0]?.scope)).toBe(true);
  });

  it("keeps the order of a list inside one resource, also past ten", () => {
    const parts = Array.from(
      { length: 12 },
      (_, position): Part => ({
        concern: "model",
        position,
        value: {
          origin: { ...gateway, path: `spec.aiModels[${position}]` },
          name: `m${position}`,
          model: "openai/x",
          delivery: "document",
        },
      }),
    );
    const { plan } = assemble(header, parts.toReversed());
    expect(plan.model.map((model) => model.name)).toEqual(parts.map((_, index) => `m${index}`));
  });

  it("keeps the first origin's value on a conflict and reports the other", () => {
    const { plan, findings } = assemble(header, [
      {
        concern: "route",
        origin: { ...gateway, kind: "LanguageModel", name: "beta" },
        value: { retries: 5 },
      },
      {
        concern: "route",
        origin: { ...gateway, kind: "LanguageModel", name: "alpha" },
        value: { retries: 2 },
      },
    ]);
    expect(plan.route.retries).toBe(2);
    expect(findings).toMatchObject([
      { code: "SettingConflict", effect: "dropped", origin: { name: "beta" } },
    ]);
  });
});

function limitOf(resource: string, requestsPerMinute: number): Part {
  return {
    concern: "limit",
    value: {
      origin: { ...gateway, kind: "LanguageModel", name: resource },
      scope: { kind: "gateway" },
      requestsPerMinute,
    },
  };
}

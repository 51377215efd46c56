import type { Json, JsonObject, Overlay } from "@gatewright/plan";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyOverlay, deepMerge, mergePatch } from "./overlay.ts";
import { writeDocument } from "./write.ts";

const origin = {
  apiVersion: "litellm.palena.ai/v1alpha1",
  kind: "LiteLLMInstance",
  namespace: "ai",
  name: "gw",
  path: "spec.generalSettings.extra",
};
const key = fc.constantFrom("a", "b", "c", "d");
const { object, value } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(0, 1, "x", true, null),
    fc.array(tie("value"), { maxLength: 2 }),
    tie("object"),
  ),
  object: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
}));

const rfc7396: readonly { target: Json; patch: Json; want: Json }[] = [
  { target: { a: "b" }, patch: { a: "c" }, want: { a: "c" } },
  { target: { a: "b" }, patch: { b: "c" }, want: { a: "b", b: "c" } },
  { target: { a: "b" }, patch: { a: null }, want: {} },
  { target: { a: "b", b: "c" }, patch: { a: null }, want: { b: "c" } },
  { target: { a: ["b"] }, patch: { a: "c" }, want: { a: "c" } },
  { target: { a: "c" }, patch: { a: ["b"] }, want: { a: ["b"] } },
  { target: { a: { b: "c" } }, patch: { a: { b: "d", c: null } }, want: { a: { b: "d" } } },
  { target: { a: [{ b: "c" }] }, patch: { a: [1] }, want: { a: [1] } },
  { target: ["a", "b"], patch: ["c", "d"], want: ["c", "d"] },
  { target: { a: "b" }, patch: ["c"], want: ["c"] },
  { target: { a: "foo" }, patch: null, want: null },
  { target: { a: "foo" }, patch: "bar", want: "bar" },
  { target: { e: null }, patch: { a: 1 }, want: { e: null, a: 1 } },
  { target: [1, 2], patch: { a: "b", c: null }, want: { a: "b" } },
  { target: {}, patch: { a: { bb: { ccc: null } } }, want: { a: { bb: {} } } },
];

describe("merge patch", () => {
  it.each(rfc7396)("RFC 7396, appendix A: $target and $patch", ({ target, patch, want }) => {
    expect(mergePatch(target, patch)).toEqual(want);
  });

  it("changes nothing when it is empty, and nothing more when it is applied again", () => {
    fc.assert(
      fc.property(value, object, (target, patch) => {
        expect(mergePatch(target, {})).toEqual(
          typeof target === "object" && target !== null && !Array.isArray(target) ? target : {},
        );
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  it("brings no null of its own", () => {
    fc.assert(
      fc.property(object, (patch) => {
        expect(nullMembers(mergePatch({}, patch))).toEqual([]);
      }),
    );
  });

  it("replaces a scalar by a map, and a map by a scalar", () => {
    expect(mergePatch({ a: 1, b: { c: 1 } }, { a: { d: null, e: 1 }, b: 2 })).toEqual({ a: { e: 1 }, b: 2 });
  });

  it("takes a key that objects inherit for an ordinary one", () => {
    expect(
      Object.entries(mergePatch({}, JSON.parse('{"__proto__":{"a":1},"toString":2}') as Json) as JsonObject),
    ).toEqual([
      ["__proto__", { a: 1 }],
      ["toString", 2],
    ]);
  });
});

describe("deep merge", () => {
  it("merges maps and replaces everything else, null included", () => {
    expect(deepMerge({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3], e: null }, d: { f: null } })).toEqual({
      a: { b: 1, c: [3], e: null },
      d: { f: null },
    });
  });

  it("changes nothing when it is empty, and nothing more when it is applied again", () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        expect(deepMerge(target, {})).toEqual(target);
        const once = deepMerge(target, patch);
        expect(deepMerge(once, patch)).toEqual(once);
      }),
    );
  });
});

describe("fill", () => {
  const extra: Overlay = {
    origin,
    kind: "fill",
    block: "general_settings",
    value: { max_request_size_mb: 5, alerting: ["slack"] },
  };

  it("adds what the block lacks and reports what it has", () => {
    const { document, findings } = applyOverlay(
      { model_list: [], general_settings: { alerting: ["email"], allowed_ips: [] } },
      extra,
    );
    expect(document).toEqual({
      model_list: [],
      general_settings: { alerting: ["email"], allowed_ips: [], max_request_size_mb: 5 },
    });
    expect(findings).toMatchObject([
      {
        code: "ExtraSettingIgnored",
        effect: "dropped",
        origin,
        text: expect.stringContaining("general_settings.alerting"),
      },
    ]);
  });

  it("makes the block when there is none", () => {
    expect(applyOverlay({}, extra)).toEqual({ document: { general_settings: extra.value }, findings: [] });
  });

  it("does not make an empty block", () => {
    expect(applyOverlay({ model_list: [] }, { ...extra, value: {} }).document).toEqual({ model_list: [] });
  });

  it("never changes what is there", () => {
    fc.assert(
      fc.property(object, object, (block, more) => {
        const { document, findings } = applyOverlay({ general_settings: block }, { ...extra, value: more });
        expect(document["general_settings"]).toEqual({ ...more, ...block });
        expect(findings).toHaveLength(Object.keys(more).filter((name) => name in block).length);
      }),
    );
  });
});

describe("every kind", () => {
  const overlay = fc.record({
    origin: fc.constant(origin),
    kind: fc.constantFrom("merge-patch" as const, "deep-merge" as const, "fill" as const),
    block: fc.constant("a"),
    value: object,
  });

  it("leaves its inputs alone", () => {
    fc.assert(
      fc.property(object, overlay, (document, over) => {
        const before = JSON.stringify([document, over]);
        applyOverlay(document, over);
        expect(JSON.stringify([document, over])).toBe(before);
      }),
    );
  });

  it("leaves the bytes alone when it says nothing", () => {
    fc.assert(
      fc.property(
        object,
        overlay,
        fc.constantFrom("contract" as const, "sorted" as const),
        (document, over, keys) => {
          const layout = { indent: 4, keys } as const;
          const applied = applyOverlay(document, { ...over, value: {} }).document;
          expect(writeDocument(applied, layout)).toBe(writeDocument(document, layout));
        },
      ),
    );
  });
});

function nullMembers(json: Json, path = ""): string[] {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return [];
  return Object.entries(json).flatMap(([name, member]) =>
    member === null ? [`${path}.${name}`] : nullMembers(member, `${path}.${name}`),
  );
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diff } from "./diff.ts";
import { canonicalText } from "./json.ts";

describe("diff", () => {
  it("names what was added, removed and changed by path", () => {
    const before = { model: [{ name: "a", timeoutSeconds: 5 }], route: { retries: 2 } };
    const after = { model: [{ name: "a", timeoutSeconds: 9 }, { name: "b" }], route: {} };
    expect(diff(before, after)).toEqual([
      { path: "model[0].timeoutSeconds", kind: "changed", before: 5, after: 9 },
      { path: "model[1]", kind: "added", after: { name: "b" } },
      { path: "route.retries", kind: "removed", before: 2 },
    ]);
  });

  it("does not take what every object inherits for a member", () => {
    expect(diff({}, JSON.parse('{"toString":1,"__proto__":{"a":1}}'))).toMatchObject([
      { path: "__proto__", kind: "added" },
      { path: "toString", kind: "added", after: 1 },
    ]);
  });

  it("is empty exactly when the values are equal", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(diff(a, a)).toEqual([]);
        expect(diff(a, b).length === 0).toBe(canonicalText(a) === canonicalText(b));
      }),
    );
  });
});

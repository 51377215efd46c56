import type { Json, JsonObject } from "@gatewright/plan";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDocument } from "./check-document.ts";
import { documentShape, placedShapes, type Shape } from "./schema/shape.ts";

/** What a well-meant value of each type of leaf looks like. */
const samples: { readonly [type: string]: Json } = {
  text: "a",
  duration: "30d",
  integer: 1,
  seconds: 1.5,
  number: 1.5,
  "US dollars": 2,
  boolean: true,
  "list of texts": ["a"],
  list: [{ a: 1 }],
  map: { a: 1 },
  "map of texts": { a: "b" },
  "map of numbers": { a: 1 },
  "map of secrets": { a: "b" },
  "map of aliases": { a: "b" },
  "list of fallbacks": [{ a: ["b"] }],
  any: "a",
  secret: "a",
};

/** A document with every key there is. */
function whole(shape: Shape, leaf: (sample: Json) => Json): Json {
  switch (shape.kind) {
    case "leaf": {
      const { type, values } = shape.facts;
      const sample = values?.[0] ?? samples[type];
      if (sample === undefined) throw new Error(`no sample of ${type}`);
      return leaf(type === "list of texts" && values !== undefined ? [sample] : sample);
    }
    case "list":
      return [whole(shape.item, leaf)];
    case "entries":
      return { name: whole(shape.value, leaf) };
    case "map":
      return Object.fromEntries([...shape.members].map(([key, member]) => [key, whole(member, leaf)]));
  }
}

describe("checkDocument", () => {
  it("takes every key with a value of its type", () => {
    expect(checkDocument(whole(documentShape(), (sample) => sample) as JsonObject)).toEqual([]);
  });

  it("takes a reference for every leaf", () => {
    expect(checkDocument(whole(documentShape(), () => "os.environ/NAME") as JsonObject)).toEqual([]);
  });

  it("takes numbers and booleans as texts", () => {
    const texts = whole(documentShape(), (sample) => (typeof sample === "object" ? sample : String(sample)));
    expect(checkDocument(texts as JsonObject)).toEqual([]);
  });

  it("finds a wrong value at every leaf that has a type", () => {
    const loose = new Set(["any", "map of secrets"]);
    for (const { path, shape } of placedShapes(documentShape())) {
      if (shape.kind !== "leaf" || loose.has(shape.facts.type) || path.includes("*")) continue;
      const wrong: Json = shape.facts.type.startsWith("list") ? { a: 1 } : [[]];
      const problems = checkDocument(documentWith(path, wrong)).filter(({ path: place, code }) => {
        return place === path.replaceAll("[]", "[0]") && code === "ValueInvalid";
      });
      expect(problems.length, path).toBe(1);
    }
  });

  it("names the file when it is told", () => {
    expect(checkDocument({ x: 1 }, { file: "patch.yaml" })).toMatchObject([
      { file: "patch.yaml", path: "x" },
    ]);
    expect(checkDocument({ x: 1 })[0]).not.toHaveProperty("file");
  });

  it("refuses unknown values where the key is our own", () => {
    expect(checkDocument({ gatewright: { limits: [{ name: "a", algorithm: "gcar" }] } })).toEqual([
      {
        severity: "error",
        code: "ValueUnknown",
        path: "gatewright.limits[0].algorithm",
        text: 'has the unknown value "gcar". Did you mean "gcra"?',
      },
    ]);
  });

  it("never throws, whatever the values", () => {
    const keys = [...documentShape().members.keys()];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 4 })), (document) => {
        for (const problem of checkDocument(document as JsonObject)) expect(problem.path).not.toBe("");
      }),
      { numRuns: 300 },
    );
  });
});

/** A document with nothing but this one value: `a.b[].c` → `{a: {b: [{c: value}]}}`. */
function documentWith(path: string, value: Json): JsonObject {
  return path
    .split(".")
    .reverse()
    .reduce<Json>((inside, part) => {
      const item = part.endsWith("[]");
      return { [item ? part.slice(0, -2) : part]: item ? [inside] : inside };
    }, value) as JsonObject;
}

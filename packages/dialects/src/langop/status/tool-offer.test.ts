import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import { toolOffer } from "./tool-offer.ts";

const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  inputSchema: { type: "object" },
  ...more,
});

/** Nested so deep. */
const nested = (depth: number): Json => (depth === 0 ? "end" : { in: [nested(depth - 1)] });

test("names and schemas are kept in the server's order, without what is no schema", () => {
  const tools = [tool("b", { icons: [{ src: "data:" }], _meta: { a: 1 }, title: "B" }), tool("a")];
  expect(toolOffer(tools, true)).toEqual({
    names: ["b", "a"],
    schemas: [tool("b", { title: "B" }), tool("a")],
  });
});

test("nulls are left out, as the API server does in a merge patch", () => {
  const inputSchema = {
    properties: { q: { default: null, enum: ["a", null], type: ["string", "null"] } },
    x: 0,
  };
  expect(toolOffer([tool("a", { inputSchema })], true).schemas).toEqual([
    tool("a", { inputSchema: { properties: { q: { enum: ["a"], type: ["string", "null"] } }, x: 0 } }),
  ]);
});

test("halves of characters are replaced, as the API server does", () => {
  const { names, schemas } = toolOffer(
    [tool("a\ud800", { description: "\udc00", inputSchema: { "\ud800": 1 } })],
    true,
  );
  expect(names).toEqual(["a\ufffd"]);
  expect(schemas).toEqual([{ name: "a\ufffd", description: "\ufffd", inputSchema: { "\ufffd": 1 } }]);
});

describe("bounds", () => {
  test("a list that is cut says so", () => {
    expect(toolOffer([tool("a")], false)).toEqual({
      names: ["a"],
      schemas: [tool("a")],
      note: "It has more, which are not listed.",
    });
  });

  test("schemas of more than 256 KiB are left out, the names stay", () => {
    const large = (bytes: number) => [tool("a"), tool("b", { description: "é".repeat(bytes / 2) })];
    expect(toolOffer(large(255 * 1024), true).schemas).toHaveLength(2);
    expect(toolOffer(large(257 * 1024), true)).toEqual({
      names: ["a", "b"],
      note: "Their schemas are larger than 256 KiB, so they are not listed.",
    });
  });

  test.each([30, 5_000])("schemas %i levels deep", (depth) => {
    const offer = toolOffer([tool("a", { inputSchema: { in: nested(depth) } }), tool("b")], true);
    expect(offer.names).toEqual(["a", "b"]);
    if (depth === 30) expect(offer.schemas?.every(isJsonObject)).toBe(true);
    else
      expect(offer).toEqual({ names: ["a", "b"], note: "Their schemas are nested too deeply to be listed." });
  });

  test("a long name is cut", () => {
    expect(toolOffer([tool("n".repeat(500))], true).names[0]).toHaveLength(128);
  });
});

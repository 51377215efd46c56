import { describe, expect, it } from "vitest";
import { documentShape, placedShapes } from "../schema/shape.ts";
import { supportOf, supportRows } from "./table.ts";

const placed = [...placedShapes(documentShape())];
const leaves = placed.filter(({ shape }) => shape.kind === "leaf").map(({ path }) => path);

describe("the support table", () => {
  it("has a row for every leaf", () => {
    expect(leaves.filter((path) => supportOf(path) === undefined)).toEqual([]);
  });

  it("has no row without a leaf or block", () => {
    const known = new Set(placed.map(({ path }) => path));
    expect(supportRows.map(([path]) => path).filter((path) => !known.has(path))).toEqual([]);
  });

  it("has one row per setting, and none inside a block that has its own", () => {
    const paths = supportRows.map(([path]) => path);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
    const hidden = paths.filter((path) =>
      paths.some((other) => [".", "["].some((next) => path.startsWith(`${other}${next}`))),
    );
    expect(hidden).toEqual([]);
  });

  it("says why wherever it does not honour a setting", () => {
    const silent = supportRows.filter(([, entry]) => entry.support !== "honoured" && entry.note === "");
    expect(silent.map(([path]) => path)).toEqual([]);
  });
});

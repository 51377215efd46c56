import { expect, test } from "vitest";
import { checkSizes } from "./sizes.ts";
import { temporaryTree } from "./temporary-tree.ts";

const lines = (count: number): string => "x\n".repeat(count);

test.each([
  { name: "400 lines of source", path: "packages/a/src/x.ts", count: 400, want: [] },
  {
    name: "401 lines of source",
    path: "packages/a/src/x.ts",
    count: 401,
    want: ["401 lines, the limit is 400"],
  },
  { name: "800 lines of test", path: "packages/a/src/x.test.ts", count: 800, want: [] },
  {
    name: "801 lines of test",
    path: "packages/a/src/x.test.ts",
    count: 801,
    want: ["801 lines, the limit is 800"],
  },
  { name: "generated code of any length", path: "packages/a/src/generated/x.ts", count: 5000, want: [] },
  { name: "an entry", path: "packages/a/src/index.ts", count: 1, want: [] },
  {
    name: "a barrel",
    path: "packages/a/src/b/index.ts",
    count: 1,
    want: ["only a package's entry is called index"],
  },
  { name: "a vague file", path: "tools/helpers.test.ts", count: 1, want: ['instead of "helpers"'] },
  { name: "a vague folder", path: "packages/a/src/common/x.ts", count: 1, want: ['instead of "common"'] },
  { name: "camel case", path: "packages/a/src/theThing.ts", count: 1, want: ["kebab-case"] },
  { name: "a capital folder", path: "bench/Runs/x.ts", count: 1, want: ["kebab-case"] },
  { name: "data of any name", path: "e2e/DATA_1.json", count: 9000, want: [] },
])("judges $name", async ({ path, count, want }) => {
  const { problems } = await checkSizes(temporaryTree({ [path]: lines(count) }));
  expect(problems).toEqual(want.map((text) => expect.stringContaining(text)));
});

test("warns above 250 lines without failing", async () => {
  const { problems, warnings } = await checkSizes(temporaryTree({ "tools/x.ts": lines(251) }));
  expect(problems).toEqual([]);
  expect(warnings).toEqual(["tools/x.ts: 251 lines, aim for 250"]);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generate, loadGenerators } from "./generate.ts";
import { temporaryTree } from "./temporary-tree.ts";

const path = "packages/a/src/generated/list.ts";
const generator = (outputs: Record<string, string>, name = "lists") => ({
  name,
  outputs: async () => outputs,
});

test("writes what is missing or different, then finds no drift", async () => {
  const root = temporaryTree({ "docs/reference/keys.md": "old\n" });
  const generators = [generator({ [path]: "one\n", "docs/reference/keys.md": "new\n" })];
  const first = await generate(root, generators, false);
  expect(first).toEqual({ problems: [], written: [path, "docs/reference/keys.md"] });
  expect(readFileSync(join(root, "docs/reference/keys.md"), "utf8")).toBe("new\n");
  expect(await generate(root, generators, true)).toEqual({ problems: [], written: [] });
});

test("the check writes nothing and says which file and line differ", async () => {
  const root = temporaryTree({ [path]: "one\nzwei\n" });
  const generators = [generator({ [path]: "one\ntwo\n", "generated/b.txt": "b\n" })];
  const { problems, written } = await generate(root, generators, true);
  expect(written).toEqual([]);
  expect(problems).toEqual([
    `${path} (lists): differs at line 2\n  - zwei\n  + two`,
    "generated/b.txt (lists): missing",
  ]);
  expect(readFileSync(join(root, path), "utf8")).toBe("one\nzwei\n");
});

test.each([
  {
    name: "a place where people write",
    outputs: { "packages/a/src/x.ts": "" },
    want: "may write only under",
  },
  { name: "a place outside the root", outputs: { "../generated/x.ts": "" }, want: "may write only under" },
])("refuses $name", async ({ outputs, want }) => {
  const { problems, written } = await generate(temporaryTree({}), [generator(outputs)], false);
  expect(written).toEqual([]);
  expect(problems).toEqual([expect.stringContaining(want)]);
});

test("refuses two generators of one file", async () => {
  const generators = [generator({ [path]: "a" }), generator({ [path]: "b" }, "others")];
  const { problems } = await generate(temporaryTree({}), generators, false);
  expect(problems).toEqual([`${path}: made by both lists and others`]);
});

test("reports a generated file that no generator makes any more", async () => {
  const root = temporaryTree({ "packages/a/src/b/generated/old.ts": "" });
  const { problems } = await generate(root, [], true);
  expect(problems).toEqual(["packages/a/src/b/generated/old.ts: no generator makes it; delete it"]);
});

test("finds generators by their files", async () => {
  const root = temporaryTree({
    "b.ts": 'export const generator = { name: "b", outputs: async () => ({}) };',
    "a.ts": 'export const generator = { name: "a", outputs: async () => ({}) };',
    "a.test.ts": "throw new Error('not loaded');",
  });
  expect((await loadGenerators(root)).map(({ name }) => name)).toEqual(["a", "b"]);
  expect(await loadGenerators(join(root, "nowhere"))).toEqual([]);
  const broken = temporaryTree({ "c.ts": "export {};" });
  await expect(loadGenerators(broken)).rejects.toThrow("exports no `generator`");
});

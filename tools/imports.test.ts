import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readImportTable } from "./import-table.ts";
import { checkImports } from "./imports.ts";
import { temporaryTree } from "./temporary-tree.ts";

const repository = resolve(import.meta.dirname, "..");

const table = `
| package | is | may import |
|---|---|---|
| \`plan\` | a | – |
| \`litellm\` | b | plan |
| \`gateway\` | c | litellm |
| \`console\` | d | – (HTTP only) |
| \`cli\` | e | any |
| \`testkit\` | f | any; imported by tests only |
`;

const manifest = (name: string, ...dependencies: string[]): string =>
  JSON.stringify({ name, dependencies: Object.fromEntries(dependencies.map((item) => [item, "*"])) });

/** A small tree in which everything is allowed; each case adds what is not. */
const tree = {
  "docs/architecture.md": `# Architecture\n${table}\nMore text.\n`,
  "package.json": JSON.stringify({ devDependencies: { vitest: "*" } }),
  "packages/plan/package.json": manifest("@gatewright/plan"),
  "packages/plan/src/index.ts": 'import { createHash } from "node:crypto";\nexport const x = createHash;\n',
  "packages/litellm/package.json": manifest("@gatewright/litellm", "@gatewright/plan", "yaml"),
  "packages/litellm/src/index.ts": 'export { x } from "@gatewright/plan";\nimport "yaml";\n',
  "packages/gateway/package.json": manifest("@gatewright/gateway", "@gatewright/litellm", "yaml"),
  "packages/gateway/src/a.test.ts": 'import "vitest";\nimport "@gatewright/testkit";\nimport "yaml";\n',
  "packages/cli/package.json": manifest("gatewright", "@gatewright/gateway", "@gatewright/testkit"),
  "packages/cli/src/main.ts": 'await import("@gatewright/gateway");\n',
  "packages/testkit/package.json": manifest("@gatewright/testkit", "@gatewright/plan"),
  "packages/testkit/src/index.ts": 'import "vitest";\nimport "@gatewright/plan";\nimport "node:fs";\n',
};

test("the real tree obeys the table of docs/architecture.md", async () => {
  expect(await checkImports(repository)).toEqual([]);
});

test("a tree that obeys passes", async () => {
  expect(await checkImports(temporaryTree(tree))).toEqual([]);
});

const cases = [
  {
    name: "a package its row does not list",
    path: "packages/plan/src/a.ts",
    text: 'import { y } from "@gatewright/litellm";\n',
    want: "packages/plan/src/a.ts:1: imports @gatewright/litellm: plan may not import litellm (import table, docs/architecture.md)",
  },
  {
    name: "the same in a type, a re-export, a dynamic import and a test",
    path: "packages/litellm/src/a.test.ts",
    text: [
      'import type { A } from "@gatewright/gateway";',
      'export * from "@gatewright/gateway/a";',
      'export { a } from "@gatewright/gateway";',
      'await import("@gatewright/gateway");',
      'export type B = import("@gatewright/gateway").B;',
    ].join("\n"),
    want: [1, 2, 3, 4, 5].map((line) =>
      expect.stringMatching(
        new RegExp(`^packages/litellm/src/a\\.test\\.ts:${line}: .* litellm may not import gateway`),
      ),
    ),
  },
  {
    name: "testkit in production code, even of a package that may import any",
    path: "packages/cli/src/a.ts",
    text: '\nimport "@gatewright/testkit";\n',
    want: "packages/cli/src/a.ts:2: imports @gatewright/testkit: testkit is imported by tests only",
  },
  {
    name: "a package folder without a row",
    path: "packages/surprise/src/index.ts",
    text: "export {};\n",
    want: "packages/surprise: no row in the import table of docs/architecture.md",
  },
  {
    name: "a package that does not exist",
    path: "packages/cli/src/a.ts",
    text: 'import "@gatewright/nowhere";\n',
    want: "packages/cli/src/a.ts:1: imports @gatewright/nowhere: there is no such package",
  },
  {
    name: "a relative import out of the package",
    path: "packages/cli/src/a.ts",
    text: 'import "../../plan/src/index.ts";\n',
    want: "packages/cli/src/a.ts:1: imports ../../plan/src/index.ts: relative import out of its package",
  },
  {
    name: "a dependency that package.json does not declare",
    path: "packages/litellm/src/a.ts",
    text: 'import "zod/mini";\n',
    want: "packages/litellm/src/a.ts:1: imports zod/mini: zod is not declared in packages/litellm/package.json",
  },
  {
    name: "a development dependency in production code",
    path: "packages/litellm/src/a.ts",
    text: 'import "vitest";\n',
    want: "packages/litellm/src/a.ts:1: imports vitest: vitest is not declared in packages/litellm/package.json",
  },
  {
    name: "a parser in the gateway",
    path: "packages/gateway/src/a.ts",
    text: 'import { parse } from "yaml";\n',
    want: "packages/gateway/src/a.ts:1: imports yaml: the document is parsed in litellm, never on the hot path",
  },
  {
    name: "I/O in the plan",
    path: "packages/plan/src/a.ts",
    text: 'import { readFileSync } from "node:fs";\n',
    want: "packages/plan/src/a.ts:1: imports node:fs: the plan is pure: no I/O",
  },
  {
    name: "a lazy import of a foreign package",
    path: "packages/litellm/src/a.ts",
    text: 'await import("yaml");\n',
    want: "packages/litellm/src/a.ts:1: imports yaml: import() a file of your own that imports it statically; by itself it loses its names in the bundle",
  },
  {
    name: "a computed import",
    path: "packages/cli/src/a.ts",
    text: "await import(process.argv[2]);\n",
    want: "packages/cli/src/a.ts:1: import() of a computed name cannot be checked",
  },
  {
    name: "a file that cannot be parsed",
    path: "packages/cli/src/a.ts",
    text: "import from from from;\n",
    want: expect.stringMatching(/^packages\/cli\/src\/a\.ts: /),
  },
];

test.each(cases)("refuses $name", async ({ path, text, want }) => {
  const problems = await checkImports(temporaryTree({ ...tree, [path]: text }));
  expect(problems).toEqual(Array.isArray(want) ? want : [want]);
});

describe("the table", () => {
  test("is read from the real page", async () => {
    const rules = readImportTable(await readFile(resolve(repository, "docs/architecture.md"), "utf8"));
    expect(rules.get("litellm")?.allows("plan")).toBe(true);
    expect(rules.get("plan")?.allows("litellm")).toBe(false);
    expect([...rules].filter(([, rule]) => rule.testsOnly).map(([name]) => name)).toEqual(["testkit"]);
  });

  test.each([
    { name: "is missing", markdown: "# Architecture\n", error: "no table headed" },
    {
      name: "allows a package without a row",
      markdown: table.replace("| plan |", "| plans |"),
      error: "`plans`",
    },
    { name: "has a cell nobody understands", markdown: table.replace("– (HTTP", "(HTTP"), error: "no row" },
    {
      name: "has two rows of one name",
      markdown: table.replace("`cli`", "`plan`"),
      error: "two rows for plan",
    },
  ])("is refused when it $name", ({ markdown, error }) => {
    expect(() => readImportTable(markdown)).toThrow(error);
  });
});

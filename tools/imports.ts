import { readdir, readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join, posix } from "node:path";
import process from "node:process";
import { parseSync, Visitor } from "oxc-parser";
import { type ImportRule, readImportTable } from "./import-table.ts";
import { report } from "./report.ts";
import { listSources } from "./source-files.ts";

interface Import {
  readonly line: number;
  readonly specifier: string;
  /** `import()`: at run time, and in the bundle a chunk of its own. */
  readonly lazy: boolean;
}

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: ReadonlySet<string>;
  readonly testDependencies: ReadonlySet<string>;
}

/** What the table cannot say: modules that production code of a package must not touch, and why. */
const bans: Readonly<Record<string, (specifier: string) => string | undefined>> = {
  gateway: (specifier) =>
    /^(zod|yaml)(\/|$)/.test(specifier)
      ? "the document is parsed in litellm, never on the hot path"
      : undefined,
  plan: (specifier) =>
    specifier.startsWith("node:") && specifier !== "node:crypto" ? "the plan is pure: no I/O" : undefined,
};

/** Every module a source file names: imports, re-exports, `import()`, `import("x").Type`; types count like values. */
export function readImports(path: string, source: string): { imports: Import[]; problems: string[] } {
  const imports: Import[] = [];
  const problems: string[] = [];
  const lineAt = (offset: number): number => source.slice(0, offset).split("\n").length;
  const note = (node: { start: number }, value: unknown, lazy = false): void => {
    if (typeof value === "string") imports.push({ line: lineAt(node.start), specifier: value, lazy });
    else problems.push(`${path}:${lineAt(node.start)}: import() of a computed name cannot be checked`);
  };
  const { program, errors } = parseSync(path, source);
  for (const error of errors) problems.push(`${path}: ${error.message}`);
  new Visitor({
    ImportDeclaration: (node) => note(node, node.source.value),
    ExportAllDeclaration: (node) => note(node, node.source.value),
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) note(node, node.source.value);
    },
    ImportExpression: (node) =>
      note(node, node.source.type === "Literal" ? node.source.value : undefined, true),
    TSImportType: (node) => note(node, node.source.value),
  }).visit(program);
  return { imports, problems };
}

async function readPackages(root: string): Promise<Package[]> {
  const rootManifest = await readManifest(join(root, "package.json"));
  const entries = await readdir(join(root, "packages"), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    folders.sort().map(async (folder) => {
      const manifest = await readManifest(join(root, "packages", folder, "package.json"));
      const dependencies = new Set(Object.keys(manifest.dependencies ?? {}));
      const development = [manifest.devDependencies, rootManifest.devDependencies];
      const testDependencies = new Set(development.flatMap((group) => Object.keys(group ?? {})));
      return { folder, name: manifest.name ?? "", dependencies, testDependencies };
    }),
  );
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  return JSON.parse(text) as Manifest;
}

/** Checks the packages under `root` against the table in its `docs/architecture.md`. Returns the problems found. */
export async function checkImports(root: string): Promise<string[]> {
  const table = readImportTable(await readFile(join(root, "docs/architecture.md"), "utf8"));
  const packages = await readPackages(root);
  const problems: string[] = [];
  for (const { folder } of packages) {
    if (table.has(folder)) continue;
    problems.push(`packages/${folder}: no row in the import table of docs/architecture.md`);
  }
  const { files } = await listSources(
    root,
    packages.map(({ folder }) => `packages/${folder}/src`),
  );
  for (const path of files.filter((file) => file.endsWith(".ts"))) {
    const owner = packages.find(({ folder }) => path.startsWith(`packages/${folder}/`));
    const rule = table.get(owner?.folder ?? "");
    if (owner === undefined || rule === undefined) continue;
    const found = readImports(path, await readFile(join(root, path), "utf8"));
    problems.push(...found.problems);
    for (const { line, specifier, lazy } of found.imports) {
      const fault = judge({ path, specifier, lazy, owner, rule, table, packages });
      if (fault !== undefined) problems.push(`${path}:${line}: imports ${specifier}: ${fault}`);
    }
  }
  return problems;
}

interface Case {
  readonly path: string;
  readonly specifier: string;
  readonly lazy: boolean;
  readonly owner: Package;
  readonly rule: ImportRule;
  readonly table: ReadonlyMap<string, ImportRule>;
  readonly packages: readonly Package[];
}

/** Says what is wrong with one import, if anything. */
function judge({ path, specifier, lazy, owner, rule, table, packages }: Case): string | undefined {
  const isTest = path.endsWith(".test.ts");
  const forTests = isTest || rule.testsOnly;
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier);
    return target.startsWith(`packages/${owner.folder}/`) ? undefined : "relative import out of its package";
  }
  const banned = forTests ? undefined : bans[owner.folder]?.(specifier);
  if (banned !== undefined) return banned;
  if (specifier.startsWith("node:")) return undefined;
  if (builtinModules.includes(specifier)) return `write node:${specifier}`;

  const dependency = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const target = packages.find(({ name }) => name === dependency);
  if (target === undefined && dependency.startsWith("@gatewright/")) return "there is no such package";
  if (target === owner) return "a package imports its own files by relative path";
  if (target !== undefined) {
    const testsOnly = table.get(target.folder)?.testsOnly === true;
    if (testsOnly && !isTest) return `${target.folder} is imported by tests only`;
    // What tests use need not be installed with the package, and the table does not list it.
    if (testsOnly) return undefined;
    if (!rule.allows(target.folder)) {
      return `${owner.folder} may not import ${target.folder} (import table, docs/architecture.md)`;
    }
  }
  // In the bundle `import()` of a CommonJS package has a default export only: right from source, broken when built.
  if (target === undefined && lazy && !forTests) {
    return "import() a file of your own that imports it statically; by itself it loses its names in the bundle";
  }
  if (owner.dependencies.has(dependency)) return undefined;
  if (forTests && owner.testDependencies.has(dependency)) return undefined;
  return `${dependency} is not declared in packages/${owner.folder}/package.json`;
}

if (import.meta.main) {
  const advice = "Move the code, or change the table in docs/architecture.md in a commit that says why.";
  report("imports", await checkImports(process.cwd()), advice);
}

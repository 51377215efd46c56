import { glob, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { Generator } from "./generator.ts";
import { report } from "./report.ts";

/**
 * Where generated files may stand: nowhere a person would edit them by mistake. The install files stand at the top of
 * `deploy/`, where those who apply them look, and say in their first lines that they are made.
 */
const places =
  /^(.+\/generated\/|generated\/|docs\/reference\/|deploy\/crds\/|deploy\/install(-[a-z]+)?\.yaml$)/;
const existing = [
  "packages/*/src/**/generated/**",
  "docs/reference/**",
  "deploy/crds/**",
  "deploy/install*.yaml",
];

/** Loads `tools/generators/*.ts`; there may be none. */
export async function loadGenerators(folder: string): Promise<Generator[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts")).sort();
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(pathToFileURL(join(folder, file)).href)) as { generator?: Generator };
      if (module.generator !== undefined) return module.generator;
      throw new Error(`tools/generators/${file}: exports no \`generator\` (see tools/generator.ts)`);
    }),
  );
}

/** The first line in which two texts differ, for people. */
function firstDifference(actual: string, wanted: string): string {
  const [have, want] = [actual.split("\n"), wanted.split("\n")];
  const line = want.findIndex((text, index) => text !== have[index]);
  const at = line === -1 ? want.length : line;
  return `line ${at + 1}\n  - ${have[at] ?? "(end of file)"}\n  + ${want[at] ?? "(end of file)"}`;
}

/**
 * Writes what the generators make under `root`, or, with `check`, only compares. Returns the problems: drift, paths
 * outside the places for generated files, two generators of one file, and generated files that nobody makes any more.
 */
export async function generate(
  root: string,
  generators: readonly Generator[],
  check: boolean,
): Promise<{ problems: string[]; written: string[] }> {
  const problems: string[] = [];
  const written: string[] = [];
  const owners = new Map<string, string>();
  for (const generator of generators) {
    for (const [path, wanted] of Object.entries(await generator.outputs())) {
      const other = owners.get(path);
      owners.set(path, generator.name);
      if (other !== undefined) {
        problems.push(`${path}: made by both ${other} and ${generator.name}`);
        continue;
      }
      if (!places.test(path) || path.includes("..")) {
        problems.push(
          `${path}: ${generator.name} may write only under generated/, docs/reference/, deploy/crds/, or deploy/install*.yaml`,
        );
        continue;
      }
      const actual = await readFile(join(root, path), "utf8").catch(() => undefined);
      if (actual === wanted) continue;
      if (check) {
        const what = actual === undefined ? "missing" : `differs at ${firstDifference(actual, wanted)}`;
        problems.push(`${path} (${generator.name}): ${what}`);
        continue;
      }
      await mkdir(join(root, dirname(path)), { recursive: true });
      await writeFile(join(root, path), wanted);
      written.push(path);
    }
  }
  // A generated file that outlives its generator would be edited, or believed.
  for await (const entry of glob(existing, { cwd: root, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(join(root, "/").length).replaceAll("\\", "/");
    if (entry.isFile() && !owners.has(path)) problems.push(`${path}: no generator makes it; delete it`);
  }
  return { problems, written };
}

if (import.meta.main) {
  const root = process.cwd();
  const generators = await loadGenerators(join(root, "tools/generators"));
  const { problems, written } = await generate(root, generators, process.argv.includes("--check"));
  for (const path of written) process.stdout.write(`wrote ${path}\n`);
  report("generated", problems, "Run `npm run generate` and commit what it writes.");
}

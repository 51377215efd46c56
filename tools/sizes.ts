import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import process from "node:process";
import { report } from "./report.ts";
import { listSources } from "./source-files.ts";

const limits = { soft: 250, source: 400, test: 800 };

/** Names under which unrelated things gather. */
const vague = new Set(["utils", "util", "common", "helpers", "helper", "misc", "shared", "globals"]);

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const code = /\.(ts|mts|cts|js|mjs|cjs)$/;

export interface Sizes {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

function nameProblem(path: string): string | undefined {
  const name = posix.basename(path);
  const [stem = ""] = name.split(".");
  if (vague.has(stem)) return `${path}: say what is in it instead of "${stem}"`;
  if (!kebab.test(name)) return `${path}: names are kebab-case`;
  if (/^index\.\w+$/.test(name) && !/^packages\/[^/]+\/src\/index\.ts$/.test(path)) {
    return `${path}: only a package's entry is called index; import the file that has the thing`;
  }
  return undefined;
}

/** Checks names and lengths of the project's own sources under `root` (generated code is exempt). */
export async function checkSizes(root: string): Promise<Sizes> {
  const problems: string[] = [];
  const warnings: string[] = [];
  const { files, folders } = await listSources(root, ["packages", "tools", "bench", "e2e"]);
  const sources = files.filter((path) => code.test(path));
  for (const path of [...folders, ...sources]) {
    const problem = nameProblem(path);
    if (problem !== undefined) problems.push(problem);
  }
  for (const path of sources) {
    const text = await readFile(join(root, path), "utf8");
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    const isTest = /\.test\.\w+$/.test(path);
    const limit = isTest ? limits.test : limits.source;
    if (lines > limit) problems.push(`${path}: ${lines} lines, the limit is ${limit}`);
    else if (!isTest && lines > limits.soft) warnings.push(`${path}: ${lines} lines, aim for ${limits.soft}`);
  }
  return { problems, warnings };
}

if (import.meta.main) {
  const { problems, warnings } = await checkSizes(process.cwd());
  for (const warning of warnings) process.stdout.write(`${warning}\n`);
  report("sizes", problems, "Split a file by concern, or name it after its one main export.");
}

import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * What of a folder an image build gets, by its `.dockerignore`: of the patterns that match a path or a folder above it,
 * the last one decides. Reads what the project's own file uses: `*`, `**` and `!`.
 */
export function contextFilter(dockerignore: string): (path: string) => boolean {
  const patterns = dockerignore
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ keeps: line.startsWith("!"), expression: expressionOf(line.replace(/^!/, "")) }));
  return (path) => patterns.findLast(({ expression }) => expression.test(path))?.keeps ?? true;
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split("/")
    .map((part) =>
      part === "**"
        ? "(?:[^/]+/)*"
        : `${part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}/`,
    )
    .join("")
    .replace(/\/$/, "");
  return new RegExp(`^${source}(?:/.*)?$`);
}

/** Copies what an image build would get of `root` to `target`. */
export async function copyContext(root: string, target: string, dockerignore: string): Promise<void> {
  const keeps = contextFilter(dockerignore);
  // What is left out at the top holds nothing that is kept, in this project; `.git` and `node_modules` are not walked.
  for (const entry of await readdir(root)) {
    if (!keeps(entry)) continue;
    await cp(join(root, entry), join(target, entry), {
      recursive: true,
      filter: (source) => keeps(source.slice(root.length + 1)),
    });
  }
}

import { mkdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { type SeedFile, seedFiles } from "./seed-source.ts";
import { type Seeded, seedFile } from "./seed-target.ts";
import type { Surroundings } from "./surroundings.ts";
import { complain, report } from "./trouble.ts";

/**
 * `gatewright seed SOURCE… TARGET`: puts the files of the sources into the target, as far as nothing there has their name.
 * Of two sources with one file the first wins. What is in its way is told, and no reason to fail: the target belongs to
 * whoever works there.
 */
export function seed(paths: readonly string[], surroundings: Surroundings): ExitCode {
  const [target = "", ...sources] = paths.map((path) => resolve(surroundings.folder, path)).reverse();
  if (sources.length === 0) {
    complain(surroundings, "Give one or more folders with files, and last the folder they are put into.");
    return exitCode.unusable;
  }
  let files: readonly SeedFile[];
  try {
    // All is read before anything is written, in case that one lies in the other.
    files = firstOfEach(sources.reverse().flatMap(seedFiles));
  } catch (error) {
    complain(surroundings, `The sources cannot be read, so nothing is written: ${reasonOf(error)}.`);
    return exitCode.unusable;
  }
  try {
    mkdirSync(target, { recursive: true });
    const root = realpathSync(target);
    for (const file of files) tell(file, seedFile(root, file), surroundings);
    return exitCode.done;
  } catch (error) {
    complain(surroundings, `The files cannot be put into ${target}: ${reasonOf(error)}.`);
    return exitCode.failed;
  }
}

function tell({ steps }: SeedFile, outcome: Seeded, surroundings: Surroundings): void {
  const name = join(...steps);
  if (typeof outcome === "string") surroundings.output(`${outcome} ${name}\n`);
  else report(surroundings, [{ level: "warning", text: `${name} is not written: ${outcome.refused}.` }]);
}

function firstOfEach(files: readonly SeedFile[]): readonly SeedFile[] {
  const names = new Set<string>();
  return files.filter(({ steps }) => {
    const name = join(...steps);
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

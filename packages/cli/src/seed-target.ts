import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, sep } from "node:path";
import type { SeedFile } from "./seed-source.ts";

/** What became of a file. */
export type Seeded = "written" | "kept" | Refused;

/** Why a file is left out. */
export interface Refused {
  readonly refused: string;
}

/** Begins the names under which files are written before they are moved to where they belong. */
const unfinished = ".gatewright-seed-";

/**
 * Writes a file below `root`, a real path, unless there is something of that name. It is there whole or not at all, and
 * nothing is written outside of `root`, wherever links in it lead. Throws what the system says when it cannot be written.
 */
export function seedFile(root: string, { steps, path }: SeedFile): Seeded {
  const folder = folderFor(root, steps.slice(0, -1));
  if (typeof folder !== "string") return folder;
  const target = join(folder, steps.at(-1) ?? "");
  if (exists(target)) return "kept";
  removeUnfinished(folder);
  const beside = join(folder, `${unfinished}${randomBytes(8).toString("hex")}`);
  try {
    writeWhole(beside, path);
    return moved(beside, target) ? "written" : "kept";
  } finally {
    rmSync(beside, { force: true });
  }
}

/** The folder of a file, made step by step; a link counts by where it leads. */
function folderFor(root: string, steps: readonly string[]): string | Refused {
  let folder = root;
  for (const step of steps) {
    const next = join(folder, step);
    if (!exists(next)) mkdirSync(next, { recursive: true }); // Another pod may be quicker.
    if (statSync(next, { throwIfNoEntry: false })?.isDirectory() !== true) {
      return { refused: `${next} is no folder` };
    }
    folder = realpathSync(next);
    if (folder !== root && !folder.startsWith(root.endsWith(sep) ? root : root + sep)) {
      return { refused: `${next} leads out of ${root}` };
    }
  }
  return folder;
}

/** Whether anything has this name, a link that leads nowhere too. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function writeWhole(path: string, source: string): void {
  const { mode } = statSync(source);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  // Whoever works with the file may write it, even if it was mounted read-only.
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, (mode & 0o777) | 0o600);
  try {
    writeFileSync(file, readFileSync(source));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Volumes that know no hard links say one of these. */
const withoutLinks: ReadonlySet<unknown> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Gives a file its name; false when somebody else was first. A link, unlike a rename, never replaces a file. */
function moved(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!withoutLinks.has(code)) throw error;
    if (exists(to)) return false;
    renameSync(from, to);
    return true;
  }
}

/** No file takes as long as this to be written. */
const longestWrite = 10 * 60_000;

/** What a seed that was killed has left. Fresh ones stay: they may be another pod's, which is under way. */
function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(unfinished)) continue;
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() === true && Date.now() - stats.mtimeMs > longestWrite) rmSync(path, { force: true });
  }
}

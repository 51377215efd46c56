import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { report } from "./report.ts";

/** What we read and write of an entry of package-lock.json (version 3). */
interface LockEntry {
  name?: string;
  version?: string;
  resolved?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface Lock {
  packages: Record<string, LockEntry>;
  [key: string]: unknown;
}

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = ["arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** Where the lock file has the package that `name` means for the package at `from`, as Node resolves it. */
function locked(lock: Lock, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    if (`${folder}/node_modules/${name}`.replace(/^\//, "") in lock.packages) return true;
    if (folder === "") return false;
  }
}

/** The platform fields a binary package's own package.json would have, told from its name. */
export function platformOf(name: string): Pick<LockEntry, "os" | "cpu" | "libc"> {
  const words = name.split(/[/-]/).map((word) => (word === "win" ? "win32" : word));
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (words.includes("arm")) cpu.push("arm");
  const libc = words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : words.some((word) => word.startsWith("gnu"))
      ? ["glibc"]
      : [];
  return {
    ...(os.length > 0 ? { os } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 ? { libc } : {}),
  };
}

/** Reads `1.2.3`, `^1.2.3` or `npm:other@1.2.3`. */
function wanted(specifier: string): { name?: string; version: string } | undefined {
  const match = /^(?:npm:(?<name>.+)@)?[~^]?(?<version>\d+\.\d+\.\d+[\w.+-]*)$/.exec(specifier);
  const { name, version } = match?.groups ?? {};
  if (version === undefined) return undefined;
  return name === undefined ? { version } : { name, version };
}

/**
 * Adds to the lock file what `npm install` silently left out: optional dependencies (binaries of other platforms)
 * that the registry it asked does not carry. Without their entries `npm ci` fails with "Missing: … from lock file".
 * Returns the names added; adding twice adds nothing.
 */
export function completeLock(lock: Lock): { added: string[]; problems: string[] } {
  const added: string[] = [];
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, specifier] of Object.entries(entry.optionalDependencies ?? {})) {
      if (locked(lock, path, name)) continue;
      const version = wanted(specifier);
      if (version === undefined) {
        problems.push(`package-lock.json: ${path} wants ${name}@${specifier}, which is not one version`);
        continue;
      }
      // Without a platform npm would try to install it everywhere, and fail where it is needed least.
      const platform = platformOf(name);
      if (platform.os === undefined && platform.cpu === undefined) {
        problems.push(`package-lock.json: cannot tell the platform of ${name} from its name`);
        continue;
      }
      lock.packages[`node_modules/${name}`] = {
        ...version,
        ...(entry.dev === true ? { dev: true } : {}),
        optional: true,
        ...platform,
      };
      added.push(name);
    }
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  lock.packages = Object.fromEntries(sorted);
  return { added, problems };
}

/** Registry hosts in the lock file, and dependencies of a package.json that the lock file does not know. */
export async function staleEntries(lock: Lock, root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (/^[a-z+]+:\/\//.test(entry.resolved ?? "")) problems.push(`package-lock.json: ${path} names a host`);
    if (path.includes("node_modules/")) continue;
    const text = await readFile(join(root, path, "package.json"), "utf8").catch(() => undefined);
    if (text === undefined) {
      problems.push(`package-lock.json: ${path} is locked but has no package.json`);
      continue;
    }
    const manifest = JSON.parse(text) as LockEntry;
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies"] as const) {
      const names = new Set([...Object.keys(manifest[kind] ?? {}), ...Object.keys(entry[kind] ?? {})]);
      for (const name of names) {
        const [declared, recorded] = [manifest[kind]?.[name], entry[kind]?.[name]];
        if (declared === recorded) continue;
        const where = join(path, "package.json");
        problems.push(`${where}: ${kind} ${name}: ${declared ?? "none"}, locked as ${recorded ?? "none"}`);
      }
    }
  }
  return problems;
}

if (import.meta.main) {
  const path = "package-lock.json";
  const text = await readFile(path, "utf8");
  const lock = JSON.parse(text) as Lock;
  const { added, problems } = completeLock(lock);
  problems.push(...(await staleEntries(lock, ".")));
  const completed = `${JSON.stringify(lock, null, 2)}\n`;
  if (process.argv.includes("--check")) {
    problems.push(...added.map((name) => `package-lock.json: ${name} is missing`));
    if (added.length === 0 && completed !== text) problems.push("package-lock.json: not in npm's order");
  } else if (completed !== text) {
    await writeFile(path, completed);
    process.stdout.write(`package-lock.json: added ${added.length}\n`);
  }
  report("lock", problems, "Run `npm run lock` (installs under Node 24, then completes the lock file).");
}

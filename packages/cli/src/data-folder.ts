import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { isPassingFault } from "./passing-fault.ts";

/** Where `up` keeps what has to survive: `--data`, else the user's state folder (XDG base directories). */
export function dataFolder(options: {
  readonly data?: string;
  readonly folder: string;
  readonly home: string;
  readonly environment: { readonly [name: string]: string | undefined };
}): string {
  if (options.data !== undefined) return resolve(options.folder, options.data);
  const state = options.environment["XDG_STATE_HOME"];
  // The standard says that a relative path is to be ignored.
  return join(state?.startsWith(sep) === true ? state : join(options.home, ".local", "state"), "gatewright");
}

/**
 * The text of a secret file without surrounding white space, as Kubernetes tools and editors leave a line end behind.
 * `undefined` when there is no such file, when it is empty, or when the name would lead out of the folder. Throws when it
 * cannot be known just now.
 */
export function readSecretFile(folder: string, ...names: readonly string[]): string | undefined {
  if (!names.every(isFileName)) return undefined;
  try {
    const text = readFileSync(join(folder, ...names), "utf8").trim();
    return text === "" ? undefined : text;
  } catch (error) {
    if (isPassingFault(error)) throw error;
    return undefined; // Absent, a folder, or not ours to read: all the same to who looks a name up.
  }
}

/** Writes a secret that only this user may read (mode 0600, folders 0700). Returns the path. */
export function writeSecretFile(folder: string, names: readonly string[], value: string): string {
  const path = join(folder, ...names);
  if (!names.every(isFileName)) throw new Error(`${path} is not a name for a secret file`);
  mkdirSync(join(folder, ...names.slice(0, -1)), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${value}\n`, { mode: 0o600 });
  chmodSync(path, 0o600); // The mode above holds for new files only.
  return path;
}

function isFileName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name);
}

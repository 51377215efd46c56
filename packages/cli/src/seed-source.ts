import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

/** A file of a source. */
export interface SeedFile {
  /** Steps from the source to the file: `notes`, `README.md`. */
  readonly steps: readonly string[];
  /** Where it is read. */
  readonly path: string;
}

/**
 * All files below a folder, sorted. Symbolic links are followed, since a mounted ConfigMap is made of them; the folders
 * they lead to there, `..data` and its versions, are not files of their own. Throws what the system says.
 */
export function seedFiles(source: string): readonly SeedFile[] {
  return filesBelow(source, [], new Set());
}

/** `above` are the folders on the way, so that a link to one of them does not lead round in circles. */
function filesBelow(
  folder: string,
  steps: readonly string[],
  above: ReadonlySet<string>,
): readonly SeedFile[] {
  const real = realpathSync(folder);
  if (above.has(real)) return [];
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith(".."))
    .sort();
  return names.flatMap((name): readonly SeedFile[] => {
    const path = join(folder, name);
    const stats = statSync(path);
    if (stats.isDirectory()) return filesBelow(path, [...steps, name], new Set([...above, real]));
    // A pipe would be read for ever.
    return stats.isFile() ? [{ steps: [...steps, name], path }] : [];
  });
}

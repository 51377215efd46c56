import { readdir } from "node:fs/promises";
import { join } from "node:path";

const skipped = new Set(["node_modules", "dist", "coverage", "generated"]);

export interface Listing {
  /** Paths relative to the root, with `/`, sorted. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Lists what is under the given folders of `root`, without dependencies, build output, generated code and dot files.
 * A folder that does not exist is empty: packages and `bench/` appear with their first file.
 */
export async function listSources(root: string, folders: readonly string[]): Promise<Listing> {
  const found = { files: [] as string[], folders: [] as string[] };
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.name.startsWith(".") || skipped.has(entry.name)) continue;
      if (entry.isDirectory()) {
        found.folders.push(path);
        await visit(path);
      } else if (entry.isFile()) found.files.push(path);
    }
  };
  for (const folder of folders) await visit(folder);
  found.files.sort();
  found.folders.sort();
  return found;
}

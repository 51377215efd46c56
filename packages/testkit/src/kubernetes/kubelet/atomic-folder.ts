import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files of a volume: relative path → content and mode. */
export type VolumeFiles = ReadonlyMap<string, { readonly content: Buffer; readonly mode: number }>;

/**
 * Writes files as the kubelet does, so that readers see either all old or all new ones: into a new folder, to which the
 * link `..data` is then moved; every file is a link through it. Nothing is touched when nothing changed.
 */
export async function writeAtomically(folder: string, files: VolumeFiles): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const data = join(folder, "..data");
  const before = await readlink(data).catch(() => undefined);
  if (before !== undefined && (await same(join(folder, before), files))) return false;
  const stamp = new Date()
    .toISOString()
    .slice(0, 19)
    .replaceAll("-", "_")
    .replace("T", "_")
    .replaceAll(":", "_");
  const fresh = `..${stamp}.${randomBytes(4).toString("hex")}`;
  await mkdir(join(folder, fresh));
  for (const [path, { content, mode }] of files) {
    const file = join(folder, fresh, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, mode);
  }
  const moving = join(folder, "..data_tmp");
  // What a write that failed half way has left must not fail all others.
  await rm(moving, { force: true });
  await symlink(fresh, moving);
  await rename(moving, data);

  const wanted = new Set([...files.keys()].map((path) => path.split("/")[0] ?? path));
  const there = new Set((await readdir(folder)).filter((name) => !name.startsWith("..")));
  for (const name of wanted) {
    if (!there.has(name)) await symlink(join("..data", name), join(folder, name));
  }
  for (const name of there) if (!wanted.has(name)) await rm(join(folder, name), { force: true });
  if (before !== undefined) await rm(join(folder, before), { recursive: true, force: true });
  return true;
}

async function same(folder: string, files: VolumeFiles): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  if (entries.filter((entry) => entry.isFile()).length !== files.size) return false;
  for (const [path, { content }] of files) {
    const found = await readFile(join(folder, path)).catch(() => undefined);
    if (found === undefined || !found.equals(content)) return false;
  }
  return true;
}

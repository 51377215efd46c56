import { lstat, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MissingReference } from "./references.ts";

/**
 * Makes a folder that stands for a container's `/`: it has the mounts, as links, and nothing of an image. A mount inside
 * another one is a link in that volume, and stays there.
 * @throws MissingReference, which shows in the Pod's status, when a volume has a file or folder where a mount belongs.
 */
export async function layOutRoot(root: string, paths: ReadonlyMap<string, string>): Promise<void> {
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  // The shortest first: what a mount is in must be there before it.
  for (const mountPath of [...paths.keys()].sort((a, b) => a.length - b.length)) {
    const link = join(root, mountPath);
    await mkdir(dirname(link), { recursive: true });
    const there = await lstat(link).catch(() => undefined);
    if (there?.isSymbolicLink() === true) await rm(link);
    else if (there !== undefined) {
      throw new MissingReference(`the process kubelet cannot mount over ${mountPath} of another volume`);
    }
    await symlink(paths.get(mountPath) ?? "", link);
  }
}

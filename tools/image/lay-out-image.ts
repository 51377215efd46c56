import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { thirdPartyNotices } from "./third-party-notices.ts";

export interface ImageLayoutOptions {
  /** Root of the checkout, where the other paths start. */
  readonly root: string;
  /** Where the layout goes: the root of the image, without its base. */
  readonly target: string;
  /** The bundle: its folder, and the files in it that the program loads. */
  readonly bundle: string;
  readonly files: readonly string[];
  /** What went into the bundle. */
  readonly inputs: readonly string[];
}

/** Where the bundle stands in the image: not in /app, which the volumes of LiteLLM's manifests may cover. */
const place = "opt/gatewright";

/**
 * The command on the PATH of a container without a shell: the kernel starts Node, which the base image has there. Its
 * import is relative, so that the layout works in any folder.
 */
const command = `#!/nodejs/bin/node
import("../../../${place}/gatewright.mjs");
`;

/** Lays out what the image adds to its base; the Dockerfile copies it whole. Source maps stay at home. */
export async function layOutImage(options: ImageLayoutOptions): Promise<void> {
  const { root, target, bundle, files, inputs } = options;
  const folders = new Set<string>([join(root, target)]);
  const put = async (path: string, mode: number, write: (file: string) => Promise<void>): Promise<void> => {
    const file = join(root, target, path);
    await mkdir(dirname(file), { recursive: true });
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
      folders.add(join(root, target, folder));
    }
    await write(file);
    await chmod(file, mode);
  };
  for (const path of files) {
    await put(join(place, path), 0o644, (file) => copyFile(join(root, bundle, path), file));
  }
  await put("usr/local/bin/gatewright", 0o755, (file) => writeFile(file, command));
  await put("licenses/LICENSE", 0o644, (file) => copyFile(join(root, "LICENSE"), file));
  const notices = await thirdPartyNotices(root, inputs);
  await put("licenses/third-party.txt", 0o644, (file) => writeFile(file, notices));
  // Whatever the umask of who builds: the image's user is nobody's owner.
  for (const folder of folders) await chmod(folder, 0o755);
}

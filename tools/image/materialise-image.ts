import { chmod, constants, copyFile, cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import type { ImageDescription } from "./dockerfile.ts";

/**
 * Makes the file system of an image in a folder: what its base has there (Node, and nothing else that we use) and what
 * the final stage copies out of a finished build.
 * @param build Root of the checkout that stands for the working folder of the build stage.
 */
export async function materialiseImage(image: ImageDescription, build: string, root: string): Promise<void> {
  const node = join(root, "nodejs/bin/node");
  await mkdir(dirname(node), { recursive: true });
  await copyFile(process.execPath, node, constants.COPYFILE_FICLONE);
  await chmod(node, 0o755);
  for (const { from, source, target } of image.copies) {
    const stage = image.stages[from];
    if (stage === undefined || !source.startsWith(`${stage}/`)) {
      throw new Error(`Dockerfile: ${source} is not in the working folder of a stage named ${from}`);
    }
    await cp(join(build, source.slice(stage.length)), join(root, target), { recursive: true });
  }
  await mkdir(join(root, image.workingFolder), { recursive: true });
}

/** A command of the image, with the paths that are in it where they lie in the folder. */
export function commandIn(root: string, command: readonly string[]): readonly string[] {
  return command.map((word) => (word.startsWith("/") ? join(root, word) : word));
}

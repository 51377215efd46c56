import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder that is gone when its owner is done: `await using folder = await temporaryFolder({…})`. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes a file, in place and piece by piece as an editor may; folders on the way are made. Returns its path. */
  write(name: string, text: string): Promise<string>;
  /** Writes a file beside and moves it over the old one: nobody sees half of it. Returns its path. */
  replace(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

/** Makes a folder of its own with the given files (name → text). */
export async function temporaryFolder(
  files: { readonly [name: string]: string } = {},
): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "gatewright-test-"));
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  const remove = async (): Promise<void> => rm(path, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) await write(name, text);
  return {
    path,
    write,
    async replace(name, text) {
      const file = join(path, name);
      const beside = await write(`${name}.new`, text);
      await rename(beside, file);
      return file;
    },
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

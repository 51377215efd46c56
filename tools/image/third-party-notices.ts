import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

/**
 * The licences of the packages that are part of a bundle: most ask to go along with every copy.
 * @param inputs Paths of the bundled files, relative to `root`.
 * @throws when a package has no licence that could go along.
 */
export async function thirdPartyNotices(root: string, inputs: readonly string[]): Promise<string> {
  const folders = [...new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))];
  const notices = await Promise.all(folders.map((folder) => noticeOf(join(root, folder), folder)));
  return [...new Set(notices)].sort().join(`\n${"-".repeat(80)}\n\n`);
}

/** The folder of the installed package that a file belongs to; undefined for the project's own. */
function packageFolder(path: string): string | undefined {
  return /^(.*\bnode_modules\/(@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

async function noticeOf(folder: string, shown: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as PackageManifest;
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)\b/i.test(name)).sort();
  if (manifest.license === undefined && names.length === 0) {
    throw new Error(`${shown}: it is bundled, and names no licence`);
  }
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const title = `${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})`;
  return [title, ...texts.map((text) => `\n${text.trim()}`), ""].join("\n");
}

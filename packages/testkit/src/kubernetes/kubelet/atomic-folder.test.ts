import { mkdir, readdir, readFile, readlink, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { writeAtomically } from "./atomic-folder.ts";

function files(texts: { readonly [path: string]: string }, mode = 0o644) {
  return new Map(Object.entries(texts).map(([path, text]) => [path, { content: Buffer.from(text), mode }]));
}

test("files change all at once, behind one link", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "volume");
  expect(await writeAtomically(path, files({ a: "1", "deep/b": "2" }, 0o400))).toBe(true);
  const first = await readlink(join(path, "..data"));
  expect(await readlink(join(path, "a"))).toBe("..data/a");
  expect(await readFile(join(path, "deep/b"), "utf8")).toBe("2");
  expect((await stat(join(path, "a"))).mode & 0o777).toBe(0o400);

  expect(await writeAtomically(path, files({ a: "1", "deep/b": "2" }))).toBe(false);
  expect(await readlink(join(path, "..data"))).toBe(first);

  expect(await writeAtomically(path, files({ a: "3", c: "4" }))).toBe(true);
  const second = await readlink(join(path, "..data"));
  expect(second).not.toBe(first);
  expect((await readdir(path)).sort()).toEqual(["..data", second, "a", "c"].sort());
  expect(await readFile(join(path, "a"), "utf8")).toBe("3");
});

test("what a write that failed half way has left does not fail the next", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "volume");
  await mkdir(path);
  await symlink("..nowhere", join(path, "..data_tmp"));
  expect(await writeAtomically(path, files({ a: "1" }))).toBe(true);
  expect(await readFile(join(path, "a"), "utf8")).toBe("1");
});

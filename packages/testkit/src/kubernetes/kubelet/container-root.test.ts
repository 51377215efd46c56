import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { layOutRoot } from "./container-root.ts";

test("has mounts at their paths, one in another too, and the same again after a restart", async () => {
  await using folder = await temporaryFolder({
    "config/config.yaml": "a: 1",
    "work/notes": "x",
    "one/file": "1",
  });
  const root = join(folder.path, "root");
  const mounts = new Map([
    ["/work/one", join(folder.path, "one")],
    ["/etc/agent", join(folder.path, "config")],
    ["/work", join(folder.path, "work")],
  ]);
  for (let start = 0; start < 2; start++) {
    await layOutRoot(root, mounts);
    expect(await readFile(join(root, "etc/agent/config.yaml"), "utf8")).toBe("a: 1");
    expect(await readFile(join(root, "work/notes"), "utf8")).toBe("x");
    expect(await readFile(join(root, "work/one/file"), "utf8")).toBe("1");
  }
});

test("does not replace what a volume has", async () => {
  await using folder = await temporaryFolder({ "work/notes": "x", "one/file": "1" });
  const mounts = new Map([
    ["/work", join(folder.path, "work")],
    ["/work/notes", join(folder.path, "one")],
  ]);
  await expect(layOutRoot(join(folder.path, "root"), mounts)).rejects.toThrow("mount over /work/notes");
  expect(await readFile(join(folder.path, "work/notes"), "utf8")).toBe("x");
});

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startProcess, type TemporaryFolder, temporaryFolder } from "@gatewright/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seed } from "./seed.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => folder.remove());

const at = (...names: readonly string[]): string => join(folder.path, ...names);

function write(files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  }
}

/** Everything below a folder: files with their texts, links with where they lead. */
function tree(path: string): { readonly [path: string]: string } {
  const found: Record<string, string> = {};
  for (const name of readdirSync(at(path)).sort()) {
    const below = `${path}/${name}`;
    const stats = lstatSync(at(below));
    if (stats.isSymbolicLink()) found[below] = `-> ${readlinkSync(at(below))}`;
    else if (stats.isDirectory()) Object.assign(found, tree(below));
    else found[below] = readFileSync(at(below), "utf8");
  }
  return found;
}

function run(...paths: readonly string[]) {
  const said = { output: "", errors: "" };
  const code = seed(paths, {
    folder: folder.path,
    home: folder.path,
    environment: {},
    interactive: true,
    output: (text) => {
      said.output += text;
    },
    errors: (text) => {
      said.errors += text;
    },
  });
  return { code, ...said };
}

/** A ConfigMap as the kubelet mounts it, with a key whose path has a folder. */
function mountConfigMap(path: string, files: { readonly [path: string]: string }): void {
  const version = "..2026_11_28_10_00_00.123";
  for (const [name, text] of Object.entries(files)) write({ [`${path}/${version}/${name}`]: text });
  symlinkSync(version, at(path, "..data"));
  for (const name of new Set(Object.keys(files).map((one) => one.split("/")[0] ?? ""))) {
    symlinkSync(`..data/${name}`, at(path, name));
  }
}

describe("seed", () => {
  test("takes the files of a mounted ConfigMap, and nothing of how it is mounted", () => {
    mountConfigMap("map", { "index.txt": "", "notes/README.md": "What you find goes here.\n" });
    expect(run("map", "work")).toEqual({
      code: 0,
      output: "written index.txt\nwritten notes/README.md\n",
      errors: "",
    });
    expect(tree("work")).toEqual({
      "work/index.txt": "",
      "work/notes/README.md": "What you find goes here.\n",
    });
  });

  test("overwrites nothing, whatever it is, and writes nothing the second time", () => {
    write({ "from/a": "new", "from/b": "new", "from/c": "new", "from/d": "new", "from/e/f": "new" });
    write({ "work/a": "mine", "work/b": "", "work/c/mine": "mine" });
    symlinkSync("nowhere", at("work/d"));
    const kept = { "work/a": "mine", "work/b": "", "work/c/mine": "mine", "work/d": "-> nowhere" };
    expect(run("from", "work")).toMatchObject({
      code: 0,
      output: "kept a\nkept b\nkept c\nkept d\nwritten e/f\n",
    });
    expect(tree("work")).toEqual({ ...kept, "work/e/f": "new" });
    write({ "from/e/f": "newer" });
    expect(run("from", "work").output).toBe("kept a\nkept b\nkept c\nkept d\nkept e/f\n");
    expect(tree("work")).toEqual({ ...kept, "work/e/f": "new" });
  });

  test("of two sources with one file the first wins, and it is told once", () => {
    write({ "one/a": "1", "two/a": "2", "two/b": "2" });
    expect(run("one", "two", "work").output).toBe("written a\nwritten b\n");
    expect(tree("work")).toEqual({ "work/a": "1", "work/b": "2" });
  });

  test.each([
    { name: "a link out of the target", link: "../outside", want: "leads out of" },
    { name: "a link to a folder that is not there", link: "../gone", want: "is no folder" },
    { name: "a file where a folder should be", link: undefined, want: "is no folder" },
  ])("$name is in the way: told, and the rest is written", ({ link, want }) => {
    write({ "from/notes/a": "new", "from/z": "new", "outside/x": "mine", "work/y": "mine" });
    if (link === undefined) write({ "work/notes": "mine" });
    else symlinkSync(link, at("work/notes"));
    const { code, output, errors } = run("from", "work");
    expect({ code, output }).toEqual({ code: 0, output: "written z\n" });
    expect(errors).toMatch(new RegExp(`notes/a is not written: .*work/notes ${want}`));
    expect(tree("outside")).toEqual({ "outside/x": "mine" });
    expect(existsSync(at("gone"))).toBe(false);
  });

  test("a link that stays inside of the target is followed", () => {
    write({ "from/notes/a": "new", "work/papers/x": "mine" });
    symlinkSync("papers", at("work/notes"));
    expect(run("from", "work").output).toBe("written notes/a\n");
    expect(tree("work")).toMatchObject({ "work/papers/a": "new" });
  });

  test("what a killed seed has left goes when it is old; a fresh one may be another pod's", () => {
    write({ "from/a": "new", "work/.gatewright-seed-00": "ha", "work/.gatewright-seed-01": "ha" });
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(at("work/.gatewright-seed-00"), old, old);
    expect(run("from", "work").code).toBe(0);
    expect(tree("work")).toEqual({ "work/.gatewright-seed-01": "ha", "work/a": "new" });
  });

  test("a file that was mounted read-only can be written by its owner", () => {
    write({ "from/a": "new" });
    expect(run("from", "work").code).toBe(0);
    expect(lstatSync(at("work/a")).mode & 0o600).toBe(0o600);
  });

  test("one folder in the other, and links in circles, come to an end", () => {
    write({ "from/a": "new" });
    symlinkSync(".", at("from/again"));
    expect(run("from", "from/work")).toMatchObject({ code: 0, output: "written a\n" });
    expect(tree("from/work")).toEqual({ "from/work/a": "new" });
  });

  test.each([
    { name: "no target", paths: ["from"], code: 2, errors: /last the folder/ },
    { name: "a source that is not there", paths: ["gone", "from", "work"], code: 2, errors: /gone/ },
    { name: "a target that is a file", paths: ["from", "from/a"], code: 1, errors: /from\/a/ },
  ])("$name", ({ paths, code, errors }) => {
    write({ "from/a": "new" });
    const result = run(...paths);
    expect(result).toMatchObject({ code, output: "" });
    expect(result.errors).toMatch(errors);
    expect(tree("from")).toEqual({ "from/a": "new" });
    expect(existsSync(at("work"))).toBe(false);
  });
});

test("whenever a seed is killed, every file is there whole or not at all, and the next one finishes", async () => {
  const text = "x".repeat(200_000);
  const names = Array.from({ length: 200 }, (_, index) => `f${String(index).padStart(3, "0")}`);
  write(Object.fromEntries(names.map((name) => [`from/${name}`, text])));
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const start = () => startProcess(process.execPath, [main, "seed", at("from"), at("work")]);
  for (let round = 1; round <= 3; round += 1) {
    await using killed = start();
    await killed.line(/^written /);
    killed.signal("SIGKILL");
    expect(await killed.exited).toEqual({ code: null, signal: "SIGKILL" });
    const standing = Object.entries(tree("work")).filter(([path]) => !path.includes("/."));
    expect(standing.filter(([, found]) => found !== text)).toEqual([]);
  }
  await using last = start();
  expect(await last.exited).toEqual({ code: 0, signal: null });
  expect(readdirSync(at("work")).filter((name) => !name.startsWith("."))).toEqual(names);
});

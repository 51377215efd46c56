import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Watch, watchPaths } from "./watch.ts";

let folder: string;
let watch: Watch;
const changed = vi.fn();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatewright-watch-"));
  changed.mockClear();
  watch = watchPaths(changed);
});

afterEach(() => {
  watch.stop();
  rmSync(folder, { recursive: true });
});

function settledFile(file: string, text: string): void {
  writeFileSync(file, text);
  utimesSync(file, 1, 1);
}

const edits: readonly { name: string; why: string; edit: (file: string) => void }[] = [
  {
    name: "written in place",
    why: "editors without backups do so",
    edit: (file) => writeFileSync(file, "b"),
  },
  {
    name: "replaced by a rename, size and time kept",
    why: "the inode is all that tells",
    edit: (file) => {
      writeFileSync(`${file}.new`, "b");
      utimesSync(`${file}.new`, 1, 1);
      renameSync(`${file}.new`, file);
    },
  },
  { name: "removed", why: "a model that is gone must go", edit: (file) => rmSync(file) },
  {
    name: "a neighbour added",
    why: "folders are watched for new models",
    edit: (file) => writeFileSync(`${file}.other`, "x"),
  },
];

describe("watchPaths", () => {
  it.each(edits)("reports a file $name: $why", async ({ edit }) => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, "a");
    utimesSync(file, 1, 1);
    await watch.follow([file, folder], { at: Date.now() });
    edit(file);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
  });

  it("reports a mounted ConfigMap whose link is swapped", async () => {
    for (const version of ["one", "two"]) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, "config.yaml"), version);
    }
    symlinkSync("one", join(folder, "..data"));
    symlinkSync(join("..data", "config.yaml"), join(folder, "config.yaml"));
    await watch.follow([join(folder, "config.yaml")], { at: Date.now() + 5000 });
    symlinkSync("two", join(folder, "..next"));
    renameSync(join(folder, "..next"), join(folder, "..data"));
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
  });

  it.each(["the file", "its folder"])(
    "reports a swap between reading and following, watching %s",
    async (what) => {
      for (const version of ["one", "two"]) {
        mkdirSync(join(folder, version));
        writeFileSync(join(folder, version, "config.yaml"), version);
        // The kubelet writes the files first and swaps later: their times are those of before.
        utimesSync(join(folder, version, "config.yaml"), 1, 1);
      }
      symlinkSync("one", join(folder, "..data"));
      symlinkSync(join("..data", "config.yaml"), join(folder, "config.yaml"));
      const readAt = Date.now();
      symlinkSync("two", join(folder, "..next"));
      renameSync(join(folder, "..next"), join(folder, "..data"));
      await watch.follow([what === "the file" ? join(folder, "config.yaml") : folder], { at: readAt });
      await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
    },
  );

  it("reports what was written while it was being read", async () => {
    const file = join(folder, "config.yaml");
    const readAt = Date.now() - 60_000;
    writeFileSync(file, "written after reading began");
    await watch.follow([file], { at: readAt });
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
  });

  it("reports a change while followed paths are read again, whatever the clocks say", async () => {
    const file = join(folder, "config.yaml");
    settledFile(file, "one");
    await watch.follow([file], { at: Date.now() + 60_000 });
    const reading = await watch.begin();
    writeFileSync(file, "two, which the reading did not see");
    // As stamped by a server of files, or a kernel whose tick is late.
    utimesSync(file, 1, 1);
    await watch.follow([file], { ...reading, at: Date.now() + 60_000 });
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
  });

  it("takes what was stamped shortly before its first reading for perhaps not read", async () => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, "one");
    await watch.follow([file], { at: Date.now() + 500 });
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
  });

  it("says once what changed, and nothing of paths that are not there", async () => {
    const file = join(folder, "config.yaml");
    const absent = [join(folder, "runtime.json"), join(folder, "nowhere", "key")];
    settledFile(file, "one");
    await watch.follow([file, ...absent], { at: Date.now() + 60_000 });
    await watch.follow([file, ...absent], await watch.begin());
    writeFileSync(file, "two");
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), 10_000);
    await watch.follow([file, ...absent], await watch.begin());
    writeFileSync(absent[0] ?? "", "{}");
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2), 10_000);
  });

  it("does not wait for ever for a neighbour that never rests", async () => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, "one");
    await watch.follow([folder], { at: Date.now() + 60_000 });
    const log = setInterval(() => appendFileSync(join(folder, "log"), "line\n"), 20);
    try {
      await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 20_000);
    } finally {
      clearInterval(log);
    }
  });
});

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dataFolder, readSecretFile, writeSecretFile } from "./data-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatewright-data-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("dataFolder", () => {
  const place = { folder: "/project", home: "/home/ada" };
  test.each([
    { name: "--data wins", data: "here", state: "/state", want: "/project/here" },
    { name: "XDG_STATE_HOME", data: undefined, state: "/state", want: "/state/gatewright" },
    {
      name: "a relative XDG_STATE_HOME counts for nothing",
      data: undefined,
      state: "state",
      want: "/home/ada/.local/state/gatewright",
    },
    { name: "neither", data: undefined, state: undefined, want: "/home/ada/.local/state/gatewright" },
  ])("$name", ({ data, state, want }) => {
    const options = data === undefined ? {} : { data };
    expect(dataFolder({ ...place, ...options, environment: { XDG_STATE_HOME: state } })).toBe(want);
  });
});

describe("secret files", () => {
  test("only their owner may read them, also when the file was open before", () => {
    mkdirSync(join(folder, "team-a", "keys"), { recursive: true });
    writeFileSync(join(folder, "team-a", "keys", "master"), "old");
    chmodSync(join(folder, "team-a", "keys", "master"), 0o644);
    const path = writeSecretFile(folder, ["team-a", "keys", "master"], "sk-1");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const fresh = writeSecretFile(folder, ["b", "c", "key"], "sk-2");
    expect(statSync(fresh).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "b")).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "b", "c")).mode & 0o777).toBe(0o700);
    expect(readSecretFile(folder, "team-a", "keys", "master")).toBe("sk-1");
  });

  test("white space around a value is no part of it, and nothing else is no value", () => {
    writeFileSync(join(folder, "KEY"), "  sk-1\r\n");
    writeFileSync(join(folder, "EMPTY"), "\n");
    expect(readSecretFile(folder, "KEY")).toBe("sk-1");
    expect(readSecretFile(folder, "EMPTY")).toBeUndefined();
    expect(readSecretFile(folder, "ABSENT")).toBeUndefined();
  });

  test.each(["..", ".", "", "a/b", "../KEY", "a\\b"])("the name %j never leads out of the folder", (name) => {
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "KEY"), "sk-1");
    expect(readSecretFile(join(folder, "inner"), name)).toBeUndefined();
    expect(readSecretFile(join(folder, "inner"), name, "KEY")).toBeUndefined();
    expect(() => writeSecretFile(join(folder, "inner"), [name], "x")).toThrow(/not a name/);
  });
});

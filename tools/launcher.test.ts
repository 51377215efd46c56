import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Prints its version and arguments, then does what the first argument says. */
const entry = `
const [what, value] = process.argv.slice(2);
for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGINT"]) {
  if (what === "wait") process.on(signal, () => { console.log("got " + signal); process.exit(7); });
}
console.log(JSON.stringify({ node: process.versions.node, args: process.argv.slice(2) }));
if (what === "exit") process.exitCode = Number(value);
if (what === "wait" || what === "die") setTimeout(() => {}, 60_000);
`;

/** Makes a new Node say that it is an old one, to the launcher alone: its child imports another file. */
const disguise = `
if (process.argv[1]?.endsWith("gatewright.js")) {
  Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });
}`;

let root = "";
const children = new Set<ChildProcess>();
const repository = resolve(import.meta.dirname, "..");

function install(folder: string, entryPath: string): string {
  const bin = join(root, folder, "bin/gatewright.js");
  for (const path of [bin, join(root, folder, entryPath)]) mkdirSync(dirname(path), { recursive: true });
  copyFileSync(join(repository, "packages/cli/bin/gatewright.js"), bin);
  writeFileSync(join(root, folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, folder, entryPath), entry);
  return bin;
}

/** A Node on PATH that is too old to run the sources, if this machine has one. */
function olderNode(): { path: string; version: string } | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "node");
    const version = spawnSync(path, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
    const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version)?.map(Number) ?? [];
    if (major === undefined || minor === undefined || major < 18) continue;
    if (major < 22 || (major === 22 && minor < 19)) return { path, version };
  }
  return undefined;
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "gatewright-launcher-"));
  writeFileSync(join(root, "disguise.mjs"), disguise);
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const disguised = (): string[] => ["--import", join(root, "disguise.mjs")];
const real = olderNode();
// Where no old Node is installed the same assertions run against a disguised one: the path is never left untested.
const starts = [
  { name: "this Node", node: process.execPath, flags: (): string[] => [], spawns: false },
  { name: "a Node disguised as 20", node: process.execPath, flags: disguised, spawns: true },
  ...(real === undefined
    ? []
    : [
        { name: `an older Node (${real.version})`, node: real.path, flags: (): string[] => [], spawns: true },
      ]),
];

function withPackagedNode(folder: string): void {
  // Only the Node packages: the launcher must need nothing else.
  const modules = join(root, folder, "node_modules");
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(join(repository, "node_modules"))) {
    if (/^node-(linux|darwin|win)-/.test(name)) {
      symlinkSync(join(repository, "node_modules", name), join(modules, name));
    }
  }
}

describe.each(starts)("launched by $name", ({ name, node, flags, spawns }) => {
  const folder = name.replaceAll(/\W+/g, "-");
  let bin = "";
  beforeAll(() => {
    bin = install(folder, "src/main.ts");
    withPackagedNode(folder);
  });

  const run = (args: string[]) => spawnSync(node, [...flags(), bin, ...args], { encoding: "utf8" });

  test("runs the sources under Node 22.19 or newer, with the same arguments", () => {
    const { stdout, stderr, status } = run(["exit", "0", "--flag", "a b"]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const said = JSON.parse(stdout) as { node: string; args: string[] };
    expect(said.args).toEqual(["exit", "0", "--flag", "a b"]);
    const [major = 0, minor = 0] = said.node.split(".").map(Number);
    expect(major > 22 || (major === 22 && minor >= 19), said.node).toBe(true);
  });

  test("passes the exit code on", () => {
    expect(run(["exit", "3"]).status).toBe(3);
  });

  const start = async (what: string): Promise<{ child: ChildProcess; output: () => string }> => {
    // A session of its own has no terminal, like under a process manager.
    const child = spawn(node, [...flags(), bin, what], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await once(child.stdout, "data");
    return { child, output: () => output };
  };

  const signals = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGINT"] as const;
  test.each(signals)("passes %s on and waits for the program to end", async (signal) => {
    const { child, output } = await start("wait");
    child.kill(signal);
    const [code] = (await once(child, "close")) as [number | null];
    expect(output()).toContain(`got ${signal}`);
    expect(code).toBe(7);
  });

  test("dies of the signal the program died of", async () => {
    const { child } = await start("die");
    child.kill("SIGTERM");
    expect(await once(child, "close")).toEqual([null, "SIGTERM"]);
  });

  test("runs the bundle where there are no sources", () => {
    const published = install(`${folder}-published`, "dist/gatewright.mjs");
    withPackagedNode(`${folder}-published`);
    const { stdout, status } = spawnSync(node, [...flags(), published, "exit", "4"], { encoding: "utf8" });
    expect(status).toBe(4);
    expect(stdout).toContain('"args":["exit","4"]');
  });

  test("says what is missing in a copy without sources and bundle", () => {
    const hollow = install(`${folder}-hollow`, "src/other.ts");
    const { stderr, status } = spawnSync(node, [...flags(), hollow], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^gatewright: this copy is incomplete: .*\n$/);
  });

  if (!spawns) return;
  test("says what to do when the packaged Node is not installed", () => {
    const lonely = install(`${folder}-lonely`, "src/main.ts");
    const { stdout, stderr, status } = spawnSync(node, [...flags(), lonely], { encoding: "utf8" });
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toMatch(/needs Node 22\.19 or newer, and this is Node 20\.|npm ci --include=optional/);
  });
});

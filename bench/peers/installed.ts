import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** What a peer is started with. */
export interface PeerContext {
  /** Base URL of the bench's upstream, without a path. */
  readonly upstream: string;
  /** Writes a file into the run's temporary folder; returns its path. */
  readonly write: (name: string, text: string) => Promise<string>;
  /** A line of progress. */
  readonly say: (line: string) => void;
}

/** Where peers are installed, once: `$XDG_CACHE_HOME/gatewright/bench`, outside the checkout. */
const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "gatewright", "bench");

/**
 * The folder in which something is installed as its `inputs` say (files with pinned versions); `install` fills it when
 * they were never installed before. Rejects with one line when that fails, and starts anew the next time.
 */
export async function installed(
  name: string,
  inputs: readonly string[],
  install: (folder: string) => Promise<void>,
  say: PeerContext["say"],
): Promise<string> {
  const hash = createHash("sha256");
  for (const file of inputs) hash.update(await readFile(file));
  const folder = join(cache, `${name}-${hash.digest("hex").slice(0, 12)}`);
  const complete = join(folder, ".complete");
  if (existsSync(complete)) return folder;
  say(`installing ${name} into ${folder}, once`);
  // What an interrupted run left is worth nothing.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install(folder);
  await writeFile(complete, "");
  say(`installed ${name}`);
  return folder;
}

/** A folder with a virtual environment of Python that has a requirements file's packages. */
export async function pythonPackages(
  name: string,
  requirements: string,
  say: PeerContext["say"],
): Promise<string> {
  return installed(
    name,
    [requirements],
    async (folder) => {
      await run("python3", ["-m", "venv", folder], folder);
      await run(
        join(folder, "bin", "python"),
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements],
        folder,
      );
    },
    say,
  );
}

/** Runs an installer. Rejects with its last line when it fails, or when it is not there. */
export async function run(command: string, args: readonly string[], folder: string): Promise<void> {
  const said: string[] = [];
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  }
  await new Promise<void>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(new Error(error.code === "ENOENT" ? `there is no ${command}` : error.message)),
    );
    child.once("close", (code) => {
      if (code === 0) return resolve();
      const last = said.join("").trim().split("\n").at(-1) ?? "";
      reject(new Error(`${command} ${args.slice(0, 3).join(" ")} failed: ${last.slice(0, 300)}`));
    });
  });
}

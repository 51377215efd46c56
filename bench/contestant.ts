import { spawnSync } from "node:child_process";
import { cp, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { type RunningProcess, startProcess, type TemporaryFolder, waitFor } from "@gatewright/testkit";

/** Something that stands between the load and the upstream, or nothing. */
export interface Contestant {
  readonly name: string;
  readonly port: number;
  /** What the load asks with. */
  readonly key: string;
  readonly model: string;
  /** Absent for the upstream itself. */
  readonly process?: RunningProcess;
}

/** The keys that clients and the gateway use. */
export const clientKey = "sk-bench-client";
export const upstreamKey = "sk-bench-upstream";

const bundle = new URL("../dist/gatewright.mjs", import.meta.url).pathname;
const config = new URL("config.yaml", import.meta.url).pathname;

/** The core of what is measured, and that of everything else. */
export const measuredCore = 0;
export const loadCore = 1;

/** Whether processes can be kept on their cores. */
export const pinned =
  process.platform === "linux" &&
  spawnSync("taskset", ["-c", `${measuredCore},${loadCore}`, "true"]).status === 0;

/** Keeps this process, which makes the load, away from what it measures. */
export function pinLoad(): void {
  if (pinned) spawnSync("taskset", ["-a", "-c", "-p", String(loadCore), String(process.pid)]);
}

/** Starts a Node program on a core; what it says is thrown away, so that nobody has to read it during the load. */
export function startOn(
  core: number,
  args: readonly string[],
  environment: { readonly [name: string]: string },
): RunningProcess {
  const program = [process.execPath, ...args];
  const [command = "", ...rest] = pinned ? ["taskset", "-c", String(core), ...program] : program;
  return startProcess(command, rest, { environment, silent: true, name: args.join(" ") });
}

/** Starts the bundle. `upstream` is a base URL without a path. */
export function startGateway(port: number, upstream: string): RunningProcess {
  return startOn(
    measuredCore,
    [bundle, "gateway", "--config", config, "--port", String(port), "--host", "127.0.0.1"],
    { BENCH_UPSTREAM: `${upstream}/v1`, BENCH_UPSTREAM_KEY: upstreamKey, BENCH_KEY: clientKey },
  );
}

/**
 * Starts a relay from its file. One that lies outside the checkout is copied beside our `node_modules` first, where it
 * finds undici.
 */
export async function startRelay(
  file: string,
  port: number,
  upstream: string,
  folder: TemporaryFolder,
): Promise<RunningProcess> {
  const own = new URL("..", import.meta.url).pathname;
  let program = file;
  if (!file.startsWith(own)) {
    program = join(folder.path, "reference", "relay.mjs");
    await mkdir(dirname(program), { recursive: true });
    await cp(file, program);
    await symlink(join(own, "node_modules"), join(dirname(program), "node_modules"));
  }
  return startOn(measuredCore, [program], { PORT: String(port), UPSTREAM: upstream, KEY: upstreamKey });
}

/** Waits for the first right answer. Rejects when the process ends before, or takes much too long. */
export async function answering({ name, port, key, model, process: running }: Contestant): Promise<void> {
  let ended = false;
  void running?.exited.then(() => {
    ended = true;
  });
  const found = await waitFor(`the first answer of ${name}`, async () => {
    if (ended) return "ended";
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "ready?" }] }),
    });
    const answer = (await response.json()) as { model?: unknown };
    if (response.status !== 200 || answer.model !== (name === "direct" ? answer.model : model)) {
      throw new Error(`${name} answered ${response.status} ${JSON.stringify(answer).slice(0, 500)}`);
    }
    return "answered";
  });
  if (found === "ended") {
    throw new Error(
      `${name} ended before it answered. To see why, run it by hand: node ${running?.name ?? ""}`,
    );
  }
}

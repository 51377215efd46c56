import { spawnSync } from "node:child_process";
import process from "node:process";
import { freePort } from "./free-port.ts";
import { type RunningProcess, startProcess } from "./process.ts";

/** A real Redis of its own, on a loopback port, which keeps nothing on disk. */
export interface TestRedis extends AsyncDisposable {
  readonly port: number;
  /** `redis://127.0.0.1:<port>`. */
  readonly url: string;
  /** Dead from one moment to the next; all it knew is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same port. */
  restart(): Promise<void>;
  /** Stands still: connections stay, nothing is answered; until `thaw`. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const howToInstall =
  "redis-server is not installed: `apt-get install redis-server` (Debian, Ubuntu) or `brew install redis` (macOS) " +
  "brings it; it need not run as a service";

/**
 * Why tests that need Redis cannot run here; undefined when they can. With `CI=true` they must: then it throws. Use it as
 * `describe.skipIf(withoutRedis() !== undefined)`.
 */
export function withoutRedis(): string | undefined {
  if (spawnSync("redis-server", ["--version"]).status === 0) return undefined;
  const inPipeline = !["", "0", "false"].includes(process.env["CI"] ?? "");
  if (inPipeline) throw new Error(howToInstall);
  process.stderr.write(`skipped: tests that need Redis. ${howToInstall}.\n`);
  return howToInstall;
}

/**
 * Starts the distribution's `redis-server`. `args` are further options of its command line.
 * @throws when it is not installed, and says how to install it.
 */
export async function startRedis(args: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort();
  let running = await start(port, args);
  const stop = async (): Promise<void> => {
    // One that was frozen would not hear that it is to end.
    running.signal("SIGCONT");
    await running.stop();
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      running.signal("SIGKILL");
      await running.exited;
    },
    async restart() {
      await running.stop();
      running = await start(port, args);
    },
    freeze: () => running.signal("SIGSTOP"),
    thaw: () => running.signal("SIGCONT"),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function start(port: number, args: readonly string[]): Promise<RunningProcess> {
  const server = startProcess(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", ...args],
    { name: "redis-server", folder: process.env["TMPDIR"] ?? "/tmp" },
  );
  try {
    await server.line(/Ready to accept connections/);
  } catch (error) {
    await server.stop();
    if (server.stderr.includes("ENOENT")) throw new Error(howToInstall, { cause: error });
    throw error;
  }
  return server;
}

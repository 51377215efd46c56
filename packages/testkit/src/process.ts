import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { waitFor, within } from "./wait.ts";

/** How to start a process. */
export interface ProcessOptions {
  /** What messages call it; default the command and its arguments. */
  readonly name?: string;
  /** Added to this process's environment; undefined takes a variable out. */
  readonly environment?: { readonly [name: string]: string | undefined };
  readonly folder?: string;
  /** Throw away what it writes, for a process under load whose log nobody is to wait for. */
  readonly silent?: boolean;
}

/** How a process ended: exactly one of the two is set. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that is under way, and that ends with its owner: `await using gateway = startProcess(…)`. */
export interface RunningProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Everything written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when it has ended and all its output is here; never rejects. */
  readonly exited: Promise<Exit>;
  /** The first line of either output that matches, already written or to come. Rejects when the process ends first. */
  line(pattern: RegExp, capMilliseconds?: number): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL for one that has not gone after the grace. */
  stop(graceMilliseconds?: number): Promise<Exit>;
}

/** Starts a process. It is ended by its id, at the latest when this process exits. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): RunningProcess {
  const name = options.name ?? [command, ...args].join(" ");
  const child = spawn(command, args, {
    cwd: options.folder,
    env: { ...process.env, ...options.environment },
    stdio: options.silent === true ? "ignore" : ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  let ended: Exit | undefined;
  running.add(child);
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit): void => {
      running.delete(child);
      ended ??= exit;
      resolve(ended);
    };
    child.once("error", (error) => {
      output.stderr += `${name}: ${error.message}\n`;
      end({ code: 127, signal: null });
    });
    child.once("close", (code, signal) => end({ code, signal }));
  });
  const said = (): string => `--- ${name} said\n${output.stdout}${output.stderr}---`;

  const stop = async (graceMilliseconds = 10_000): Promise<Exit> => {
    if (ended !== undefined) return ended;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMilliseconds);
    try {
      return await within(`the end of ${name}`, exited, { capMilliseconds: graceMilliseconds + 10_000 });
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    name,
    pid: child.pid ?? 0,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    exited,
    async line(pattern, capMilliseconds) {
      const found = await waitFor(
        `a line like ${pattern} from ${name}`,
        () => {
          const match = firstMatch(pattern, output.stdout) ?? firstMatch(pattern, output.stderr);
          if (match !== undefined) return match;
          return ended === undefined ? undefined : "ended";
        },
        { detail: said, ...(capMilliseconds === undefined ? {} : { capMilliseconds }) },
      );
      if (found === "ended")
        throw new Error(`${name} ended before it wrote a line like ${pattern}\n${said()}`);
      return found;
    },
    signal(signal) {
      child.kill(signal);
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function firstMatch(pattern: RegExp, output: string): RegExpExecArray | undefined {
  for (const line of output.split("\n")) {
    const match = pattern.exec(line);
    if (match !== null) return match;
  }
  return undefined;
}

/** For the case that a test run ends without having cleaned up: nothing asynchronous can run any more. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Keeper } from "./keeper.ts";

/** A server process whose output goes to a file, because nobody reads all that a control plane says. */
export interface Component {
  readonly name: string;
  readonly pid: number;
  /** True while it has not ended. */
  readonly running: boolean;
  /** The end of its output. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** The signal, then SIGKILL after the grace. Resolves when it has ended. */
  stop(signal?: NodeJS.Signals, graceMilliseconds?: number): Promise<void>;
}

export interface ComponentOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly keeper: Keeper;
}

/** Starts it in a process group of its own, so that Ctrl-C leaves the order of ending to us. */
export function startComponent({ program, args, logFile, keeper }: ComponentOptions): Component {
  const name = basename(program);
  const log = openSync(logFile, "a");
  const child: ChildProcess = spawn(program, args, { stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  const pid = child.pid ?? 0;
  if (pid > 0) keeper.hold(pid);
  let running = true;
  let trouble = "";
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      running = false;
      keeper.release(pid);
      resolve();
    };
    child.once("error", (error) => {
      trouble = error.message;
      end();
    });
    child.once("exit", end);
  });
  child.unref();
  return {
    name,
    pid,
    get running() {
      return running;
    },
    log: () => `--- ${name} said last\n${trouble}${readFileSync(logFile, "utf8").slice(-LOG_CHARACTERS)}---`,
    signal(signal) {
      if (running) child.kill(signal);
    },
    async stop(signal = "SIGTERM", graceMilliseconds = 10_000) {
      if (!running) return;
      child.ref();
      child.kill(signal);
      // One that is frozen does not see SIGTERM.
      child.kill("SIGCONT");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMilliseconds);
      await ended;
      clearTimeout(timer);
    },
  };
}

const LOG_CHARACTERS = 4_000;

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import type { Keeper } from "../keeper.ts";
import type { Termination } from "./pod.ts";

export interface ContainerProcess {
  readonly pid: number;
  readonly startedAt: string;
  readonly exited: Promise<Termination>;
  /** SIGTERM to the process, as to the first one of a container. */
  terminate(): void;
  /** SIGKILL to it and all it has started. */
  kill(): void;
}

export interface ProcessSpec {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly logFile: string;
  readonly keeper: Keeper;
}

/** Starts a container's process in a process group of its own; both its outputs go to the log file. */
export function startContainerProcess(spec: ProcessSpec): ContainerProcess {
  const [program = "", ...args] = spec.command;
  const log = openSync(spec.logFile, "a");
  const child = spawn(program, args, {
    cwd: spec.folder,
    env: spec.environment,
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const pid = child.pid ?? 0;
  if (pid > 0) spec.keeper.hold(pid);
  const startedAt = new Date().toISOString();
  let over = false;
  const killGroup = (): void => {
    try {
      if (pid > 0) process.kill(-pid, "SIGKILL");
    } catch {
      // All of them have ended already.
    }
  };
  const exited = new Promise<Termination>((resolve) => {
    const end = (exitCode: number, signal: number, reason: string): void => {
      if (over) return;
      over = true;
      // A container ends with its first process: what that one started must not live on.
      killGroup();
      spec.keeper.release(pid);
      const finishedAt = new Date().toISOString();
      resolve({ exitCode, ...(signal > 0 ? { signal } : {}), reason, startedAt, finishedAt });
    };
    child.once("error", (error) => end(128, 0, `StartError: ${error.message}`));
    child.once("exit", (code, name) => {
      const signal = name === null ? 0 : (constants.signals[name] ?? 0);
      const exitCode = code ?? 128 + signal;
      end(exitCode, signal, exitCode === 0 ? "Completed" : "Error");
    });
  });
  return {
    pid,
    startedAt,
    exited,
    terminate() {
      if (!over) child.kill("SIGTERM");
    },
    kill() {
      if (!over) killGroup();
    },
  };
}

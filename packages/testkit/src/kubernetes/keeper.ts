import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Ends processes that must not outlive the one that started them, however that one ends. */
export interface Keeper {
  /** From now on the process with this id is ended with its owner. */
  hold(pid: number): void;
  /** It has ended by itself: its id may soon be another's. */
  release(pid: number): void;
  /** Nothing is held any more. */
  stop(): void;
}

/**
 * Starts a keeper: a shell that waits for the end of its input, which comes with the end of this process (or worker
 * thread) even by SIGKILL, kills what is still held then and removes `folder`.
 */
export function startKeeper(folder: string): Keeper {
  const held = join(folder, "held");
  mkdirSync(held, { recursive: true });
  const script =
    'while read -r _; do :; done; for f in "$0"/held/*; do [ -f "$f" ] && kill -9 "$(basename "$f")"; done; rm -rf "$0"';
  // Detached: Ctrl-C must reach the test run, not its keeper.
  const shell = spawn("/bin/sh", ["-c", script, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.on("error", () => {});
  shell.unref();
  const end = (): void => {
    shell.stdin.end();
  };
  process.once("exit", end);
  return {
    hold(pid) {
      writeFileSync(join(held, String(pid)), "");
    },
    release(pid) {
      rmSync(join(held, String(pid)), { force: true });
    },
    stop() {
      process.off("exit", end);
      end();
    },
  };
}

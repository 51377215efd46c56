import { homedir } from "node:os";
import process from "node:process";

/** What a command may touch of the world around it; tests give their own. */
export interface Surroundings {
  /** Folder that relative paths start from, absolute. */
  readonly folder: string;
  readonly home: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /** Writes to standard output: what was asked for, and nothing else. */
  readonly output: (text: string) => void;
  /** Writes to standard error: findings, problems, progress. */
  readonly errors: (text: string) => void;
  /** A person reads standard error: plain text; otherwise one JSON object a line. */
  readonly interactive: boolean;
}

/** The process this command runs in. */
export function processSurroundings(): Surroundings {
  // A reader that went away (`gatewright up | head`) must not take the gateways with it.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return {
    folder: process.cwd(),
    home: homedir(),
    environment: process.env,
    output: (text) => void process.stdout.write(text),
    errors: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true,
  };
}

import process from "node:process";
import { exitCode } from "./exit-code.ts";

/**
 * Resolves at the first SIGTERM or SIGINT. From then on a second SIGINT ends the process at once: who presses Ctrl-C
 * twice does not want to wait for streams to end.
 */
export function stopSignal(): Promise<"SIGTERM" | "SIGINT"> {
  return new Promise((resolve) => {
    let stopping = false;
    process.on("SIGINT", () => {
      if (stopping) process.exit(exitCode.failed);
      stopping = true;
      resolve("SIGINT");
    });
    process.on("SIGTERM", () => {
      stopping = true;
      resolve("SIGTERM");
    });
  });
}

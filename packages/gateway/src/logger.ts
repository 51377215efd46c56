import { pino } from "pino";

/** The process's logger. */
export type Logger = pino.Logger;

/** A log line as pino hands it over, parsed. */
interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/**
 * Logs to stderr: one JSON object a line, or, on a terminal, text for people. JSON lines are gathered and written
 * every few kilobytes or 200 ms, because a write per request would cost more than the request; pino
 * writes what is left when the process exits.
 */
export function createLogger(options: { readonly tty: boolean; readonly level: string }): Logger {
  // No pid and host name on every line: the pod is known to whoever collects.
  const base = { level: options.level, base: null };
  if (options.tty) return pino(base, { write: (line: string) => void process.stderr.write(humanText(line)) });
  const destination = pino.destination({ dest: 2, sync: false, minLength: 8192, periodicFlush: 200 });
  // A reader that went away (`gatewright up | head`) must not take the gateway with it.
  destination.on("error", () => {});
  return pino(base, destination);
}

const levelNames: { readonly [level: number]: string } = {
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

function humanText(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as Line;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  return `${clock} ${(levelNames[level] ?? "info").padEnd(5)} ${msg ?? ""}${rest === "" ? "" : ` ${rest}`}\n`;
}

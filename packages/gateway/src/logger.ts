import { pino } from "pino";
import { LineWriter } from "./telemetry/line-writer.ts";

/** Says what happens: an object of fields, then a sentence. Never a secret, a prompt or an answer. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /**
   * The line each request leaves, at level info: its fields as JSON text without the outer braces. It bypasses
   * everything, since it is written for every request.
   */
  request(members: string): void;
  /** The same logger with fields of its own in every line. */
  child(fields: { readonly [name: string]: string }): Logger;
}

/** A log line, parsed. */
interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Logs to stderr: one JSON object a line, or, on a terminal, text for people. */
export function createLogger(options: { readonly tty: boolean; readonly level: string }): Logger {
  const lines = options.level === "silent" ? undefined : new LineWriter(2);
  const write = (json: string): void => lines?.write(options.tty ? humanText(json) : json);
  // No pid and host name on every line: the pod is known to whoever collects.
  return wrapped(pino({ level: options.level, base: null }, { write }), write, "");
}

/** `own`: fields of this logger, as JSON text that ends in a comma. */
function wrapped(logger: pino.Logger, write: (json: string) => void, own: string): Logger {
  const enabled = logger.isLevelEnabled("info");
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    request(members) {
      if (enabled) write(`{"level":30,"time":${Date.now()},"msg":"request",${own}${members}}\n`);
    },
    child: (fields) => wrapped(logger.child(fields), write, `${own}${JSON.stringify(fields).slice(1, -1)},`),
  };
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

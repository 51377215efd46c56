import type { Logger } from "@gatewright/reconcile";
import { pino } from "pino";

interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

const levelNames: { readonly [level: number]: string } = { 20: "debug", 30: "info", 40: "warn", 50: "error" };

/** Logs one JSON object a line, or, for people at a terminal, text. `write` takes whole lines. */
export function createOperatorLogger(options: {
  readonly interactive: boolean;
  readonly level: "debug" | "info";
  readonly write: (text: string) => void;
}): Logger {
  const write = (json: string): void => options.write(options.interactive ? humanText(json) : json);
  return pino({ level: options.level, base: null }, { write });
}

function humanText(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as Line;
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const clock = new Date(time).toTimeString().slice(0, 8);
  return `${clock} ${(levelNames[level] ?? "info").padEnd(5)} ${msg ?? ""}${rest.join("")}\n`;
}

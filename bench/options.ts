import process from "node:process";
import { parseArgs } from "node:util";

/** How much to measure. */
export interface BenchOptions {
  readonly rounds: number;
  /** Per contestant and round at c=10 and c=50; a quarter of it at c=1, a tenth as streams. */
  readonly requests: number;
  readonly coldStarts: number;
  /** File for the figures as JSON. */
  readonly json?: string;
  /** A relay to compare ours with: `GATEWRIGHT_REFERENCE_RELAY`, the path of a file that takes PORT, UPSTREAM, KEY. */
  readonly referenceRelay?: string;
}

const usage = `npm run bench -- [--quick] [--rounds N] [--requests N] [--json FILE]

  --quick       about half a minute: 3 rounds of a quarter of the requests; for a first look only
  --rounds      default 9, at least 1
  --requests    per contestant and round at 10 and 50 connections; default 20000
  --json        write every figure of every round to FILE

GATEWRIGHT_REFERENCE_RELAY=FILE lets another relay run along, to compare ours with.
`;

/** Reads the command line; prints the usage and exits when it is wrong. */
export function benchOptions(): BenchOptions {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        rounds: { type: "string" },
        requests: { type: "string" },
        json: { type: "string" },
      },
    });
    const referenceRelay = process.env["GATEWRIGHT_REFERENCE_RELAY"];
    return {
      rounds: positive("--rounds", values.rounds ?? (values.quick ? "3" : "9")),
      requests: positive("--requests", values.requests ?? (values.quick ? "5000" : "20000")),
      coldStarts: values.quick ? 3 : 7,
      ...(values.json === undefined ? {} : { json: values.json }),
      ...(referenceRelay === undefined ? {} : { referenceRelay }),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${name} ${text}: a whole number above 0 is wanted`);
}

import process from "node:process";
import { parseArgs } from "node:util";

/** Other gateways that can run along. */
export const peerNames = ["envoy", "portkey", "litellm"] as const;

export type PeerName = (typeof peerNames)[number];

/** How much to measure. */
export interface BenchOptions {
  readonly rounds: number;
  /** Per contestant and round at c=10 and c=50; a quarter of it at c=1, a tenth as streams. */
  readonly requests: number;
  /** Seconds of each load that wrk makes. */
  readonly seconds: number;
  readonly coldStarts: number;
  readonly peers: readonly PeerName[];
  /** File for the figures as JSON. */
  readonly json?: string;
  /** Exit code 1 when a ratio falls short. */
  readonly check: boolean;
  /** Folder for CPU profiles of the gateways. */
  readonly profile?: string;
  /** A relay to compare ours with: `GATEWRIGHT_REFERENCE_RELAY`, the path of a file that takes PORT, UPSTREAM, KEY. */
  readonly referenceRelay?: string;
}

const usage = `npm run bench -- [--quick] [--peers LIST] [--rounds N] [--requests N] [--seconds N] [--json FILE] [--check] [--profile DIR]

  --quick       about a minute: 3 rounds of a quarter of the requests, without peers; for a first look only
  --peers       other gateways, of ${peerNames.join(",")}, or none; default all that can be had. They are installed once,
                into the user's cache folder
  --rounds      default 7, at least 1
  --requests    per contestant and round at 10 and 50 connections; default 20000; ten times as many for the memory
  --seconds     of each load that wrk makes; default 2, quick 1
  --json        write every figure of every round to FILE
  --check       exit code 1 when a ratio falls short of its bar; times and sizes never count
  --profile     write CPU profiles of the gateways to DIR and list where their time went; slows them down

GATEWRIGHT_REFERENCE_RELAY=FILE lets another relay run along, to compare ours with.
`;

/** Reads the command line; prints the usage and exits when it is wrong. */
export function benchOptions(): BenchOptions {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        peers: { type: "string" },
        rounds: { type: "string" },
        requests: { type: "string" },
        seconds: { type: "string" },
        json: { type: "string" },
        check: { type: "boolean", default: false },
        profile: { type: "string" },
      },
    });
    const referenceRelay = process.env["GATEWRIGHT_REFERENCE_RELAY"];
    const { quick, json, check, profile } = values;
    return {
      rounds: positive("--rounds", values.rounds ?? (quick ? "3" : "7")),
      requests: positive("--requests", values.requests ?? (quick ? "5000" : "20000")),
      seconds: positive("--seconds", values.seconds ?? (quick ? "1" : "2")),
      coldStarts: quick ? 3 : 7,
      peers: peersOf(values.peers ?? (quick ? "none" : peerNames.join(","))),
      check,
      ...(json === undefined ? {} : { json }),
      ...(profile === undefined ? {} : { profile }),
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

function peersOf(text: string): readonly PeerName[] {
  if (text === "none") return [];
  return text.split(",").map((name) => {
    const peer = peerNames.find((one) => one === name);
    if (peer === undefined) throw new Error(`--peers ${text}: there is no ${name}`);
    return peer;
  });
}

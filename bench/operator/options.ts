import process from "node:process";
import { parseArgs } from "node:util";

/** How much to measure. */
export interface OperatorBenchOptions {
  readonly clusters: number;
  /** LanguageModels in each. */
  readonly models: number;
  /** LanguageClusters on the large side of the agents. */
  readonly agentClusters: number;
  /** LanguageAgents in each of those. */
  readonly agents: number;
  /** Only clusters of these are measured; default both. */
  readonly only?: "models" | "agents";
  /** Edits on each side. */
  readonly edits: number;
  readonly coldStarts: number;
  /** Seconds of doing nothing. */
  readonly rest: number;
  /** File for the figures as JSON. */
  readonly json?: string;
  /** Exit code 1 when a count or a ratio falls short. */
  readonly check: boolean;
  /** The program to measure, when not the one in `dist`. */
  readonly program?: string;
  /** Folder for CPU profiles of the operator, one a start. */
  readonly profile?: string;
}

const usage = `npm run bench:operator -- [--quick] [--clusters N] [--models N] [--edits N] [--json FILE] [--check]

  --clusters    LanguageClusters on the large side; default 200
  --models      LanguageModels in each; default 10
  --agent-clusters, --agents
                the same with LanguageAgents: default 50 clusters of 20
  --only        models or agents: measure clusters of these alone
  --edits       edits of models that are timed on each side; default 18, of agents a third of them
  --quick       20 and 5 clusters, fewer edits and starts: for a first look only
  --json        write every figure to FILE
  --check       exit code 1 when a count or a ratio falls short of its bar
  --program     measure this bundle; default dist/gatewright.mjs, or the sources when they are newer
  --profile     write a CPU profile of every operator that is started into this folder
`;

/** Reads the command line; prints the usage and exits when it is wrong. */
export function operatorBenchOptions(): OperatorBenchOptions {
  try {
    const { values } = parseArgs({
      options: {
        clusters: { type: "string" },
        models: { type: "string" },
        "agent-clusters": { type: "string" },
        agents: { type: "string" },
        only: { type: "string" },
        edits: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        check: { type: "boolean", default: false },
        program: { type: "string" },
        profile: { type: "string" },
      },
    });
    const { quick, json, program, profile, only } = values;
    if (only !== undefined && only !== "models" && only !== "agents") {
      throw new Error(`--only ${only}: models or agents is wanted`);
    }
    return {
      clusters: positive("--clusters", values.clusters ?? (quick ? "20" : "200")),
      models: positive("--models", values.models ?? "10"),
      agentClusters: positive("--agent-clusters", values["agent-clusters"] ?? (quick ? "5" : "50")),
      agents: positive("--agents", values.agents ?? "20"),
      ...(only === undefined ? {} : { only }),
      edits: positive("--edits", values.edits ?? (quick ? "9" : "18")),
      coldStarts: 3,
      rest: quick ? 10 : 30,
      check: values.check,
      ...(json === undefined ? {} : { json }),
      ...(program === undefined ? {} : { program }),
      ...(profile === undefined ? {} : { profile }),
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

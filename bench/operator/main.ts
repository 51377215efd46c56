import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import process from "node:process";
import { type MeasuredWorld, measureWorld } from "./measure.ts";
import { operatorProgram } from "./operator-process.ts";
import { operatorBenchOptions } from "./options.ts";
import { type OperatorFigures, operatorBars, operatorReport, type WorldFigures } from "./report.ts";

/*
 * `npm run bench:operator`: what an operator costs, and that it costs the same for the hundredth cluster as for the
 * first; with clusters of models, then with clusters of agents. For each two real API servers: one with a single
 * LanguageCluster, one with many; an operator process on each. Pods are Ready without processes. Figures are medians;
 * latencies are taken in turn on both sides.
 * Exit code 1 with --check, when a count or a ratio falls short.
 */

const options = operatorBenchOptions();
const program = operatorProgram(options.program);
const start = {
  program,
  ...(options.profile === undefined ? {} : { profile: options.profile }),
};
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const worlds: readonly MeasuredWorld[] = [
  {
    of: "models",
    each: options.models,
    shape: { models: options.models },
    clusters: options.clusters,
    sizes: [0, 1 / 2],
    subjects: ["model"],
    edits: options.edits,
    networks: ["127.78", "127.77"],
  },
  {
    of: "agents",
    each: options.agents,
    // With what they use: a model, a tool and a persona.
    shape: { models: 1, agents: options.agents },
    clusters: options.agentClusters,
    sizes: [0],
    subjects: ["instructions", "rules"],
    edits: Math.ceil(options.edits / 3),
    networks: ["127.80", "127.79"],
  },
];

const measured: WorldFigures[] = [];
for (const world of worlds) {
  if (options.only !== undefined && options.only !== world.of) continue;
  measured.push(await measureWorld(world, options, start, say));
}
const figures: OperatorFigures = {
  machine: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`,
  program: program.endsWith(".ts") ? "sources" : "bundle",
  worlds: measured,
};
process.stdout.write(`\n${operatorReport(figures)}`);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
if (options.check && operatorBars(figures).some(({ passed, timed }) => !passed && !timed))
  process.exitCode = 1;

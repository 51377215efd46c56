import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import process from "node:process";
import { median } from "../median.ts";
import { cpuSeconds, residentMegabytes } from "../process-figures.ts";
import { type OperatorProcess, operatorProgram, startOperatorProcess } from "./operator-process.ts";
import { operatorBenchOptions } from "./options.ts";
import {
  type ColdStart,
  type OperatorFigures,
  operatorBars,
  operatorReport,
  type Resident,
} from "./report.ts";
import { requestsOfEdit, type Side, startSide, tally } from "./side.ts";

/*
 * `npm run bench:operator`: what an operator costs, and that it costs the same for the hundredth cluster as for the
 * first. Two real API servers: one with a single LanguageCluster, one with many; an operator process on each. Pods are
 * Ready without processes. Figures are medians; latencies are taken in turn on both sides.
 * Exit code 1 with --check, when a count or a ratio falls short.
 */

/** Edits before those that count. */
const WARM_UP = 3;
const BETWEEN_MILLISECONDS = 1_500;
const SETTLE_MILLISECONDS = 10_000;

const options = operatorBenchOptions();
const program = operatorProgram(options.program);
const start = {
  program,
  ...(options.profile === undefined ? {} : { profile: options.profile }),
};
const say = (text: string): void => void process.stderr.write(`${text}\n`);

say("starting two API servers");
await using one = await startSide(options.models, "127.78");
await using many = await startSide(options.models, "127.77");

say(`1 cluster of ${options.models} models`);
await served(one, 1);

const resident: Resident[] = [];
const sizes = [0, 1 / 4, 1 / 2, 1].map((part) => Math.round(part * options.clusters));
const emptyObjects = await many.objects();
for (const clusters of sizes) {
  say(`${clusters} clusters`);
  if (clusters > 0) await served(many, clusters);
  const objects = await many.objects();
  resident.push({ clusters, objects, ...(await residentAtRest(many, objects > emptyObjects)) });
}

say("cold starts");
const coldStarts: ColdStart[] = [];
for (const side of [one, many]) {
  for (let round = 0; round < options.coldStarts; round++) {
    await using operator = await startOperatorProcess(side.kubernetes, start);
    coldStarts.push({
      clusters: side.clusters,
      firstPass: operator.firstPass,
      firstPassCpu: operator.firstPassCpu,
      firstCluster: operator.firstCluster,
    });
  }
}

await using little = await startOperatorProcess(one.kubernetes, start);
const beforeRestart = await many.kubernetes.auditPosition();
const restartedAt = performance.now();
await using large = await startOperatorProcess(many.kubernetes, start);
await large.idle();
const restart = {
  seconds: (performance.now() - restartedAt) / 1000,
  requests: tally(await many.requests(beforeRestart)),
};
await little.idle();

say(`${options.rest} s at rest`);
const restFrom = await many.kubernetes.auditPosition();
const cpuFrom = cpuSeconds(large.process.pid) ?? Number.NaN;
await new Promise((resolve) => setTimeout(resolve, options.rest * 1000));
const rest = {
  seconds: options.rest,
  cpuSeconds: (cpuSeconds(large.process.pid) ?? Number.NaN) - cpuFrom,
  requests: tally(await many.requests(restFrom)),
};

say("requests of an edit");
const requests = {
  one: await requestsOfEdit(one, little, 1),
  many: await requestsOfEdit(many, large, 1),
};

say(`${options.edits} edits on each side`);
const latency: { one: number[]; many: number[] } = { one: [], many: [] };
for (let number = 0; number < options.edits + WARM_UP; number++) {
  const sides = [
    ["one", one],
    ["many", many],
  ] as const;
  for (const [name, side] of number % 2 === 0 ? sides : [...sides].reverse()) {
    const milliseconds = await side.edit(number);
    if (number >= WARM_UP) latency[name].push(milliseconds);
    // The rest of the work of this edit is not to fall on the next one.
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MILLISECONDS));
  }
}

const figures: OperatorFigures = {
  machine: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`,
  program: program.endsWith(".ts") ? "sources" : "bundle",
  clusters: options.clusters,
  models: options.models,
  coldStarts,
  resident,
  restart,
  rest,
  requests,
  latency: { ...latency, ratio: median(latency.many) / median(latency.one) },
};
process.stdout.write(`\n${operatorReport(figures)}`);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
if (options.check && operatorBars(figures).some(({ passed, timed }) => !passed && !timed))
  process.exitCode = 1;

/** Lets an operator bring a side to this many clusters. */
async function served(side: Side, clusters: number): Promise<void> {
  // What has not been there yet gives it nothing to pass over, so it is not waited for.
  await using operator = await startOperatorProcess(side.kubernetes, { ...start, waits: side.clusters > 0 });
  await side.grow(clusters);
  await operator.idle();
}

/** Memory of an operator that has read and passed over everything, and then done nothing for a while. */
async function residentAtRest(
  side: Side,
  waits: boolean,
): Promise<Pick<Resident, "megabytes" | "peakMegabytes">> {
  await using operator: OperatorProcess = await startOperatorProcess(side.kubernetes, { ...start, waits });
  await operator.idle();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS));
  const memory = residentMegabytes(operator.process.pid);
  return { megabytes: memory?.now ?? Number.NaN, peakMegabytes: memory?.peak ?? Number.NaN };
}

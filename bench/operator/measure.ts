import { median } from "../median.ts";
import { cpuSeconds, residentMegabytes } from "../process-figures.ts";
import { type OperatorProcess, startOperatorProcess } from "./operator-process.ts";
import type { OperatorBenchOptions } from "./options.ts";
import type { ColdStart, EditRequests, Resident, WorldFigures } from "./report.ts";
import { requestsOfEdit, type Shape, type Side, type Subject, startSide, tally } from "./side.ts";

/** What is compared: one cluster of a shape with many of it. */
export interface MeasuredWorld {
  /** "models" or "agents": what there is most of. */
  readonly of: string;
  readonly each: number;
  readonly shape: Shape;
  readonly clusters: number;
  /** Parts of the clusters at which memory is looked at, beside all of them. */
  readonly sizes: readonly number[];
  /** Whose requests are counted; what the first one takes is timed. */
  readonly subjects: readonly Subject[];
  readonly edits: number;
  /** First numbers of the pods' addresses, one for each side. */
  readonly networks: readonly [one: string, many: string];
}

/** Edits before those that count. */
const WARM_UP = 3;
const BETWEEN_MILLISECONDS = 1_500;
const SETTLE_MILLISECONDS = 10_000;

/** Two API servers, one with a single cluster and one with many, and what an operator costs on each. */
export async function measureWorld(
  world: MeasuredWorld,
  options: Pick<OperatorBenchOptions, "coldStarts" | "rest">,
  start: { readonly program: string; readonly profile?: string },
  say: (text: string) => void,
): Promise<WorldFigures> {
  say(`${world.of}: starting two API servers`);
  await using one = await startSide(world.shape, world.networks[0]);
  await using many = await startSide(world.shape, world.networks[1]);

  say(`1 cluster of ${world.each} ${world.of}`);
  await served(one, 1);

  const resident: Resident[] = [];
  const emptyObjects = await many.objects();
  for (const clusters of world.sizes.map((part) => Math.round(part * world.clusters))) {
    say(`${clusters} clusters`);
    if (clusters > 0) await served(many, clusters);
    const objects = await many.objects();
    resident.push({ clusters, objects, ...(await residentAtRest(many, objects > emptyObjects)) });
  }
  say(`${world.clusters} clusters`);
  await served(many, world.clusters);

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
  // Of the operator that has rested: it takes minutes until another one has passed over everything.
  resident.push({ clusters: world.clusters, objects: await many.objects(), ...memoryOf(large) });

  say("requests of an edit");
  const requests: EditRequests[] = [];
  for (const subject of world.subjects) {
    requests.push({
      subject,
      one: await requestsOfEdit(one, little, subject, 1),
      many: await requestsOfEdit(many, large, subject, 1),
    });
  }

  const [timed = "model"] = world.subjects;
  say(`${world.edits} edits on each side`);
  const latency: { one: number[]; many: number[] } = { one: [], many: [] };
  for (let number = 0; number < world.edits + WARM_UP; number++) {
    const sides = [
      ["one", one],
      ["many", many],
    ] as const;
    for (const [name, side] of number % 2 === 0 ? sides : [...sides].reverse()) {
      const milliseconds = await side.edit(timed, number);
      if (number >= WARM_UP) latency[name].push(milliseconds);
      // The rest of the work of this edit is not to fall on the next one.
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MILLISECONDS));
    }
  }

  return {
    of: world.of,
    each: world.each,
    clusters: world.clusters,
    coldStarts,
    resident,
    restart,
    rest,
    requests,
    latency: { ...latency, ratio: median(latency.many) / median(latency.one) },
  };

  /** Lets an operator bring a side to this many clusters. */
  async function served(side: Side, clusters: number): Promise<void> {
    // What has not been there yet gives it nothing to pass over, so it is not waited for.
    await using operator = await startOperatorProcess(side.kubernetes, {
      ...start,
      waits: side.clusters > 0,
    });
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
    return memoryOf(operator);
  }
}

function memoryOf({ process: { pid } }: OperatorProcess): Pick<Resident, "megabytes" | "peakMegabytes"> {
  const memory = residentMegabytes(pid);
  return { megabytes: memory?.now ?? Number.NaN, peakMegabytes: memory?.peak ?? Number.NaN };
}

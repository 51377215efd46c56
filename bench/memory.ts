import type { RunningProcess } from "@gatewright/testkit";
import type { Contestant } from "./contestant.ts";
import { load } from "./load.ts";
import { residentMegabytes } from "./process-figures.ts";

/** What a process that is asked for long comes to need, megabytes. */
export interface MemoryGrowth {
  readonly contestant: string;
  readonly requests: number;
  /** Resident after each quarter of the requests and a moment of rest. */
  readonly quarters: readonly number[];
  readonly peak: number;
  readonly wrong: readonly string[];
}

const QUARTERS = 4;
const CONNECTIONS = 50;
const REST_MILLISECONDS = 2_000;
const LONGEST_QUARTER_SECONDS = 300;

/** Asks a process that has done nothing before, 50 at once. Undefined where the system does not tell memory. */
export async function memoryGrowth(
  contestant: Contestant & { readonly process: RunningProcess },
  requests: number,
): Promise<MemoryGrowth | undefined> {
  const amount = {
    connections: CONNECTIONS,
    requests: Math.ceil(requests / QUARTERS),
    seconds: LONGEST_QUARTER_SECONDS,
  };
  const quarters: number[] = [];
  const wrong: string[] = [];
  let peak = 0;
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    const result = await load({ ...contestant, stream: false }, amount, contestant.answers.json);
    wrong.push(...result.wrong);
    await new Promise((resolve) => setTimeout(resolve, REST_MILLISECONDS));
    const memory = residentMegabytes(contestant.process.pid);
    if (memory === undefined) return undefined;
    quarters.push(memory.now);
    peak = memory.peak;
  }
  return { contestant: contestant.name, requests: amount.requests * QUARTERS, quarters, peak, wrong };
}

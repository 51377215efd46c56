import { type Contestant, measuredCore, pinned } from "./contestant.ts";
import { type Expected, type Load, load } from "./load.ts";
import { coreBusySeconds, cpuSeconds } from "./process-figures.ts";

/** A kind of load. */
export interface Phase {
  readonly name: string;
  readonly connections: number;
  readonly requests: number;
  readonly stream: boolean;
}

/** One contestant under one load, once. */
export interface Measured extends Load {
  readonly contestant: string;
  readonly phase: string;
  readonly round: number;
  /** CPU microseconds per request or stream; absent for the upstream itself, and where the system does not tell. */
  readonly cpuMicroseconds?: number;
  /** Share of the time that the contestant was on its core: well below 1, it is not the contestant that is measured. */
  readonly busy?: number;
  /** Share of the time that others had that core; known only where processes are kept on their cores. */
  readonly disturbed?: number;
  /** Wrong results: answers, frames lost or invented, requests with another key than the upstream's. */
  readonly wrong: readonly string[];
}

/** The phases of a round. */
export function phasesFor(requests: number): readonly Phase[] {
  return [
    { name: "c=1", connections: 1, requests: Math.ceil(requests / 4), stream: false },
    { name: "c=10", connections: 10, requests, stream: false },
    { name: "c=50", connections: 50, requests, stream: false },
    { name: "streams c=10", connections: 10, requests: Math.ceil(requests / 10), stream: true },
    { name: "streams c=50", connections: 50, requests: Math.ceil(requests / 10), stream: true },
  ];
}

/** Nothing takes longer than this, seconds; a machine that slow measures fewer requests. */
const LONGEST = 10;

/** Puts one load on one contestant, after a little of it that is not measured. */
export async function measure(
  contestant: Contestant,
  phase: Phase,
  round: number,
  expected: Expected,
  upstreamPort: number,
): Promise<Measured> {
  const question = { ...contestant, stream: phase.stream };
  const warming = Math.ceil(phase.requests / 20);
  await load(question, { ...phase, requests: warming, seconds: 2 }, expected);
  await takeStats(upstreamPort);
  const pid = contestant.process?.pid;
  const coreBefore = pinned ? coreBusySeconds(measuredCore) : undefined;
  const before = pid === undefined ? undefined : cpuSeconds(pid);
  const result = await load(question, { ...phase, seconds: LONGEST }, expected);
  const after = pid === undefined ? undefined : cpuSeconds(pid);
  const coreAfter = pinned ? coreBusySeconds(measuredCore) : undefined;
  const stats = await takeStats(upstreamPort);
  const wrong = [...result.wrong];
  if (stats.requests !== result.requests) {
    wrong.push(`${result.requests} answers, but the upstream saw ${stats.requests} requests`);
  }
  if (phase.stream && stats.frames !== result.framesIn) {
    wrong.push(`${stats.frames} frames went out, ${result.framesIn} came in`);
  }
  if (stats.wrongKeys > 0) wrong.push(`${stats.wrongKeys} requests without the upstream's key`);
  const used = before === undefined || after === undefined ? undefined : after - before;
  const worked = coreBefore === undefined || coreAfter === undefined ? undefined : coreAfter - coreBefore;
  return {
    ...result,
    contestant: contestant.name,
    phase: phase.name,
    round,
    wrong,
    ...(used === undefined
      ? {}
      : { cpuMicroseconds: (used / result.requests) * 1e6, busy: used / result.seconds }),
    ...(worked === undefined ? {} : { disturbed: Math.max(0, worked - (used ?? 0)) / result.seconds }),
  };
}

interface UpstreamStats {
  readonly requests: number;
  readonly streams: number;
  readonly frames: number;
  readonly wrongKeys: number;
}

async function takeStats(port: number): Promise<UpstreamStats> {
  const response = await fetch(`http://127.0.0.1:${port}/_stats`);
  return (await response.json()) as UpstreamStats;
}

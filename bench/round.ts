import type { Contestant } from "./contestant.ts";
import { type Load, load } from "./load.ts";
import { coreBusySeconds, cpuSeconds } from "./process-figures.ts";
import { measuredCore, pinned } from "./program.ts";
import { hasWrk, wrk } from "./wrk.ts";

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

/** The phases of a round. The last is too little to be about anything but the time to the first byte. */
export function phasesFor(requests: number): readonly Phase[] {
  return [
    { name: "c=1", connections: 1, requests: Math.ceil(requests / 4), stream: false },
    { name: "c=10", connections: 10, requests, stream: false },
    { name: "c=50", connections: 50, requests, stream: false },
    { name: "streams c=10", connections: 10, requests: Math.ceil(requests / 10), stream: true },
    { name: "streams c=50", connections: 50, requests: Math.ceil(requests / 10), stream: true },
    { name: "streams c=1", connections: 1, requests: Math.ceil(requests / 40), stream: true },
  ];
}

/** How a load is put on. */
export interface MeasureOptions {
  readonly upstreamPort: number;
  /** Seconds of wrk; where it is missing, and for streams, nothing takes longer than `LONGEST`. */
  readonly seconds: number;
  /** What a stream of the upstream has. */
  readonly upstreamFrames: number;
}

/** A machine or a peer that is slow measures fewer requests, seconds. */
const LONGEST = 5;

/** Puts one load on one contestant, after a little of it whose answers are all looked at. */
export async function measure(
  contestant: Contestant,
  phase: Phase,
  round: number,
  { upstreamPort, seconds, upstreamFrames }: MeasureOptions,
): Promise<Measured> {
  const question = { ...contestant, stream: phase.stream };
  const expected = phase.stream ? contestant.answers.stream : contestant.answers.json;
  const byWrk = hasWrk && !phase.stream;
  const warming = { ...phase, requests: Math.ceil(phase.requests / 20), seconds: 1 };
  const warmed = await load(question, warming, expected);
  await takeStats(upstreamPort);
  const pid = contestant.process?.pid;
  const coreBefore = pinned ? coreBusySeconds(measuredCore) : undefined;
  const before = pid === undefined ? undefined : cpuSeconds(pid);
  const result = byWrk
    ? await wrk(question, phase.connections, seconds)
    : await load(question, { ...phase, seconds: LONGEST }, expected);
  // What wrk left behind is still being worked on, and would fall on whoever comes next.
  if (byWrk && pid !== undefined) await idle(pid);
  const after = pid === undefined ? undefined : cpuSeconds(pid);
  const coreAfter = pinned ? coreBusySeconds(measuredCore) : undefined;
  const stats = await takeStats(upstreamPort);
  const wrong = [...warmed.wrong, ...result.wrong];
  // When its time is up wrk leaves without the answers to its last questions, and without counting the last that it read.
  const unanswered = stats.requests - result.requests;
  if (unanswered < 0 || unanswered > (byWrk ? 2 * phase.connections : 0)) {
    wrong.push(`${result.requests} answers, but the upstream saw ${stats.requests} requests`);
  }
  // A contestant may make its own frames, but the same number of them each time.
  if (phase.stream && stats.frames * expected.frames !== result.framesIn * upstreamFrames) {
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
    ...(used === undefined || stats.requests === 0
      ? {}
      : { cpuMicroseconds: (used / stats.requests) * 1e6, busy: used / result.seconds }),
    ...(worked === undefined ? {} : { disturbed: Math.max(0, worked - (used ?? 0)) / result.seconds }),
  };
}

/** Resolves when a process has next to nothing to do any more. */
async function idle(pid: number): Promise<void> {
  let before = cpuSeconds(pid);
  let quiet = 0;
  for (let look = 0; look < MOST_LOOKS && quiet < QUIET_LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    const now = cpuSeconds(pid);
    if (before === undefined || now === undefined) return;
    quiet = now - before < LOOK_MILLISECONDS / 1000 / 10 ? quiet + 1 : 0;
    before = now;
  }
}

const LOOK_MILLISECONDS = 50;
const QUIET_LOOKS = 3;
const MOST_LOOKS = 200;

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

import { readdirSync, readFileSync } from "node:fs";

/** The kernel's unit in `/proc/<pid>/stat`, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time a process has used so far on all its threads, seconds; undefined where the system does not tell. */
export function cpuSeconds(pid: number): number | undefined {
  return scheduledSeconds(pid) ?? tickedSeconds(pid);
}

/** To the nanosecond. */
function scheduledSeconds(pid: number): number | undefined {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    }
    return nanoseconds > 0 ? nanoseconds / 1e9 : undefined;
  } catch {
    return undefined;
  }
}

/** In ticks of 10 ms: coarse for a round of a second, but every kernel has it. */
function tickedSeconds(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** Time that a core has worked so far, for whomever, seconds; undefined where the system does not tell. */
export function coreBusySeconds(core: number): number | undefined {
  try {
    const line = new RegExp(`^cpu${core} (.*)$`, "m").exec(readFileSync("/proc/stat", "utf8"))?.[1];
    const [user, nice, system, _idle, _wait, irq, softirq] = line?.split(" ").map(Number) ?? [];
    if (softirq === undefined) return undefined;
    return (
      [user, nice, system, irq, softirq].reduce<number>((sum, one) => sum + (one ?? 0), 0) / TICKS_PER_SECOND
    );
  } catch {
    return undefined;
  }
}

/** Resident memory, megabytes (10^6 bytes). */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

/** Memory of a process; undefined where the system does not tell. */
export function residentMegabytes(pid: number): Memory | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    const read = (name: string): number =>
      (Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(text)?.[1]) * 1024) / 1e6;
    return { now: read("VmRSS"), peak: read("VmHWM") };
  } catch {
    return undefined;
  }
}

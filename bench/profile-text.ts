import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/* `node bench/profile-text.ts FILE.cpuprofile`: where the time of a profiled process went, file by file. */

/** What we read of a CPU profile of V8. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The function that a frame of the profile is in the sources. */
export interface Place {
  readonly file: string;
  readonly name: string;
}

/** How many lines each list has. */
const LINES = 20;

const idle = new Set(["(idle)", "(program)", "(root)"]);

/** Self time of the files and of the functions, the longest first, in shares of the time that the process was busy. */
export function profileLists(
  profile: CpuProfile,
  placeOf: (frame: CpuProfile["nodes"][number]["callFrame"]) => Place,
): string {
  const self = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    self.set(id, (self.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const files = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const { id, callFrame } of profile.nodes) {
    const time = self.get(id) ?? 0;
    if (time === 0 || idle.has(callFrame.functionName)) continue;
    const { file, name } = placeOf(callFrame);
    busy += time;
    files.set(file, (files.get(file) ?? 0) + time);
    functions.set(`${name}  ${file}`, (functions.get(`${name}  ${file}`) ?? 0) + time);
  }
  const list = (of: ReadonlyMap<string, number>): string =>
    [...of]
      .sort((a, b) => b[1] - a[1])
      .slice(0, LINES)
      .map(([text, time]) => `${((time / busy) * 100).toFixed(1).padStart(6)} %  ${text}`)
      .join("\n");
  return `self time by file, of ${(busy / 1e6).toFixed(1)} s busy\n${list(files)}\n\nby function\n${list(functions)}\n`;
}

/** The lists of a file that Node wrote with `--cpu-prof`; what a bundle holds is named by its source maps. */
export async function profileText(file: string): Promise<string> {
  const profile = JSON.parse(await readFile(file, "utf8")) as CpuProfile;
  const maps = new Map<string, SourceMap>();
  for (const url of new Set(profile.nodes.map(({ callFrame }) => callFrame.url))) {
    const map = url.startsWith("file:") ? `${fileURLToPath(url)}.map` : "";
    if (!existsSync(map)) continue;
    maps.set(url, new SourceMap(JSON.parse(await readFile(map, "utf8")) as SourceMapPayload));
  }
  return profileLists(profile, ({ url, functionName, lineNumber, columnNumber }) => {
    const name = functionName === "" ? "(anonymous)" : functionName;
    if (url === "") return { file: functionName.startsWith("(") ? functionName : "(native)", name };
    const source = maps.get(url)?.findEntry(lineNumber, columnNumber);
    if (source === undefined || !("originalSource" in source)) return { file: shortened(url), name };
    const path = join(dirname(fileURLToPath(url)), source.originalSource);
    return { file: shortened(path), name };
  });
}

/** Relative to here, and packages by their names. */
function shortened(place: string): string {
  const path = place.startsWith("file:") ? fileURLToPath(place) : place;
  const packaged = path.lastIndexOf("node_modules/");
  if (packaged !== -1) return path.slice(packaged + "node_modules/".length);
  return path.startsWith("/") ? relative(process.cwd(), path) : path;
}

if (import.meta.main) {
  const [, , file] = process.argv;
  if (file === undefined) throw new Error("usage: node bench/profile-text.ts FILE.cpuprofile");
  process.stdout.write(await profileText(file));
}

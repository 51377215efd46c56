import type { RecordedApiRequest } from "./faulty-transport.ts";
import type { MortalOperator, MortalWay } from "./mortal-operator.ts";
import type { World } from "./world.ts";
import { differences } from "./world-differences.ts";

/** Where a life ends: at which write, and on which side of it. */
export interface Death {
  /** Method, path and kind of patch, with `NAME` for the name of the case. */
  readonly write: string;
  /** Of several equal writes of one life, which one. */
  readonly nth: number;
  readonly when: "before" | "after";
}

/**
 * Every point at which a life with these writes can end. After one write is before the next; only creates, which a
 * second try meets as AlreadyExists, and the last one end on both sides.
 */
export function deathsIn(name: string, writes: readonly RecordedApiRequest[]): readonly Death[] {
  const seen = new Map<string, number>();
  return writes.flatMap((request, index) => {
    const write = writeText(name, request);
    const nth = (seen.get(write) ?? 0) + 1;
    seen.set(write, nth);
    const both = request.method === "POST" || index === writes.length - 1;
    return (both ? (["before", "after"] as const) : (["before"] as const)).map((when) => ({
      write,
      nth,
      when,
    }));
  });
}

/** Has the operator die that way. Resolves when it has. */
export function die(way: MortalWay, name: string, { write, nth, when }: Death): Promise<void> {
  return way.dieAt(when, (request) => writeText(name, request) === write, nth);
}

function writeText(name: string, { method, path, contentType = "" }: RecordedApiRequest): string {
  return `${method} ${path} ${contentType}`.replaceAll(name, "NAME").trim();
}

/** Waits until the operator has nothing more to do and the world is as expected; after a minute tells the differences. */
export async function comesTo(
  operator: MortalOperator,
  look: () => Promise<World>,
  expected: World,
): Promise<readonly string[]> {
  const until = performance.now() + 60_000;
  for (;;) {
    await operator.quiet(200);
    const found = differences(expected, await look());
    if (found.length === 0 || performance.now() > until) return found;
  }
}

/** Runs cases `lanes` at a time. The answer is what went wrong; after three of those the rest is left out. */
export async function inLanes<T>(
  cases: readonly T[],
  lanes: number,
  lane: () => Promise<(one: T) => Promise<readonly string[]>>,
): Promise<readonly string[]> {
  const rest = [...cases];
  const wrong: string[] = [];
  const work = async (): Promise<void> => {
    const run = await lane();
    for (let one = rest.shift(); one !== undefined && wrong.length < 3; one = rest.shift()) {
      const found = await run(one).catch((error: unknown) => [String(error)]);
      if (found.length > 0) wrong.push([JSON.stringify(one), ...found].join("\n"));
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, cases.length) }, work));
  return wrong;
}

import { median } from "./median.ts";
import type { MemoryGrowth } from "./memory.ts";
import type { Memory } from "./process-figures.ts";
import type { Measured, Phase } from "./round.ts";
import type { Burden, Stall } from "./stall.ts";

/** Everything a run found. */
export interface Figures {
  readonly machine: string;
  readonly pinned: boolean;
  /** What made the load of JSON answers. */
  readonly generator: string;
  readonly profiled: boolean;
  readonly rounds: number;
  readonly phases: readonly Phase[];
  readonly contestants: readonly string[];
  /** Who did not take part, and why. */
  readonly leftOut: readonly string[];
  /** Settings of the governed gateway's document that have no effect in this build. */
  readonly ignored: readonly string[];
  readonly measured: readonly Measured[];
  readonly stalls: readonly Stall[];
  /** Megabytes after all the load, by contestant. */
  readonly memory: { readonly [contestant: string]: Memory };
  readonly growth: readonly MemoryGrowth[];
  readonly coldStart: { readonly median: number; readonly all: readonly number[] };
}

/** A figure of one contestant under one load. */
export type Pick = (one: Measured) => number;

export const rate: Pick = (one) => one.perSecond;
export const cpu: Pick = (one) => one.cpuMicroseconds ?? Number.NaN;
export const firstByte: Pick = (one) => one.firstByte;

export function rows({ measured }: Figures, contestant: string, phase: string): readonly Measured[] {
  return measured.filter((one) => one.contestant === contestant && one.phase === phase);
}

/** The middle of the rounds of one figure; NaN of one that was not there. */
export function middle(figures: Figures, contestant: string, phase: string, pick: Pick): number {
  return median(rows(figures, contestant, phase).map(pick));
}

/** The middle of a figure compared with another contestant's of the same round. */
export function compared(
  figures: Figures,
  contestant: string,
  phase: string,
  against: string,
  compare: (own: Measured, other: Measured) => number,
): number {
  const others = new Map(rows(figures, against, phase).map((one) => [one.round, one]));
  return median(
    rows(figures, contestant, phase).flatMap((own) => {
      const other = others.get(own.round);
      return other === undefined ? [] : [compare(own, other)];
    }),
  );
}

/** The middle of the ratios of a figure. */
export function ratio(
  figures: Figures,
  contestant: string,
  phase: string,
  against: string,
  pick: Pick,
): number {
  return compared(figures, contestant, phase, against, (own, other) =>
    // Whoever is too slow for a single answer within the time was not measured.
    pick(other) > 0 ? pick(own) / pick(other) : Number.NaN,
  );
}

/** The middle of the differences of a figure. */
export function more(
  figures: Figures,
  contestant: string,
  phase: string,
  against: string,
  pick: Pick,
): number {
  return compared(figures, contestant, phase, against, (own, other) => pick(own) - pick(other));
}

/** How late the latest frame came beside a burden: the middle of the rounds. */
export function latest(figures: Figures, contestant: string, burden: Burden): number {
  return median(
    figures.stalls
      .filter((one) => one.contestant === contestant && one.burden === burden)
      .map((one) => one.latest),
  );
}

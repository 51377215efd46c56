import { WINDOW_MILLISECONDS } from "./fixed-window.ts";
import type { MeterKind } from "./limit.ts";

/** What a counter in memory knows. Which fields mean something depends on how it counts. */
export class Count {
  readonly kind: MeterKind;
  /** Window: used since `startedAt`. Parallel: slots taken. */
  used = 0;
  /** Window: when it started, monotonic milliseconds. */
  startedAt = Number.NEGATIVE_INFINITY;
  /** GCRA: the theoretical arrival time. */
  theoretical = Number.NEGATIVE_INFINITY;
  /** GCRA: by how much refunds have moved `theoretical` back in all. */
  shifted = 0;

  constructor(kind: MeterKind) {
    this.kind = kind;
  }

  /** It is no different from one that was never used. */
  idle(now: number): boolean {
    switch (this.kind) {
      case "window":
        return now - this.startedAt >= WINDOW_MILLISECONDS;
      case "gcra":
        return this.theoretical <= now;
      case "parallel":
        return this.used === 0;
    }
  }
}

import { performance } from "node:perf_hooks";
/** Something that is to be looked at again at a time, `performance.now()`. */
export interface Watched {
  /** Where `Deadlines` keeps it; -1: nowhere. Only `Deadlines` writes it. */
  slot: number;
  /** Set before `watch`. */
  dueAt: number;
  /** The time has come. Nothing watches it any more; it may be watched anew. */
  look(now: number): void;
}

/** Node fires timers that are longer than this at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * One timer for all calls under way. Nearly every call ends long before its time, and making and clearing a timer for
 * each costs more than 1 µs; here a call only writes itself into a list. The timer is set for the earliest of all, is
 * left alone when that one ends, and looks for the next when it goes off. It does not keep the process running.
 */
export class Deadlines {
  readonly #slots: (Watched | undefined)[] = [];
  readonly #free: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the timer goes off. */
  #timerAt = Number.POSITIVE_INFINITY;

  /** Looks at it at its `dueAt`, once. */
  watch(watched: Watched): void {
    if (watched.slot < 0) {
      watched.slot = this.#free.pop() ?? this.#slots.length;
      this.#slots[watched.slot] = watched;
    }
    if (watched.dueAt < this.#timerAt) this.#arm(watched.dueAt);
  }

  forget(watched: Watched): void {
    if (watched.slot < 0) return;
    this.#slots[watched.slot] = undefined;
    this.#free.push(watched.slot);
    watched.slot = -1;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const milliseconds = Math.min(Math.max(Math.ceil(at - performance.now()), 1), LONGEST_TIMER);
    this.#timer = setTimeout(() => this.#goOff(), milliseconds).unref();
  }

  #goOff(): void {
    const now = performance.now();
    // Whatever is watched meanwhile sets the timer by itself.
    this.#timerAt = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    // By index: one look may forget others.
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const watched = this.#slots[slot];
      if (watched === undefined) continue;
      if (watched.dueAt <= now) {
        this.forget(watched);
        watched.look(now);
      } else {
        next = Math.min(next, watched.dueAt);
      }
    }
    if (next < this.#timerAt) this.#arm(next);
  }
}

/** The deadlines of this process's calls. */
export const deadlines = new Deadlines();

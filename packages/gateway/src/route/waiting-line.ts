import type { DeploymentState } from "./deployment-state.ts";

/** A request that waits for a place. */
export interface Waiter {
  /** Tries again; true when it took the place. One that is turned away instead leaves the line as well. */
  resume(): boolean;
}

/** How many requests wait for a deployment of one group, and how long each, unless told otherwise (decisions.md). */
const LONGEST_LINE = 100;
const LONGEST_WAIT = 10_000;

/**
 * Requests whose deployments are all at `max_parallel_requests`, first come, first served. It is woken whenever a call
 * to one of the deployments ends, in the same turn, so that nobody who comes later gets the place.
 */
export class WaitingLine {
  readonly waitMilliseconds: number;
  readonly #longest: number;
  readonly #states: readonly DeploymentState[];
  readonly #waiting: Waiter[] = [];

  constructor(states: readonly DeploymentState[], longest = LONGEST_LINE, waitMilliseconds = LONGEST_WAIT) {
    this.#states = states;
    this.#longest = longest;
    this.waitMilliseconds = waitMilliseconds;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** False when the line is full. */
  join(waiter: Waiter): boolean {
    if (this.#waiting.length >= this.#longest) return false;
    if (this.#waiting.length === 0) for (const state of this.#states) state.lines.add(this);
    this.#waiting.push(waiter);
    return true;
  }

  leave(waiter: Waiter): void {
    const place = this.#waiting.indexOf(waiter);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    if (this.#waiting.length === 0) for (const state of this.#states) state.lines.delete(this);
  }

  /** Gives the place that is free to the first one that can use it. */
  wake(): void {
    for (const waiter of [...this.#waiting]) if (waiter.resume()) return;
  }
}

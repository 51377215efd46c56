import type { Answer } from "./answer.ts";

/** A request that waits for another's answer. Exactly one of its methods is called, once, unless it leaves before. */
export interface Follower {
  /** The answer is there. */
  take(answer: Answer): void;
  /** The one it waited for gave none: this one now leads, and the others wait for it. */
  lead(lead: Lead): void;
  /** There is nothing to wait for any more: it goes on by itself. */
  goAlone(): void;
}

type After = (milliseconds: number, run: () => void) => { cancel(): void };

/**
 * Failures of leaders that followers wait through. One may be bad luck; with two, all go on by themselves: asked one
 * after the other, the last of them would wait for the failures of all others.
 */
const FAILURES = 2;

/**
 * Identical questions at one time: the first is asked, the others wait for its answer.
 *
 * - There is an answer, mostly the leader's: all followers take it.
 * - The leader fails or its client leaves (its upstream call is then given up): the follower that has waited longest
 *   leads, the others wait for it. When that fails too, all go on by themselves.
 * - The answer turns out to be none that is kept (too long, from a fallback): all go on by themselves at once.
 * - A follower waits no longer than it said, then goes on by itself. One whose client leaves is dropped.
 */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();
  readonly #after: After;

  constructor(after: After) {
    this.#after = after;
  }

  /**
   * Joins those who ask for `key`. Returns the lead when nobody does: the caller must see to its end, whatever happens.
   * Else `follower` waits, and hears of the outcome later, never before this returns.
   */
  join(key: string, follower: Follower, waitMilliseconds: number): Lead | undefined {
    const flight = this.#flights.get(key);
    if (flight === undefined) {
      const first: Flight = { key, followers: new Map(), failures: 0 };
      this.#flights.set(key, first);
      return new Lead(this.#flights, first);
    }
    const timer = this.#after(waitMilliseconds, () => {
      if (flight.followers.delete(follower)) follower.goAlone();
    });
    flight.followers.set(follower, timer);
    return undefined;
  }

  /** There is an answer, and it is in the store already. Whoever got it, nobody waits any longer. */
  answered(key: string, answer: Answer): void {
    const flight = this.#flights.get(key);
    if (flight !== undefined) for (const follower of land(this.#flights, flight)) follower.take(answer);
  }

  /** The follower's client has gone. */
  leave(key: string, follower: Follower): void {
    const flight = this.#flights.get(key);
    flight?.followers.get(follower)?.cancel();
    flight?.followers.delete(follower);
  }

  /** Different questions under way. */
  get size(): number {
    return this.#flights.size;
  }
}

interface Flight {
  readonly key: string;
  /** With the timers of their patience; longest wait first. */
  readonly followers: Map<Follower, { cancel(): void }>;
  failures: number;
}

/** The duty of the one who asks: to say when there will be no answer. It ends with the flight. */
export class Lead {
  readonly #flights: Map<string, Flight>;
  readonly #flight: Flight;
  #ended = false;

  constructor(flights: Map<string, Flight>, flight: Flight) {
    this.#flights = flights;
    this.#flight = flight;
  }

  /** The answer is none that is kept. */
  release(): void {
    if (!this.#end()) return;
    for (const follower of land(this.#flights, this.#flight)) follower.goAlone();
  }

  /** There is no answer. */
  fail(): void {
    if (!this.#end()) return;
    const flight = this.#flight;
    const [next] = flight.followers;
    flight.failures++;
    if (next === undefined || flight.failures >= FAILURES) {
      for (const follower of land(this.#flights, flight)) follower.goAlone();
      return;
    }
    const [follower, timer] = next;
    timer.cancel();
    flight.followers.delete(follower);
    follower.lead(new Lead(this.#flights, flight));
  }

  /** False when it has ended before. */
  #end(): boolean {
    const open = !this.#ended && this.#flights.get(this.#flight.key) === this.#flight;
    this.#ended = true;
    return open;
  }
}

/** Ends a flight; those who waited are the caller's now. */
function land(flights: Map<string, Flight>, flight: Flight): readonly Follower[] {
  flights.delete(flight.key);
  const followers: Follower[] = [];
  for (const [follower, timer] of flight.followers) {
    timer.cancel();
    followers.push(follower);
  }
  flight.followers.clear();
  return followers;
}

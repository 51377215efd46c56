import type { ErrorDetails } from "@gatewright/litellm";
import { type BudgetWindow, windowEnd } from "./budget-window.ts";
import { dollars, picodollars } from "./dollars.ts";
import type { TimeZone } from "./time-zone.ts";

/** Whose money it is, in the words of the error (litellm.md §3.6), and what only routing looks at. */
export type SpendSubject = ErrorDetails["budget_exceeded"]["subject"] | "deployment" | "provider";

/** Clocks of a meter. */
export interface SpendClock {
  /** Monotonic milliseconds: `performance.now()`. */
  now(): number;
  /** Epoch milliseconds: budgets end by the calendar. */
  epoch(): number;
}

/** What may be spent, and until when. */
export interface SpendTerms {
  /** US dollars; undefined counts without a limit. */
  readonly limit: number | undefined;
  /** Undefined: what is spent stays spent. */
  readonly window: BudgetWindow | undefined;
  readonly zone: TimeZone;
  /** Trips when spend reaches the limit (keys, routing), else when it is above (litellm.md §4.1). */
  readonly tripsAtLimit: boolean;
}

/** A recent sum this large joins the total: with one more call on top it is still exact. */
const FOLD = 2 ** 52;

/** The calendar is looked at this often at least, so that a clock that is set is noticed. */
const LOOK_MILLISECONDS = 3_600_000;

/**
 * Spend of one key, team, deployment … in the current window, picodollars. The total may pass what a number holds
 * exactly (9,007 dollars) and is a bigint; what was added lately, and how much is still free, are numbers, so that a
 * request pays for an addition and a comparison. Lives in memory: without `SharedSpend` a restart begins at zero.
 */
export class SpendMeter {
  /** `<subject>:<name>`, the same across reloads. */
  readonly id: string;
  readonly subject: SpendSubject;
  /** As messages name it. */
  readonly name: string;
  readonly #clock: SpendClock;
  #terms: SpendTerms;
  #folded = 0n;
  #recent = 0;
  #reserved = 0;
  /** `#recent` and `#reserved` at which the budget is used up. */
  #room = Number.POSITIVE_INFINITY;
  #resetsAt = Number.POSITIVE_INFINITY;
  /** When the calendar is to be looked at, monotonic. */
  #lookAt = Number.POSITIVE_INFINITY;
  /** What replicas are known to have spent together, and whether anybody has asked since that was learned. */
  #known = 0n;
  #used = true;

  constructor(id: string, subject: SpendSubject, name: string, terms: SpendTerms, clock: SpendClock) {
    this.id = id;
    this.subject = subject;
    this.name = name;
    this.#clock = clock;
    this.#terms = terms;
    this.#begin();
  }

  /** US dollars; undefined when nothing is limited. */
  get limit(): number | undefined {
    return this.#terms.limit;
  }

  /** Picodollars spent in the window that runs now. */
  get spent(): bigint {
    this.#look(this.#clock.now());
    return this.#folded + BigInt(this.#recent);
  }

  /** US dollars spent in the window that runs at `now`, as near as a number comes. */
  dollarsSpent(now: number): number {
    if (now >= this.#lookAt) this.#look(now);
    return dollars(this.#folded === 0n ? this.#recent : Number(this.#folded) + this.#recent);
  }

  /** Picodollars set aside for calls under way. */
  get reserved(): number {
    return this.#reserved;
  }

  /** When the window ends, epoch milliseconds; undefined when it never does. */
  get resetsAt(): number | undefined {
    return this.#resetsAt === Number.POSITIVE_INFINITY ? undefined : this.#resetsAt;
  }

  /** US dollars that are left, not less than 0; undefined without a limit. */
  get remaining(): number | undefined {
    const { limit } = this.#terms;
    return limit === undefined ? undefined : Math.max(0, limit - dollars(this.spent));
  }

  /** Takes over what a new configuration says; what was spent stays. */
  adopt(terms: SpendTerms): void {
    if (terms === this.#terms) return;
    const { window, zone } = this.#terms;
    this.#terms = terms;
    const same =
      terms.window?.count === window?.count &&
      terms.window?.unit === window?.unit &&
      terms.zone.name === zone.name;
    if (same) this.#fold(0);
    else this.#begin();
  }

  /** True when no further call may begin: spend and reservations have reached the limit. `now` is monotonic. */
  crossed(now: number): boolean {
    if (now >= this.#lookAt) this.#look(now);
    this.#used = true;
    return this.#recent + this.#reserved >= this.#room;
  }

  /** Sets the estimated cost of a call aside, so that calls under way count before their cost is known. */
  reserve(amount: number): void {
    this.#reserved += amount;
  }

  /** Ends a reservation: the call has cost `spent` instead. */
  settle(reserved: number, spent: number, now: number): void {
    this.#reserved = Math.max(0, this.#reserved - reserved);
    this.add(spent, now);
  }

  /** Adds what a call has cost; integer picodollars, never less than 0. */
  add(amount: number, now: number): void {
    if (now >= this.#lookAt) this.#look(now);
    this.#used = true;
    if (amount < FOLD - this.#recent) this.#recent += amount;
    else this.#fold(amount);
  }

  /**
   * What this replica has `spent` beyond what replicas are `known` to have spent together; undefined when nothing was
   * spent or asked since the last time. Followed by `learn` with the same `spent`, or by `retryShare`.
   */
  unshared(): { readonly spent: bigint; readonly known: bigint } | undefined {
    if (!this.#used) return undefined;
    this.#used = false;
    return { spent: this.spent - this.#known, known: this.#known };
  }

  /** What `unshared` gave could not be told to anybody. */
  retryShare(): void {
    this.#used = true;
  }

  /**
   * Replicas together have spent `total` in the window that ends at `resetsAt`, `shared` of this one included;
   * an answer that comes after the window is over says nothing.
   */
  learn(shared: bigint, total: bigint, resetsAt: number | undefined): void {
    const { spent } = this;
    if (resetsAt !== this.resetsAt) return;
    this.#folded = total + (spent - this.#known - shared);
    this.#recent = 0;
    this.#known = total;
    this.#fold(0);
  }

  #fold(amount: number): void {
    this.#folded += BigInt(this.#recent) + BigInt(amount);
    this.#recent = 0;
    const { limit, tripsAtLimit } = this.#terms;
    if (limit === undefined) {
      this.#room = Number.POSITIVE_INFINITY;
      return;
    }
    const room = BigInt(picodollars(limit)) + (tripsAtLimit ? 0n : 1n) - this.#folded;
    // With more room than a number holds, the next fold comes before it can be used up.
    this.#room = room > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Number(room);
  }

  /** The window may be over. */
  #look(now: number): void {
    if (now < this.#lookAt) return;
    if (this.#clock.epoch() < this.#resetsAt) return this.#arm();
    this.#folded = 0n;
    this.#recent = 0;
    this.#known = 0n;
    this.#begin();
  }

  #begin(): void {
    const { window, zone } = this.#terms;
    this.#fold(0);
    this.#resetsAt =
      window === undefined ? Number.POSITIVE_INFINITY : windowEnd(window, this.#clock.epoch(), zone);
    this.#arm();
  }

  #arm(): void {
    const left = this.#resetsAt - this.#clock.epoch();
    this.#lookAt =
      left === Number.POSITIVE_INFINITY
        ? left
        : this.#clock.now() + Math.min(Math.max(left, 0), LOOK_MILLISECONDS);
  }
}

import type { Count } from "./count.ts";
import type { Limit, Meter } from "./limit.ts";

/** A request that asks for its share of some limits. */
export interface Applicant {
  /** Lists of several origins, one after the other; never put together. No limit is in two of them. */
  readonly limits: readonly (readonly Limit[])[];
  /** Tokens expected, which are reserved. */
  readonly input: number;
  readonly output: number;
  /** Hears the answer, exactly once, before `take` returns when nothing had to be waited for. */
  answered(answer: Answer): void;
}

export type Answer = Grant | Refusal | Unavailable;

/** What a grant took of one counter. */
export class Charge {
  readonly meter: Meter;
  readonly amount: number;
  /** Left after it, what runs at once and windows; what may be used at once for GCRA. */
  remaining = 0;
  /** The algorithm's own, to settle by: a number of the local ledger, Redis's text. */
  mark: number | string = 0;
  /** The counter, of the local ledger only. */
  readonly count: Count | undefined;

  constructor(meter: Meter, amount: number, count: Count | undefined) {
    this.meter = meter;
    this.amount = amount;
    this.count = count;
  }
}

/** Permission to go on. It holds what it took of every counter until it is settled. */
export class Grant {
  readonly kind = "grant";
  readonly charges: readonly Charge[];
  /** Name of its leases in Redis; undefined for one of the local ledger. */
  readonly lease: string | undefined;
  settled = false;

  constructor(charges: readonly Charge[], lease: string | undefined) {
    this.charges = charges;
    this.lease = lease;
  }
}

/** A limit is used up; nothing was taken of any. */
export interface Refusal {
  readonly kind: "refusal";
  readonly meter: Meter;
  readonly remaining: number;
  /**
   * When there may be more, monotonic milliseconds: the end of the window. For requests at once, whose end nobody
   * knows, when to look again; undefined where a release is heard of.
   */
  readonly againAt: number | undefined;
}

/** The ledger cannot be read, and the document says to refuse then (`gatewright.redis.when_unavailable`). */
export interface Unavailable {
  readonly kind: "unavailable";
}

export const unavailable: Unavailable = { kind: "unavailable" };

/** Tokens a request really used. */
export interface UsedTokens {
  readonly input: number;
  readonly output: number;
}

export const noTokens: UsedTokens = { input: 0, output: 0 };

/** Keeps the counters of limits. */
export interface Ledger {
  /** Takes from all counters of the applicant's limits, or from none. */
  take(applicant: Applicant): void;
  /**
   * Ends a grant: lets go of its slots, and puts the tokens really used in the place of those reserved; `undefined`
   * leaves the reservation as it is. A second time does nothing.
   */
  settle(grant: Grant, used: UsedTokens | undefined): void;
}

/**
 * Which of two refusals a request hears: one that no queue waits for, else the one that takes longest. What is not
 * told about would only refuse it next time.
 */
export function firmer(one: Refusal | undefined, other: Refusal): Refusal {
  if (one === undefined) return other;
  const oneWaits = one.meter.owner.queue !== undefined;
  const otherWaits = other.meter.owner.queue !== undefined;
  if (oneWaits !== otherWaits) return oneWaits ? other : one;
  return (other.againAt ?? 0) > (one.againAt ?? 0) ? other : one;
}

/** Whether an applicant is limited by anything at all. */
export function isLimited(limits: readonly (readonly Limit[])[]): boolean {
  for (const list of limits) if (list.length > 0) return true;
  return false;
}

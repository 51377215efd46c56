import { Count } from "./count.ts";
import { windowRemaining, windowSettle, windowTake, windowWait } from "./fixed-window.ts";
import { gcraBurst, gcraRemaining, gcraSettle, gcraTake, gcraWait } from "./gcra.ts";
import {
  type Applicant,
  Charge,
  firmer,
  Grant,
  type Ledger,
  type Refusal,
  type UsedTokens,
} from "./ledger.ts";
import { amountOf, type Limit, type Meter } from "./limit.ts";

/** Limits whose counters are kept. */
const REMEMBERED = 100_000;

/** The counters of one limit, in the places of its meters' units. */
type Counts = (Count | undefined)[];

/** Counters in this process. Everything is answered at once. */
export class LocalLedger implements Ledger {
  /**
   * Replicas that share the limits. This one allows its share of each: the limit divided by them, rounded down to whole
   * numbers, so that all shares together never exceed the limit; but at least 1 of anything, so that a limit smaller
   * than the number of replicas still lets each of them through one at a time. 0 stays 0.
   */
  replicas = 1;
  readonly #now: () => number;
  readonly #remembered: number;
  /** By the limit's key. */
  readonly #counts = new Map<string, Counts>();

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number, remembered = REMEMBERED) {
    this.#now = now;
    this.#remembered = remembered;
  }

  take(applicant: Applicant): void {
    applicant.answered(this.#decide(applicant));
  }

  #decide({ limits, input, output }: Applicant): Grant | Refusal {
    const now = this.#now();
    const charges: Charge[] = [];
    let refusal: Refusal | undefined;
    for (const list of limits) {
      for (const limit of list) {
        const counts = this.#countsOf(limit, now);
        for (const meter of limit.meters) {
          const count = counts[meter.place] ?? this.#start(counts, meter);
          const share = this.#share(meter.limit);
          const wanted = amountOf(meter.unit, input, output);
          // More than everything is everything: such a request has the whole minute to itself.
          const amount = meter.limitType === "tokens" && wanted > share ? share : wanted;
          const charge = new Charge(meter, amount, count);
          const wait = this.#wait(meter, count, share, amount, now);
          if (wait === 0) charges.push(charge);
          else refusal = firmer(refusal, refusalOf(meter, count, share, wait, now));
        }
      }
    }
    if (refusal !== undefined) return refusal;
    for (let index = 0; index < charges.length; index++) {
      const charge = charges[index];
      if (charge?.count !== undefined) this.#charge(charge, charge.count, now);
    }
    return new Grant(charges, undefined);
  }

  settle(grant: Grant, used: UsedTokens | undefined): void {
    if (grant.settled) return;
    grant.settled = true;
    const now = this.#now();
    const { charges } = grant;
    for (let index = 0; index < charges.length; index++) {
      const charge = charges[index];
      if (charge?.count === undefined) continue;
      const { meter, count } = charge;
      if (meter.kind === "parallel") count.used--;
      else if (used !== undefined && meter.limitType === "tokens") this.#settle(charge, count, used, now);
    }
  }

  #settle({ meter, amount, mark }: Charge, count: Count, used: UsedTokens, now: number): void {
    if (typeof mark !== "number") return;
    const real = amountOf(meter.unit, used.input, used.output);
    if (meter.kind === "window") windowSettle(count, mark, amount, real, now);
    else gcraSettle(count, this.#share(meter.limit), this.#burst(meter), mark, amount, real, now);
  }

  #share(limit: number): number {
    if (this.replicas === 1) return limit;
    return limit === 0 ? 0 : Math.max(1, Math.floor(limit / this.replicas));
  }

  #burst({ limit, burst }: Meter): number {
    return this.replicas === 1 ? burst : gcraBurst(this.#share(limit), this.#share(burst));
  }

  #wait(meter: Meter, count: Count, share: number, amount: number, now: number): number {
    if (meter.kind === "window") return windowWait(count, share, amount, now);
    if (meter.kind === "gcra") return gcraWait(count, share, this.#burst(meter), amount, now);
    return count.used < share ? 0 : Number.POSITIVE_INFINITY;
  }

  #charge(charge: Charge, count: Count, now: number): void {
    const { meter, amount } = charge;
    const share = this.#share(meter.limit);
    if (meter.kind === "window") {
      const mark = windowTake(count, amount, now);
      // Only tokens are settled; a number that is not kept costs no memory.
      if (meter.limitType === "tokens") charge.mark = mark;
      charge.remaining = Math.max(0, share - count.used);
    } else if (meter.kind === "gcra") {
      const burst = this.#burst(meter);
      const mark = gcraTake(count, share, burst, amount, now);
      if (meter.limitType === "tokens") charge.mark = mark;
      charge.remaining = gcraRemaining(count, share, burst, now);
    } else {
      count.used++;
      charge.remaining = Math.max(0, share - count.used);
    }
  }

  #countsOf(limit: Limit, now: number): Counts {
    const known = this.#counts.get(limit.key);
    if (known !== undefined) return known;
    if (this.#counts.size >= this.#remembered) this.#forget(now);
    const counts: Counts = [undefined, undefined, undefined, undefined, undefined];
    this.#counts.set(limit.key, counts);
    return counts;
  }

  #start(counts: Counts, meter: Meter): Count {
    const count = new Count(meter.kind);
    counts[meter.place] = count;
    return count;
  }

  /**
   * Makes room. Idle counters are no different from new ones, so nothing is lost with them; only when too few are
   * idle do the oldest start again from nothing, a tenth of all at a time, which costs each of them at most one minute's
   * count. Slots in use are never forgotten.
   */
  #forget(now: number): void {
    const enough = this.#remembered - Math.ceil(this.#remembered / 10);
    for (const [key, counts] of this.#counts) {
      if (counts.every((count) => count === undefined || count.idle(now))) this.#counts.delete(key);
    }
    for (const [key, counts] of this.#counts) {
      if (this.#counts.size <= enough) return;
      if (!counts.some((count) => count?.kind === "parallel" && count.used > 0)) this.#counts.delete(key);
    }
  }
}

function remainingOf(count: Count, share: number, burst: number, now: number): number {
  if (count.kind === "window") return windowRemaining(count, share, now);
  if (count.kind === "gcra") return gcraRemaining(count, share, burst, now);
  return Math.max(0, share - count.used);
}

function refusalOf(meter: Meter, count: Count, share: number, wait: number, now: number): Refusal {
  return {
    kind: "refusal",
    meter,
    remaining: remainingOf(count, share, meter.burst, now),
    againAt: wait === Number.POSITIVE_INFINITY ? undefined : now + wait,
  };
}

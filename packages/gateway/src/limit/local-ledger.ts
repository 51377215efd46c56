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
import { amountOf, type Meter } from "./limit.ts";

/** Counters kept. */
const REMEMBERED = 100_000;

/** Counters by key, in this process. Everything is answered at once. */
export class LocalLedger implements Ledger {
  /**
   * Replicas that share the limits. This one allows its share of each: the limit divided by them, rounded down to whole
   * numbers, so that all shares together never exceed the limit; but at least 1 of anything, so that a limit smaller
   * than the number of replicas still lets each of them through one at a time. 0 stays 0.
   */
  replicas = 1;
  readonly #now: () => number;
  readonly #remembered: number;
  readonly #counts = new Map<string, Count>();

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
        for (const meter of limit.meters) {
          const share = this.#share(meter.limit);
          const wanted = amountOf(meter.unit, input, output);
          // More than everything is everything: such a request has the whole minute to itself.
          const amount = meter.limitType === "tokens" && wanted > share ? share : wanted;
          const charge = new Charge(meter, amount, this.#count(meter, now));
          const wait = this.#wait(charge, share, now);
          if (wait === 0) charges.push(charge);
          else refusal = firmer(refusal, refusalOf(charge, share, wait, now));
        }
      }
    }
    if (refusal !== undefined) return refusal;
    for (const charge of charges) this.#charge(charge, now);
    return new Grant(charges, undefined);
  }

  settle(grant: Grant, used: UsedTokens | undefined): void {
    if (grant.settled) return;
    grant.settled = true;
    const now = this.#now();
    for (const { meter, amount, mark, count } of grant.charges) {
      if (count === undefined || typeof mark !== "number") continue;
      if (meter.kind === "parallel") {
        count.used--;
      } else if (meter.limitType === "tokens" && used !== undefined) {
        const real = amountOf(meter.unit, used.input, used.output);
        if (meter.kind === "window") windowSettle(count, mark, amount, real, now);
        else gcraSettle(count, this.#share(meter.limit), this.#burst(meter), mark, amount, real, now);
      }
    }
  }

  #share(limit: number): number {
    if (this.replicas === 1) return limit;
    return limit === 0 ? 0 : Math.max(1, Math.floor(limit / this.replicas));
  }

  #burst({ limit, burst }: Meter): number {
    return this.replicas === 1 ? burst : gcraBurst(this.#share(limit), this.#share(burst));
  }

  #wait({ meter, amount, count }: Charge, share: number, now: number): number {
    if (count === undefined) return 0;
    if (meter.kind === "window") return windowWait(count, share, amount, now);
    if (meter.kind === "gcra") return gcraWait(count, share, this.#burst(meter), amount, now);
    return count.used < share ? 0 : Number.POSITIVE_INFINITY;
  }

  #charge(charge: Charge, now: number): void {
    const { meter, amount, count } = charge;
    if (count === undefined) return;
    const share = this.#share(meter.limit);
    if (meter.kind === "window") charge.mark = windowTake(count, amount, now);
    else if (meter.kind === "gcra") charge.mark = gcraTake(count, share, this.#burst(meter), amount, now);
    else count.used++;
    charge.remaining = remainingOf(count, share, this.#burst(meter), now);
  }

  #count(meter: Meter, now: number): Count {
    const known = this.#counts.get(meter.key);
    if (known !== undefined) return known;
    if (this.#counts.size >= this.#remembered) this.#forget(now);
    const count = new Count(meter.kind);
    this.#counts.set(meter.key, count);
    return count;
  }

  /**
   * Makes room. Idle counters are no different from new ones, so nothing is lost with them; only when too few are
   * idle do the oldest start again from nothing, a tenth of all at a time, which costs each of them at most one minute's
   * count. Slots in use are never forgotten.
   */
  #forget(now: number): void {
    const enough = this.#remembered - Math.ceil(this.#remembered / 10);
    for (const [key, count] of this.#counts) if (count.idle(now)) this.#counts.delete(key);
    for (const [key, count] of this.#counts) {
      if (this.#counts.size <= enough) return;
      if (count.kind !== "parallel") this.#counts.delete(key);
    }
  }
}

function remainingOf(count: Count, share: number, burst: number, now: number): number {
  if (count.kind === "window") return windowRemaining(count, share, now);
  if (count.kind === "gcra") return gcraRemaining(count, share, burst, now);
  return Math.max(0, share - count.used);
}

function refusalOf({ meter, count }: Charge, share: number, wait: number, now: number): Refusal {
  return {
    kind: "refusal",
    meter,
    remaining: count === undefined ? 0 : remainingOf(count, share, meter.burst, now),
    againAt: wait === Number.POSITIVE_INFINITY ? undefined : now + wait,
  };
}

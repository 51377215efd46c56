import type { RedisConnection } from "../redis/redis-connection.ts";
import {
  type Applicant,
  Charge,
  firmer,
  Grant,
  type Ledger,
  type Refusal,
  type UsedTokens,
  unavailable,
} from "./ledger.ts";
import { amountOf, type Meter } from "./limit.ts";
import type { LocalLedger } from "./local-ledger.ts";
import { renewScript, settleScript, takeScript } from "./redis-scripts.ts";

/** What the ledger needs of the world. */
export interface RedisLedgerServices {
  /** Monotonic milliseconds. */
  now(): number;
  /** A timer, which does not keep the process alive. */
  after(milliseconds: number, run: () => void): { cancel(): void };
  /** In [0, 1): tells this replica's leases from others'. */
  random(): number;
}

/** How long a slot lives that nobody prolongs: after this, those of a replica that died are free again. */
const LEASE_MILLISECONDS = 30_000;

/** How often they are prolonged: twice may fail. */
const RENEW_MILLISECONDS = 10_000;

/** Leases prolonged by one command, so that none of them holds Redis up. */
const RENEWED_AT_ONCE = 500;

/** How soon to look again for a slot that any replica may free. */
const SLOT_LOOK_MILLISECONDS = 100;

/**
 * Counters in Redis, for all replicas, over its clock: one script a request, whatever the number of counters. All keys carry one hash
 * tag, so a cluster keeps them on one node.
 *
 * Without a Redis in the document, and while it does not answer, the local ledger decides: each replica counts its
 * share. A count starts from nothing when the ledger changes, so the minute of a change may see up to twice the limit.
 * A request whose take timed out may have been counted by Redis as well; a slot it took so ends with its lease.
 */
export class RedisLedger implements Ledger {
  /** `gatewright.redis.when_unavailable`. */
  whenUnavailable: "local" | "refuse" = "local";
  readonly #redis: RedisConnection;
  readonly #local: LocalLedger;
  readonly #services: RedisLedgerServices;
  readonly #replica: string;
  #grants = 0;
  /** Grants that hold slots. */
  readonly #leased = new Set<Grant>();
  #renewal: { cancel(): void } | undefined;

  constructor(redis: RedisConnection, local: LocalLedger, services: RedisLedgerServices) {
    this.#redis = redis;
    this.#local = local;
    this.#services = services;
    this.#replica = Math.floor(services.random() * 2 ** 52).toString(36);
  }

  take(applicant: Applicant): void {
    if (!this.#redis.configured) return this.#local.take(applicant);
    if (!this.#redis.healthy) return this.#without(applicant);
    const lease = `${this.#replica}-${(this.#grants++).toString(36)}`;
    const charges = this.#charges(applicant);
    const args: (string | number)[] = [lease, LEASE_MILLISECONDS];
    for (const { meter, amount } of charges) args.push(meter.kind, meter.limit, meter.burst, amount);
    this.#redis.evaluate(takeScript, this.#keys(charges), args, (failure, answer) => {
      if (failure !== undefined || !Array.isArray(answer)) return this.#without(applicant);
      const read = this.#read(answer, charges, lease);
      if (read === undefined) this.#without(applicant);
      else applicant.answered(read);
    });
  }

  settle(grant: Grant, used: UsedTokens | undefined): void {
    if (grant.lease === undefined) return this.#local.settle(grant, used);
    if (grant.settled) return;
    grant.settled = true;
    this.#leased.delete(grant);
    const charges = grant.charges.filter(
      ({ meter }) => meter.kind === "parallel" || (meter.limitType === "tokens" && used !== undefined),
    );
    if (charges.length === 0) return;
    const args: (string | number)[] = [grant.lease];
    for (const { meter, amount, mark } of charges) {
      const real = used === undefined ? amount : amountOf(meter.unit, used.input, used.output);
      args.push(meter.kind, meter.limit, meter.burst, amount, real, mark);
    }
    // Lost with a Redis that is gone: reservations end with their window, slots with their lease.
    this.#redis.evaluate(settleScript, this.#keys(charges), args, () => {});
  }

  close(): void {
    this.#renewal?.cancel();
  }

  #without(applicant: Applicant): void {
    if (this.whenUnavailable === "refuse") return applicant.answered(unavailable);
    this.#local.take(applicant);
  }

  #charges({ limits, input, output }: Applicant): Charge[] {
    const charges: Charge[] = [];
    for (const list of limits) {
      for (const limit of list) {
        for (const meter of limit.meters) charges.push(chargeOf(meter, input, output));
      }
    }
    return charges;
  }

  #keys(charges: readonly Charge[]): string[] {
    const { prefix } = this.#redis;
    return charges.map(({ meter }) => `{${prefix}}:limit:${meter.key}`);
  }

  #read(answer: readonly unknown[], charges: readonly Charge[], lease: string): Grant | Refusal | undefined {
    if (answer[0] !== "1") return refusalOf(answer, charges, this.#services.now());
    let holdsSlots = false;
    for (const [index, charge] of charges.entries()) {
      charge.remaining = Number(answer[index * 3 + 1]);
      charge.mark = String(answer[index * 3 + 3]);
      if (charge.meter.kind === "parallel") holdsSlots = true;
    }
    const grant = new Grant(charges, lease);
    if (holdsSlots) {
      this.#leased.add(grant);
      this.#renewal ??= this.#services.after(RENEW_MILLISECONDS, () => this.#renew());
    }
    return grant;
  }

  #renew(): void {
    this.#renewal = undefined;
    if (this.#leased.size === 0) return;
    this.#renewal = this.#services.after(RENEW_MILLISECONDS, () => this.#renew());
    const leases = new Map<string, string[]>();
    for (const { charges, lease } of this.#leased) {
      for (const { meter } of charges) {
        if (meter.kind !== "parallel" || lease === undefined) continue;
        const key = `{${this.#redis.prefix}}:limit:${meter.key}`;
        const known = leases.get(key);
        if (known === undefined) leases.set(key, [lease]);
        else known.push(lease);
      }
    }
    for (const [key, names] of leases) {
      for (let from = 0; from < names.length; from += RENEWED_AT_ONCE) {
        const some = names.slice(from, from + RENEWED_AT_ONCE);
        this.#redis.evaluate(renewScript, [key], [LEASE_MILLISECONDS, ...some], () => {});
      }
    }
  }
}

function chargeOf(meter: Meter, input: number, output: number): Charge {
  const wanted = amountOf(meter.unit, input, output);
  const amount = meter.limitType === "tokens" && wanted > meter.limit ? meter.limit : wanted;
  return new Charge(meter, amount, undefined);
}

function refusalOf(answer: readonly unknown[], charges: readonly Charge[], now: number): Refusal | undefined {
  let refusal: Refusal | undefined;
  for (const [index, { meter }] of charges.entries()) {
    const wait = Number(answer[index * 3 + 2]);
    if (wait === 0) continue;
    refusal = firmer(refusal, {
      kind: "refusal",
      meter,
      remaining: Number(answer[index * 3 + 1]),
      againAt: now + (wait < 0 ? SLOT_LOOK_MILLISECONDS : wait),
    });
  }
  return refusal;
}

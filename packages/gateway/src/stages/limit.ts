import { type ApiError, apiError } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import {
  type Answer,
  type Grant,
  isLimited,
  noTokens,
  type Refusal,
  type UsedTokens,
} from "../limit/ledger.ts";
import type { Limit } from "../limit/limit.ts";
import { Application, type Limiter } from "../limit/limiter.ts";
import { refusalError } from "../limit/refusal-error.ts";

/** What limits need of a request. */
export interface LimitedExchange {
  readonly operation: Operation;
  readonly snapshot: { readonly limits: readonly Limit[]; readonly customerLimits: CustomerLimits };
  readonly caller: { readonly user: string; readonly keyHash: string; readonly limits: readonly Limit[] };
  /** The end user, empty when none is named. */
  readonly customer: string;
  readonly group: { readonly limits: readonly Limit[] } | undefined;
  /** Tokens expected. */
  readonly estimate: UsedTokens;
  readonly usage: Usage | undefined;
  readonly cacheHit: boolean;
  readonly failure: ApiError | undefined;
  /** When an upstream was called, 0 if it never was. */
  readonly calledAt: number;
  readonly over: boolean;
  fail(error: ApiError): void;
  grant: Grant | undefined;
  /** What refused it. */
  refusal: Refusal | undefined;
  /** While it waits for its limits, or for Redis. */
  application: Application | undefined;
  /** How long it waited in queues, for `litellm_request_queue_time_seconds`. */
  queuedMilliseconds: number;
}

/** Limits of a customer, none for one that the document does not know. */
export type CustomerLimits = (customer: string) => readonly Limit[];

interface Usage extends UsedTokens {
  /** Part of `input` that the provider had cached; limits do not count it (litellm.md §4.3). */
  readonly cachedInput: number;
}

/** What the stage needs of the world. */
export interface LimitServices {
  /** Monotonic milliseconds. */
  now(): number;
  /** Time of day, epoch milliseconds. */
  epoch(): number;
}

/** The stage `limit`, and what ends its work. `Exchange` is the project's own; tests have a smaller one. */
export interface LimitStage<Exchange> {
  /** Takes from every limit of the request, waits in a queue, or answers 429. */
  readonly limit: (exchange: Exchange, next: (exchange: Exchange) => void) => void;
  /** Ends it, exactly once: leaves the queue, lets go of slots, counts the tokens really used. */
  readonly settleLimits: (exchange: Exchange) => void;
}

export function limitStage<Exchange extends LimitedExchange>(
  limiter: Limiter,
  services: LimitServices,
): LimitStage<Exchange> {
  return {
    limit(exchange, next) {
      const { snapshot, group, caller, customer } = exchange;
      const limits = [
        snapshot.limits,
        group?.limits ?? none,
        caller.limits,
        customer === "" ? none : snapshot.customerLimits(customer),
      ];
      if (!isLimited(limits)) return next(exchange);
      const application = new Entry(limiter, services, exchange, next, limits);
      exchange.application = application;
      limiter.apply(application);
    },
    settleLimits(exchange) {
      exchange.application?.leave();
      if (exchange.grant !== undefined) limiter.settle(exchange.grant, usedTokens(exchange));
    },
  };
}

const none: readonly Limit[] = [];

/** One exchange on its way through the limits. */
class Entry<Exchange extends LimitedExchange> extends Application {
  readonly limits: readonly (readonly Limit[])[];
  readonly input: number;
  readonly output: number;
  readonly caller: string;
  readonly #services: LimitServices;
  readonly #exchange: Exchange;
  readonly #next: (exchange: Exchange) => void;

  constructor(
    limiter: Limiter,
    services: LimitServices,
    exchange: Exchange,
    next: (exchange: Exchange) => void,
    limits: readonly (readonly Limit[])[],
  ) {
    super(limiter);
    this.limits = limits;
    this.input = exchange.estimate.input;
    this.output = exchange.estimate.output;
    const { keyHash, user } = exchange.caller;
    this.caller = keyHash || user || exchange.customer;
    this.#services = services;
    this.#exchange = exchange;
    this.#next = next;
  }

  concluded(answer: Answer): void {
    const exchange = this.#exchange;
    exchange.application = undefined;
    if (this.joinedAt >= 0) exchange.queuedMilliseconds = this.#services.now() - this.joinedAt;
    if (answer.kind === "grant") {
      exchange.grant = answer;
      return this.#next(exchange);
    }
    if (answer.kind === "refusal") exchange.refusal = answer;
    if (answer.kind === "unavailable") return exchange.fail(apiError("limits_unavailable", {}));
    exchange.fail(refusalError(answer, this.#services.now(), this.#services.epoch()));
  }
}

/**
 * What a request used; undefined when nobody can say though an upstream was called: then the estimate stands, or
 * leaving in time would make answers free.
 */
export function usedTokens(exchange: LimitedExchange): UsedTokens | undefined {
  const { usage } = exchange;
  if (exchange.cacheHit || exchange.calledAt === 0) return noTokens;
  if (usage !== undefined) return { input: usage.input - usage.cachedInput, output: usage.output };
  return exchange.failure === undefined ? undefined : noTokens;
}

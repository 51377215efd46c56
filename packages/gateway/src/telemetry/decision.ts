import type {
  AttemptFacts,
  CallerFacts,
  CandidateFacts,
  DeploymentFacts,
  GroupFacts,
  LimitFacts,
  RequestFacts,
  UsageFacts,
} from "./request-facts.ts";
import { shortText } from "./short-text.ts";

const PICODOLLARS = 1e12;

/** What was decided about one request: references and numbers, copied when it is over. Its texts are made by `decisionJson`. */
export interface Decision {
  readonly callId: string;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  /** 0 while it is under way. */
  readonly status: number;
  readonly error: string | undefined;
  readonly digest: string;
  readonly caller: CallerFacts;
  readonly customer: string | undefined;
  readonly group: GroupFacts | undefined;
  readonly deployment: DeploymentFacts | undefined;
  readonly strategy: string | undefined;
  readonly candidates: readonly CandidateFacts[] | undefined;
  readonly limits: readonly LimitFacts[] | undefined;
  readonly refusedBy: RequestFacts["refusedBy"];
  readonly queuedMilliseconds: number | undefined;
  readonly attempts: readonly AttemptFacts[] | undefined;
  readonly retries: number | undefined;
  readonly fallbacks: number | undefined;
  readonly cacheKey: string | undefined;
  readonly cacheHit: boolean | undefined;
  readonly usage: UsageFacts | undefined;
  readonly cost: number | undefined;
  readonly bill: RequestFacts["bill"];
  readonly traceId: string | undefined;
  /** Times as `performance.now()`. */
  readonly startedAt: number;
  readonly calledAt: number;
  readonly answeredAt: number;
  readonly firstByteAt: number;
  readonly endedAt: number;
}

/** The decisions of the last requests, for whoever asks why (`GET /gatewright/requests`). */
export class Decisions {
  #ring: (Decision | undefined)[];
  #next = 0;

  /** `size` requests are remembered; 0 none. */
  constructor(size: number) {
    this.#ring = ring(size);
  }

  /** Remembers this many from now on (`gatewright.explain.requests`); those kept so far stay, as far as they fit. */
  resize(size: number): void {
    if (size === this.#ring.length) return;
    const kept = this.newestFirst().slice(0, size).reverse();
    this.#ring = ring(size);
    for (const [index, decision] of kept.entries()) this.#ring[index] = decision;
    this.#next = kept.length === size ? 0 : kept.length;
  }

  /** Keeps what was decided about a request that is over. The exchange itself, with its sockets and texts, is let go. */
  keep(exchange: RequestFacts, status: number): void {
    const { length } = this.#ring;
    if (length === 0) return;
    this.#ring[this.#next] = decisionOf(exchange, status);
    this.#next = this.#next + 1 === length ? 0 : this.#next + 1;
  }

  /** By call id or by the client's own id of the request, of which the newest counts. */
  find(id: string): Decision | undefined {
    return this.newestFirst().find((one) => one.callId === id || one.requestId === id);
  }

  newestFirst(): readonly Decision[] {
    const { length } = this.#ring;
    const found: Decision[] = [];
    for (let back = 1; back <= length; back++) {
      const one = this.#ring[(this.#next - back + length) % length];
      if (one !== undefined) found.push(one);
    }
    return found;
  }
}

function ring(size: number): (Decision | undefined)[] {
  return Array.from({ length: Math.max(0, size) }, () => undefined);
}

/** What is known of a request now. */
export function decisionOf(exchange: RequestFacts, status: number): Decision {
  const now = performance.now();
  return {
    callId: exchange.callId,
    requestId: exchange.requestId,
    at: Date.now() - (now - exchange.startedAt),
    path: exchange.path,
    model: shortText(exchange.model),
    stream: exchange.stream,
    status,
    error: exchange.failure?.exceptionClass,
    digest: exchange.snapshot.digest,
    caller: exchange.caller,
    customer: exchange.customer && shortText(exchange.customer),
    group: exchange.group,
    deployment: exchange.deployment,
    strategy: exchange.strategy,
    candidates: exchange.candidates,
    limits: exchange.limitsAsked,
    refusedBy: exchange.refusedBy,
    queuedMilliseconds: exchange.queuedMilliseconds,
    attempts: exchange.attempts?.map(withoutText),
    retries: exchange.retries,
    fallbacks: exchange.fallbacks,
    cacheKey: exchange.cacheKey,
    cacheHit: exchange.cacheHit,
    usage: exchange.usage,
    cost: exchange.cost,
    bill: exchange.bill,
    traceId: exchange.trace?.traceId,
    startedAt: exchange.startedAt,
    calledAt: exchange.calledAt,
    answeredAt: exchange.answeredAt,
    firstByteAt: exchange.firstByteAt,
    endedAt: status === 0 ? 0 : now,
  };
}

/** Upstreams' error texts may be long, and may quote the prompt. */
function withoutText(attempt: AttemptFacts): AttemptFacts {
  const { failure } = attempt;
  if (failure === undefined) return attempt;
  const { exceptionClass } = failure.error;
  return { ...attempt, failure: { ...failure, error: { exceptionClass } } };
}

/** The decision as it is shown, members without a value left out. Never prompts, answers, keys, or an upstream's texts. */
export function decisionJson(decision: Decision): { readonly [member: string]: unknown } {
  const { caller, startedAt, cost, bill, cacheHit, cacheKey } = decision;
  const since = (time: number): number | undefined => (time === 0 ? undefined : round(time - startedAt));
  return {
    ...decisionLine(decision),
    request_id: decision.requestId,
    route: decision.path,
    trace_id: decision.traceId,
    config_digest: decision.digest,
    caller: {
      kind: caller.kind,
      user: caller.user || undefined,
      team: caller.team || undefined,
      key_alias: caller.alias || undefined,
      key_hash: caller.keyHash || undefined,
    },
    customer: decision.customer || undefined,
    routing: {
      group: decision.group?.name,
      strategy: decision.strategy,
      candidates: decision.candidates?.map(({ deployment, reason, score }) => ({
        model_id: deployment.id,
        filtered: reason,
        score,
      })),
    },
    limits: decision.limits?.map(({ name, unit, asked, limit, remaining }) => ({
      name,
      unit,
      asked,
      limit,
      remaining,
    })),
    refused_by: decision.refusedBy && { name: decision.refusedBy.name, unit: decision.refusedBy.unit },
    queue_ms: decision.queuedMilliseconds === undefined ? undefined : round(decision.queuedMilliseconds),
    attempts: decision.attempts?.map((attempt) => attemptJson(attempt, startedAt)),
    retries: decision.retries,
    fallbacks: decision.fallbacks,
    cache:
      cacheHit === undefined && cacheKey === undefined
        ? undefined
        : { key: cacheKey, result: cacheHit === true ? "hit" : "miss" },
    usage: decision.usage,
    cost:
      cost === undefined && bill === undefined
        ? undefined
        : { dollars: cost === undefined ? undefined : cost / PICODOLLARS, lines: bill?.lines() },
    timings_ms: {
      called: since(decision.calledAt),
      answered: since(decision.answeredAt),
      first_byte: since(decision.firstByteAt),
      ended: since(decision.endedAt),
    },
  };
}

/** The decision in short, for the list. */
export function decisionLine(decision: Decision): { readonly [member: string]: unknown } {
  return {
    call_id: decision.callId,
    at: new Date(decision.at).toISOString(),
    model: decision.model,
    model_id: decision.deployment?.id,
    stream: decision.stream,
    status: decision.status === 0 ? undefined : decision.status,
    error: decision.error,
    duration_ms: decision.endedAt === 0 ? undefined : round(decision.endedAt - decision.startedAt),
  };
}

function attemptJson(attempt: AttemptFacts, startedAt: number): { readonly [member: string]: unknown } {
  const { failure, endedAt = 0 } = attempt;
  return {
    model_id: attempt.deployment.id,
    group: attempt.group?.name,
    kind: attempt.kind,
    waited_ms: attempt.waitedMilliseconds ? round(attempt.waitedMilliseconds) : undefined,
    started_ms: round(attempt.startedAt - startedAt),
    duration_ms: endedAt === 0 ? undefined : round(endedAt - attempt.startedAt),
    failure: failure && {
      kind: failure.kind,
      status: failure.status,
      error: failure.error.exceptionClass,
    },
    cooled_down: attempt.cooledDown === true ? true : undefined,
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

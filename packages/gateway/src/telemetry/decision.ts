import type { Usage } from "@gatewright/call";
import { billOf } from "../budget/cost.ts";
import { dollars } from "../budget/dollars.ts";
import type { ServiceTier } from "../budget/price.ts";
import {
  type AttemptFacts,
  attemptKind,
  type CallerFacts,
  type ChoiceFacts,
  callsOf,
  type DeploymentFacts,
  type GroupFacts,
  type MeterFacts,
  type RequestFacts,
} from "./request-facts.ts";
import { shortText } from "./short-text.ts";

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
  readonly choices: readonly ChoiceFacts[] | undefined;
  readonly grant: RequestFacts["grant"];
  readonly refusal: RequestFacts["refusal"];
  readonly queuedMilliseconds: number | undefined;
  /** Undefined where the only call went well: it is told from the rest. */
  readonly attempts: readonly AttemptFacts[] | undefined;
  readonly servingGroup: GroupFacts | undefined;
  readonly retries: number | undefined;
  readonly fallbacks: number | undefined;
  readonly cacheKey: string | undefined;
  readonly cacheHit: boolean | undefined;
  readonly usage: Usage | undefined;
  readonly cost: number | undefined;
  readonly serviceTier: ServiceTier | undefined;
  readonly traceId: string | undefined;
  /** Times as `performance.now()`. */
  readonly startedAt: number;
  readonly calledAt: number;
  readonly answeredAt: number;
  readonly firstByteAt: number;
  readonly endedAt: number;
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
    choices: exchange.choices,
    grant: exchange.grant,
    refusal: exchange.refusal,
    queuedMilliseconds: exchange.queuedMilliseconds,
    attempts: exchange.attempts === undefined ? undefined : attemptsOf(exchange, now),
    servingGroup: exchange.servingGroup ?? exchange.group,
    retries: exchange.retries,
    fallbacks: exchange.fallbacks,
    cacheKey: exchange.cacheKey,
    cacheHit: exchange.cacheHit,
    usage: exchange.usage,
    cost: exchange.cost,
    serviceTier: exchange.serviceTier,
    traceId: exchange.trace?.traceId,
    startedAt: exchange.startedAt,
    calledAt: exchange.calledAt,
    answeredAt: exchange.answeredAt,
    firstByteAt: exchange.firstByteAt,
    endedAt: status === 0 ? 0 : now,
  };
}

/** Upstreams' error texts may be long, and may quote the prompt: only what kind of failure it was is kept. */
function attemptsOf(exchange: RequestFacts, now: number): readonly AttemptFacts[] {
  return callsOf(exchange, now).map((attempt) => {
    const { failure } = attempt;
    if (failure === undefined) return attempt;
    const { exceptionClass } = failure.error;
    return { ...attempt, failure: { ...failure, error: { exceptionClass } } };
  });
}

/** The call of a request that needed no other. */
function onlyCall({ deployment, servingGroup, calledAt, endedAt }: Decision): readonly AttemptFacts[] {
  if (deployment === undefined || servingGroup === undefined || calledAt === 0) return [];
  return [
    {
      deployment,
      group: servingGroup,
      startedAt: calledAt,
      endedAt: endedAt || calledAt,
      waitMilliseconds: 0,
    },
  ];
}

/** The decision as it is shown, members without a value left out. Never prompts, answers, keys, or an upstream's texts. */
export function decisionJson(decision: Decision): { readonly [member: string]: unknown } {
  const { caller, startedAt, cacheKey, group, attempts = onlyCall(decision) } = decision;
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
      key_alias: caller.keyAlias || undefined,
      key_hash: caller.keyHash || undefined,
    },
    customer: decision.customer || undefined,
    routing: { group: group?.name, choices: decision.choices },
    limits: decision.grant?.charges.map(({ meter, amount, remaining }) => ({
      ...meterJson(meter),
      asked: amount,
      remaining,
    })),
    refused_by: decision.refusal && {
      ...meterJson(decision.refusal.meter),
      remaining: decision.refusal.remaining,
    },
    queue_ms: decision.queuedMilliseconds === undefined ? undefined : round(decision.queuedMilliseconds),
    attempts: attempts.map((attempt, index) =>
      attemptJson(attempt, attemptKind(attempts, index, group), startedAt),
    ),
    retries: decision.retries,
    fallbacks: decision.fallbacks,
    cache:
      cacheKey === undefined
        ? undefined
        : { key: cacheKey, result: decision.cacheHit === true ? "hit" : "miss" },
    usage: decision.usage,
    cost: costJson(decision),
    timings_ms: {
      called: since(decision.calledAt),
      answered: since(decision.answeredAt),
      first_byte: since(decision.firstByteAt),
      ended: since(decision.endedAt),
    },
  };
}

/** The cost and the arithmetic behind it; an answer from the cache costs nothing. */
function costJson(decision: Decision): { readonly [member: string]: unknown } | undefined {
  const { cost, usage, deployment, serviceTier, cacheHit } = decision;
  if (cost === undefined) return undefined;
  const price = cacheHit === true ? undefined : deployment?.price;
  if (price === undefined || usage === undefined) return { dollars: dollars(cost) };
  const { lines, discount, margin } = billOf(price, usage, serviceTier);
  return {
    dollars: dollars(cost),
    lines: lines.map(({ what, tokens, picodollarsPerToken, picodollars }) => ({
      what,
      tokens,
      dollars_per_token: dollars(picodollarsPerToken),
      dollars: dollars(picodollars),
    })),
    discount: discount === 0 ? undefined : dollars(discount),
    margin: margin === 0 ? undefined : dollars(margin),
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

function meterJson({ owner, unit, limit }: MeterFacts): { readonly [member: string]: unknown } {
  return { name: owner.name, subject: owner.subject, unit, limit };
}

function attemptJson(
  attempt: AttemptFacts,
  kind: string,
  startedAt: number,
): { readonly [member: string]: unknown } {
  const { failure, waitMilliseconds } = attempt;
  return {
    model_id: attempt.deployment.id,
    group: attempt.group.name,
    kind,
    waited_ms: waitMilliseconds > 0 ? round(waitMilliseconds) : undefined,
    started_ms: round(attempt.startedAt - startedAt),
    duration_ms: round(attempt.endedAt - attempt.startedAt),
    failure: failure && {
      kind: failure.kind,
      status: failure.status,
      error: failure.error.exceptionClass,
    },
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

import { litellmVersion, responseHeaders as names } from "@gatewright/litellm";
import { dollarsText, floatText } from "../budget/dollars.ts";
import { headerText } from "../snapshot/header-text.ts";

/** What a client learns about a caller's key; amounts in US dollars. */
export interface CallerAllowance {
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly maxBudget: number | undefined;
}

/** What the headers of an answer are made from; times are `performance.now()`. */
export interface AnswerFacts {
  readonly callId: string;
  readonly requestId: string;
  readonly stream: boolean;
  readonly startedAt: number;
  /** 0 where no upstream was called: the cache answered. */
  readonly calledAt: number;
  readonly answeredAt: number;
  readonly retries?: number | undefined;
  readonly fallbacks?: number | undefined;
  /** Picodollars; undefined when it is not known, as for streams, whose headers go out first. */
  readonly cost?: number | undefined;
  /** Set where a discount or a margin is configured; picodollars. */
  readonly costParts?: CostParts | undefined;
  /** What the key has spent, US dollars; undefined for callers nobody keeps account of. */
  readonly keySpend?: number | undefined;
  readonly cacheKey?: string | undefined;
  readonly cacheHit?: boolean | undefined;
}

/** How a cost differs from the provider's price, picodollars. */
export interface CostParts {
  readonly original: number;
  readonly discount: number;
  readonly margin: number;
  readonly marginPercent: number;
}

/** What was allowed of retries, fallbacks and time, told where it made a difference. */
export interface AnswerBounds {
  readonly maxRetries: number;
  readonly maxFallbacks: number;
  /** Milliseconds, if the client asked for them. */
  readonly timeoutMilliseconds: number | undefined;
}

/** The headers of every answer of a deployment, prepared with it. Flat list of names and values. */
export function deploymentHeaders(deployment: {
  readonly id: string;
  readonly apiBase: string;
  readonly region?: string | undefined;
}): readonly string[] {
  return withValues([
    [names.model, deployment.id],
    [names.apiBase, deployment.apiBase],
    [names.version, litellmVersion],
    [names.modelRegion, deployment.region],
  ]);
}

/** The headers of every answer to a caller, prepared with it. */
export function callerHeaders(allowance: CallerAllowance): readonly string[] {
  return withValues([
    [names.keyTokensPerMinute, allowance.tokensPerMinute],
    [names.keyRequestsPerMinute, allowance.requestsPerMinute],
    [names.keyBudget, allowance.maxBudget],
  ]);
}

/**
 * The `x-litellm-*` headers of an answer (litellm.md §3.7) as a flat list of names and values, for `writeHead`. What
 * has no value is left out, since each header costs some 0.1 µs; so are the parts of a cost that has no discount or
 * margin, and the time of callbacks, of which there are none. Of a stream the cost is 0, as in LiteLLM.
 */
export function answerHeaders(
  exchange: AnswerFacts,
  groupHeader: string,
  ofDeployment: readonly string[],
  ofCaller: readonly string[] = none,
  bounds?: AnswerBounds,
): string[] {
  const { startedAt, calledAt, answeredAt, retries = 0, fallbacks = 0 } = exchange;
  const headers = [
    names.call,
    exchange.callId,
    "x-request-id",
    exchange.requestId,
    names.modelGroup,
    groupHeader,
    names.duration,
    (answeredAt - (calledAt || startedAt)).toFixed(2),
    names.overhead,
    ((calledAt || answeredAt) - startedAt).toFixed(2),
    names.attemptedRetries,
    retries === 0 ? "0" : String(retries),
    names.attemptedFallbacks,
    fallbacks === 0 ? "0" : String(fallbacks),
    ...ofDeployment,
    ...ofCaller,
  ];
  const cost = exchange.stream ? 0 : exchange.cost;
  if (cost !== undefined) headers.push(names.cost, dollars(cost));
  if (exchange.costParts !== undefined) pushCostParts(headers, exchange.costParts, exchange.stream);
  if (exchange.keySpend !== undefined) headers.push(names.keySpend, floatText(exchange.keySpend));
  if (exchange.cacheHit === true && exchange.cacheKey !== undefined)
    headers.push(names.cacheKey, headerText(exchange.cacheKey));
  if (bounds !== undefined) {
    if (retries > 0) headers.push(names.maxRetries, String(bounds.maxRetries));
    if (fallbacks > 0) headers.push(names.maxFallbacks, String(bounds.maxFallbacks));
    if (bounds.timeoutMilliseconds !== undefined)
      headers.push(names.timeout, String(bounds.timeoutMilliseconds / 1000));
  }
  return headers;
}

function pushCostParts(headers: string[], parts: CostParts, stream: boolean): void {
  const amount = (picodollars: number): string => (stream ? "0" : dollars(picodollars));
  headers.push(
    names.costOriginal,
    amount(parts.original),
    names.costDiscount,
    amount(parts.discount),
    names.costMargin,
    amount(parts.margin),
    names.costMarginPercent,
    String(parts.marginPercent),
  );
}

/** Most answers cost nothing that is known. */
function dollars(picodollars: number): string {
  return picodollars === 0 ? "0" : dollarsText(picodollars);
}

function withValues(headers: readonly (readonly [string, string | number | undefined])[]): readonly string[] {
  return headers.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [name, headerText(String(value))],
  );
}

const none: readonly string[] = [];

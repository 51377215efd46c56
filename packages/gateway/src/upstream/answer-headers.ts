import { litellmVersion, responseHeaders as names } from "@gatewright/litellm";
import { dollarsText, floatText } from "../budget/dollars.ts";
import { headerLine } from "../snapshot/header-text.ts";

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

/** The lines that every answer of a deployment has in its head, prepared with it. */
export function deploymentHeaders(deployment: {
  readonly id: string;
  readonly apiBase: string;
  readonly region?: string | undefined;
}): string {
  return linesOf([
    [names.model, deployment.id],
    [names.apiBase, deployment.apiBase],
    [names.version, litellmVersion],
    [names.modelRegion, deployment.region],
  ]);
}

/** The lines that every answer to a caller has in its head, prepared with it. */
export function callerHeaders(allowance: CallerAllowance): string {
  return linesOf([
    [names.keyTokensPerMinute, allowance.tokensPerMinute],
    [names.keyRequestsPerMinute, allowance.requestsPerMinute],
    [names.keyBudget, allowance.maxBudget],
  ]);
}

/** The line that tells the group, prepared with it. */
export function groupHeader(name: string): string {
  return headerLine(names.modelGroup, name);
}

/** What goes before the value. */
const start = {
  call: `${names.call}: `,
  duration: `${names.duration}: `,
  overhead: `${names.overhead}: `,
  retries: `${names.attemptedRetries}: `,
  fallbacks: `${names.attemptedFallbacks}: `,
  cost: `${names.cost}: `,
  keySpend: `${names.keySpend}: `,
} as const;

/**
 * The `x-litellm-*` headers of an answer (litellm.md §3.7) as lines of its head. What has no value is left out, since each
 * header costs some 0.1 µs; so are the parts of a cost that has no discount or margin, and the time of callbacks, of
 * which there are none. Of a stream the cost is 0, as in LiteLLM. `prepared`: the lines of group, deployment and caller.
 */
export function answerHeaders(exchange: AnswerFacts, prepared: string, bounds?: AnswerBounds): string {
  const { startedAt, calledAt, answeredAt, retries = 0, fallbacks = 0 } = exchange;
  let lines =
    start.call +
    exchange.callId +
    "\r\nx-request-id: " +
    exchange.requestId +
    "\r\n" +
    start.duration +
    (answeredAt - (calledAt || startedAt)).toFixed(2) +
    "\r\n" +
    start.overhead +
    ((calledAt || answeredAt) - startedAt).toFixed(2) +
    "\r\n" +
    start.retries +
    String(retries) +
    "\r\n" +
    start.fallbacks +
    String(fallbacks) +
    "\r\n" +
    prepared;
  const cost = exchange.stream ? 0 : exchange.cost;
  if (cost !== undefined) lines += `${start.cost + dollars(cost)}\r\n`;
  if (exchange.costParts !== undefined) lines += costPartLines(exchange.costParts, exchange.stream);
  if (exchange.keySpend !== undefined) lines += `${start.keySpend + floatText(exchange.keySpend)}\r\n`;
  if (exchange.cacheHit === true && exchange.cacheKey !== undefined)
    lines += headerLine(names.cacheKey, exchange.cacheKey);
  if (bounds !== undefined) {
    if (retries > 0) lines += headerLine(names.maxRetries, bounds.maxRetries);
    if (fallbacks > 0) lines += headerLine(names.maxFallbacks, bounds.maxFallbacks);
    if (bounds.timeoutMilliseconds !== undefined)
      lines += headerLine(names.timeout, bounds.timeoutMilliseconds / 1000);
  }
  return lines;
}

function costPartLines(parts: CostParts, stream: boolean): string {
  const amount = (picodollars: number): string => (stream ? "0" : dollars(picodollars));
  return (
    headerLine(names.costOriginal, amount(parts.original)) +
    headerLine(names.costDiscount, amount(parts.discount)) +
    headerLine(names.costMargin, amount(parts.margin)) +
    headerLine(names.costMarginPercent, parts.marginPercent)
  );
}

/** Most answers cost nothing that is known. */
function dollars(picodollars: number): string {
  return picodollars === 0 ? "0" : dollarsText(picodollars);
}

function linesOf(headers: readonly (readonly [string, string | number | undefined])[]): string {
  return headers
    .flatMap(([name, value]) => (value === undefined || value === "" ? [] : [headerLine(name, value)]))
    .join("");
}

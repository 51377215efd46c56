import { type ByClass, type Failure, policyClass } from "./failure.ts";

/** How a group's requests are retried (litellm.md §4.4). */
export interface RetryRules {
  /** Retries where no class has a number of its own. */
  readonly retries: number;
  /** `model_group_retry_policy` of the group, else `retry_policy`. */
  readonly byClass: ByClass;
  /** Statuses that are retried, instead of the usual ones (`gatewright.models.*.route.retry.status_codes`). */
  readonly statuses: ReadonlySet<number> | undefined;
  /** Instead of the usual waits. */
  readonly backoff: Backoff | undefined;
  /** Least wait, milliseconds (`retry_after`). */
  readonly leastMilliseconds: number;
}

/** Waits of milliseconds that grow from `initial` to `longest`. */
export interface Backoff {
  readonly initial: number;
  readonly longest: number;
  readonly multiplier: number;
}

/** LiteLLM's number of retries when nothing says otherwise: three calls. */
export const USUAL_RETRIES = 2;

/** What a client may ask for at most: every retry is a call that its operator may pay for. */
const MOST_ASKED = 10;

/** The waits of litellm.md §4.4, milliseconds. */
const usualBackoff: Backoff = { initial: 500, longest: 8_000, multiplier: 2 };
const LONGEST_JITTER = 750;
/** An upstream that asks for more is not waited for: the cooldown keeps to what it asked. */
const LONGEST_RETRY_AFTER = 60_000;

/**
 * How many times a failed call is tried again. This is the one place where retries are counted: LiteLLM's deployment-level
 * `num_retries` multiplied the router's, ours replaces it. First come the request, the deployment, the class
 * of the error, the router. `others`: the group has other deployments.
 */
export function retriesAllowed(
  rules: RetryRules,
  failure: Failure,
  asked: { readonly request: number | undefined; readonly deployment: number | undefined },
  others: boolean,
): number {
  const name = policyClass(failure);
  const ofClass = name === undefined ? undefined : rules.byClass[name];
  const retried =
    rules.statuses === undefined
      ? isUsuallyRetried(failure, others) || (ofClass ?? 0) > 0
      : isListed(rules.statuses, failure);
  if (!retried) return 0;
  if (asked.request !== undefined) return Math.min(asked.request, MOST_ASKED);
  return asked.deployment ?? (rules.statuses === undefined ? ofClass : undefined) ?? rules.retries;
}

/** A key that one upstream refuses may be right for another; what is wrong with the request is wrong everywhere. */
function isUsuallyRetried({ kind, status }: Failure, others: boolean): boolean {
  if (kind === "connection" || kind === "timeout" || kind === "answer") return true;
  if (status === 401 || status === 403) return others;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Nothing came of a connection that failed, so it is retried whatever statuses are listed. */
function isListed(statuses: ReadonlySet<number>, { kind, status }: Failure): boolean {
  if (kind === "connection") return true;
  if (kind === "timeout") return statuses.has(408) || statuses.has(504);
  return statuses.has(status);
}

/** Milliseconds to wait before the same deployment is called again; `retry` counts from 0, `chance` is in [0, 1). */
export function retryWait(rules: RetryRules, failure: Failure, retry: number, chance: number): number {
  const asked = failure.retryAfterMilliseconds ?? 0;
  const retryAfter = asked <= LONGEST_RETRY_AFTER ? asked : 0;
  const { initial, longest, multiplier } = rules.backoff ?? usualBackoff;
  const grown = Math.min(longest, initial * multiplier ** retry);
  const wait =
    rules.backoff === undefined
      ? (retryAfter > 0 ? retryAfter : grown) + chance * LONGEST_JITTER
      : // Jitter takes away, so that the longest wait is what was set.
        Math.max(retryAfter, grown * (1 - chance / 4));
  return Math.max(wait, rules.leastMilliseconds);
}

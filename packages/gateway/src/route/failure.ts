import type { ApiError } from "@gatewright/litellm";

/** Why a call failed, or why there was none. */
export interface Failure {
  /** What the client gets if nothing else serves it. */
  readonly error: ApiError;
  /** The status the client would get; an upstream's own one where it answered. */
  readonly status: number;
  /**
   * `upstream`: it answered with an error; `connection`: it could not be reached, or hung up; `timeout`: it took too
   * long; `answer`: it answered with something that is no answer; `refused`: no deployment could be called.
   */
  readonly kind: "upstream" | "connection" | "timeout" | "answer" | "refused";
  /** How long the upstream asked to be left alone. */
  readonly retryAfterMilliseconds: number | undefined;
}

/** The classes of errors that policies count or retry by (litellm.md §2.3). */
export const policyClasses = [
  "BadRequestError",
  "AuthenticationError",
  "TimeoutError",
  "RateLimitError",
  "ContentPolicyViolationError",
  "InternalServerError",
] as const;

export type PolicyClass = (typeof policyClasses)[number];

/** A number for some of the classes. */
export type ByClass = { readonly [C in PolicyClass]?: number };

/** The class a policy knows a failure by; undefined for those that no policy can name (404, 409, 413 …). */
export function policyClass({ error, status, kind }: Failure): PolicyClass | undefined {
  if (error.exceptionClass === "ContentPolicyViolationError") return "ContentPolicyViolationError";
  if (kind === "timeout" || status === 408) return "TimeoutError";
  if (kind === "connection" || kind === "answer" || status >= 500) return "InternalServerError";
  if (status === 429) return "RateLimitError";
  if (status === 401 || status === 403) return "AuthenticationError";
  return status === 400 || status === 422 ? "BadRequestError" : undefined;
}

/** Failures that another deployment of the same model would answer alike, and that have fallbacks of their own. */
export type SpecialFailure = "context-window" | "content-policy";

export function specialFailure({ error }: Failure): SpecialFailure | undefined {
  if (error.exceptionClass === "ContextWindowExceededError") return "context-window";
  return error.exceptionClass === "ContentPolicyViolationError" ? "content-policy" : undefined;
}

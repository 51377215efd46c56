/** What an upstream said when it refused, failed, or broke off in the middle of a stream. */
export interface CallFailure {
  /** HTTP status of the matter, also where the upstream had sent 200 before: a stream's `overloaded_error` is 529. */
  readonly status: number;
  /** The upstream's own words. */
  readonly message: string;
  /** What fallbacks of their own exist for; undefined: only the status counts. */
  readonly kind?: "context-window" | "content-policy";
  /** Seconds after which the upstream wants to be asked again, where its body says so and not only a header. */
  readonly retryAfter?: number;
}

/** Tells a failure from an answer. */
export function isFailure(value: object): value is CallFailure {
  return "status" in value && "message" in value;
}

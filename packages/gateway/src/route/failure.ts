import type { ApiError } from "@gatewright/litellm";

/** Why a call to a deployment did not end well: what retries, rests and fallbacks go by. */
export interface Failure {
  /** What the client gets when nothing else helps. */
  readonly error: ApiError;
  /** The upstream's status, or the one that stands for what happened (408 for a time-out). */
  readonly status: number;
  /** `answer`: the upstream answered with something that is no answer. */
  readonly kind: "upstream" | "connection" | "timeout" | "answer";
  /** How long the upstream asked to be left alone. */
  readonly retryAfterMilliseconds: number | undefined;
}

import { type ApiError, apiError } from "@gatewright/litellm";
import type { Refusal } from "./ledger.ts";

/** When to come back from a limit of requests at once, whose end nobody knows, milliseconds. */
const SLOT_MILLISECONDS = 1_000;

/**
 * The 429 of a refusal (litellm.md §3.6), with what is really left of the window as its `retry-after`, where LiteLLM
 * always says 60. `now` is monotonic, `epoch` the time of day; both milliseconds.
 */
export function refusalError({ meter, remaining, againAt }: Refusal, now: number, epoch: number): ApiError {
  const { owner, limit, limitType, unit } = meter;
  const wait = unit === "parallel" || againAt === undefined ? SLOT_MILLISECONDS : Math.max(0, againAt - now);
  const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000));
  if (owner.subject === "deployment") {
    return apiError("deployment_rate_limited", { model: owner.value, retryAfterSeconds });
  }
  return apiError("rate_limited", {
    subject: owner.subject,
    value: owner.value,
    limitType,
    limit,
    remaining: Math.floor(remaining),
    resetAt: new Date(epoch + wait),
    retryAfterSeconds,
  });
}

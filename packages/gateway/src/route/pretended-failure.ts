import { upstreamError } from "@gatewright/litellm";
import type { Failure } from "./failure.ts";

/** Which failure `mock_testing_*` asks the first attempt to have (litellm.md §3.9). */
export type Testing = "fallbacks" | "context-window" | "content-policy" | "rate-limit";

const answers = {
  fallbacks: [500, "mock_testing_fallbacks: a failure as asked for"],
  "context-window": [400, "mock_testing_context_fallbacks: context window exceeded, as asked for"],
  "content-policy": [400, "mock_testing_content_policy_fallbacks: against the content policy, as asked for"],
  "rate-limit": [429, "mock_testing_rate_limit_error: a rate limit as asked for"],
} as const;

/** A failure without a call. `model`: the name the client used. */
export function pretendedFailure(testing: Testing, model: string): Failure {
  const [status, text] = answers[testing];
  const error = upstreamError({ status, text, provider: "Gatewright", model });
  return { error, status, kind: "upstream", retryAfterMilliseconds: undefined };
}

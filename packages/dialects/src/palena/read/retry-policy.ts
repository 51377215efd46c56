import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { fieldFinding } from "./instance.ts";

/** The classes of errors LiteLLM has retries for; its keys end in `Retries` (litellm.md §2.3). */
const classes: ReadonlySet<string> = new Set([
  "BadRequestError",
  "AuthenticationError",
  "TimeoutError",
  "RateLimitError",
  "ContentPolicyViolationError",
  "InternalServerError",
]);

const suffix = "Retries";

/** A retry policy under LiteLLM's keys, and what of it had no effect. */
export interface RetryPolicy {
  readonly policy: { readonly [key: string]: number };
  readonly findings: readonly Finding[];
}

/**
 * Reads `TimeoutError` and `TimeoutErrorRetries` alike (decisions.md). LiteLLM reads the key with the suffix only, so
 * the keys of the replaced operator never had an effect.
 */
export function readRetryPolicy(
  resource: Resource,
  path: string,
  written: { readonly [key: string]: number } = {},
): RetryPolicy {
  const policy: Record<string, number> = {};
  const findings: Finding[] = [];
  for (const [key, retries] of Object.entries(written)) {
    const errorClass = key.endsWith(suffix) ? key.slice(0, -suffix.length) : key;
    if (!classes.has(errorClass)) {
      const known = [...classes].join(", ");
      const text = `names an error class that has no retries of its own, so it has no effect; known are ${known}.`;
      findings.push(fieldFinding(resource, `${path}.${key}`, "ErrorClassUnknown", "dropped", text));
    } else if (key === errorClass && written[errorClass + suffix] !== undefined) {
      const text = `has no effect, because ${errorClass}${suffix} is there as well and wins. Keep one of them.`;
      findings.push(fieldFinding(resource, `${path}.${key}`, "SettingConflict", "dropped", text));
    } else {
      policy[errorClass + suffix] = retries;
    }
  }
  return { policy, findings };
}

import type { DeploymentState } from "./deployment-state.ts";
import { type ByClass, type Failure, policyClass } from "./failure.ts";
import type { RouteDeployment } from "./group-route.ts";

/** When a deployment rests after failures, and how long (litellm.md §4.4). */
export interface CooldownRules {
  readonly rule: CooldownRule;
  /** Milliseconds, where neither deployment nor upstream say otherwise; 0: no rest. */
  readonly milliseconds: number;
}

export type CooldownRule =
  /** `disable_cooldowns`. */
  | { readonly kind: "off" }
  /** LiteLLM's rule when no number of failures is set. */
  | { readonly kind: "default" }
  /** `allowed_fails`, `allowed_fails_policy`: more failures in a minute than allowed. */
  | { readonly kind: "allowed"; readonly fails: number; readonly byClass: ByClass }
  /** `gatewright.models.*.route.health_check`: failures in a row, then successes in a row before it is trusted again. */
  | { readonly kind: "in-row"; readonly failures: number; readonly successes: number };

/** The default rule's numbers. */
const LEAST_CALLS = 5;
const FAILED_SHARE = 0.5;
const LEAST_CALLS_ALONE = 1000;

/**
 * Counts a failure and lets the deployment rest if it is time. `others`: the group has further deployments. Failures that
 * are the request's fault, and connections that failed (LiteLLM's rule, not that of failures in a row), are not counted.
 */
export function judgeFailure(
  rules: CooldownRules,
  deployment: RouteDeployment,
  failure: Failure,
  others: boolean,
  now: number,
): void {
  const { state } = deployment;
  if (!counts(rules.rule, failure)) return;
  const minute = state.minute(now);
  minute.failures++;
  const name = policyClass(failure);
  if (name !== undefined) minute.failuresByClass[name] = (minute.failuresByClass[name] ?? 0) + 1;
  state.failuresInRow++;
  state.successesInRow = 0;
  if (!isTime(rules.rule, state, failure, others, now)) return;
  const length = restMilliseconds(rules, deployment, failure);
  if (length <= 0) return;
  state.restsUntil = Math.max(state.restsUntil, now + length);
  // On probation: until it has proved itself, the next failure is enough.
  if (rules.rule.kind === "in-row") state.failuresInRow = rules.rule.failures - 1;
}

/** Counts a success. */
export function judgeSuccess({ rule }: CooldownRules, state: DeploymentState, now: number): void {
  state.succeeded(now);
  if (rule.kind !== "in-row" || state.successesInRow >= rule.successes) state.failuresInRow = 0;
}

function counts(rule: CooldownRule, failure: Failure): boolean {
  if (failure.kind === "refused" || rule.kind === "off") return false;
  if (failure.kind === "connection") return rule.kind === "in-row";
  const { status } = failure;
  if (status === 401 || status === 404 || status === 408 || status === 429 || status >= 500) return true;
  const name = policyClass(failure);
  return rule.kind === "allowed" && name !== undefined && rule.byClass[name] !== undefined;
}

function isTime(
  rule: CooldownRule,
  state: DeploymentState,
  failure: Failure,
  others: boolean,
  now: number,
): boolean {
  const minute = state.minute(now);
  if (rule.kind === "allowed") {
    const name = policyClass(failure);
    const ofClass = name === undefined ? undefined : rule.byClass[name];
    return name !== undefined && ofClass !== undefined
      ? (minute.failuresByClass[name] ?? 0) > ofClass
      : minute.failures > rule.fails;
  }
  if (failure.status === 429) return others;
  if (rule.kind === "in-row") return state.failuresInRow >= rule.failures;
  if (failure.status === 401 || failure.status === 404 || failure.status === 408) return true;
  const calls = minute.successes + minute.failures;
  return others
    ? calls >= LEAST_CALLS && minute.failures > calls * FAILED_SHARE
    : calls >= LEAST_CALLS_ALONE && minute.successes === 0;
}

function restMilliseconds(rules: CooldownRules, deployment: RouteDeployment, failure: Failure): number {
  if (deployment.cooldownMilliseconds !== undefined) return deployment.cooldownMilliseconds;
  return rules.milliseconds === 0 ? 0 : (failure.retryAfterMilliseconds ?? rules.milliseconds);
}

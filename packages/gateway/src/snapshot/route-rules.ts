import type { Settings } from "@gatewright/litellm";
import type { CooldownRule, CooldownRules } from "../route/cooldown.ts";
import { type ByClass, policyClasses } from "../route/failure.ts";
import type { HealthCheckRules } from "../route/health-check.ts";
import { type Backoff, type RetryRules, USUAL_RETRIES } from "../route/retry.ts";
import type { ResourceRoute } from "./route.ts";

/** Defaults of litellm.md §2.2 and §2.3. */
const COOLDOWN_SECONDS = 5;
const ALLOWED_FAILS = 3;

/** Defaults of `gatewright.models.*.route`, which are langop's (langop.md §4.2). */
const INITIAL_BACKOFF_SECONDS = 1;
const MAX_BACKOFF_SECONDS = 30;
const BACKOFF_MULTIPLIER = 2;
const CHECK_INTERVAL_SECONDS = 30;
const CHECK_TIMEOUT_SECONDS = 5;
const UNHEALTHY_THRESHOLD = 3;
const HEALTHY_THRESHOLD = 2;

/** Defaults of LiteLLM's background checks. */
const BACKGROUND_INTERVAL_SECONDS = 300;
const BACKGROUND_TIMEOUT_SECONDS = 60;

/** A model's own `retry` replaces the router's policies: its author has said which failures are retried, and how often. */
export function retryRules(
  settings: Settings,
  resource: ResourceRoute | undefined,
  name: string,
): RetryRules {
  const { router_settings: router = {}, litellm_settings: litellm = {} } = settings;
  const own = resource?.retry;
  const groups = router.model_group_retry_policy ?? {};
  const policy = Object.hasOwn(groups, name) ? groups[name] : router.retry_policy;
  const statuses = (own?.status_codes ?? []).map(Number).filter(Number.isInteger);
  return {
    retries: Math.max(0, own?.attempts ?? router.num_retries ?? litellm.num_retries ?? USUAL_RETRIES),
    byClass: own?.attempts === undefined ? byClass(policy, "Retries") : {},
    statuses: statuses.length === 0 ? undefined : new Set(statuses),
    backoff: backoffOf(own),
    leastMilliseconds: (router.retry_after ?? 0) * 1000,
  };
}

function backoffOf(own: ResourceRoute["retry"]): Backoff | undefined {
  const {
    initial_backoff_seconds: initial,
    max_backoff_seconds: longest,
    backoff_multiplier: multiplier,
  } = own ?? {};
  if (initial === undefined && longest === undefined && multiplier === undefined) return undefined;
  return {
    initial: (initial ?? INITIAL_BACKOFF_SECONDS) * 1000,
    longest: (longest ?? MAX_BACKOFF_SECONDS) * 1000,
    multiplier: Math.max(1, multiplier ?? BACKOFF_MULTIPLIER),
  };
}

export function cooldownRules(settings: Settings, resource: ResourceRoute | undefined): CooldownRules {
  const router = settings.router_settings ?? {};
  const check = checkOf(resource);
  const usual = router.cooldown_time ?? COOLDOWN_SECONDS;
  return {
    rule: cooldownRule(settings, check),
    milliseconds: 1000 * (check === undefined ? usual : (check.interval_seconds ?? CHECK_INTERVAL_SECONDS)),
  };
}

function cooldownRule(settings: Settings, check: ReturnType<typeof checkOf>): CooldownRule {
  const router = settings.router_settings ?? {};
  if (router.disable_cooldowns === true) return { kind: "off" };
  if (check !== undefined) {
    return {
      kind: "in-row",
      failures: Math.max(1, check.unhealthy_threshold ?? UNHEALTHY_THRESHOLD),
      successes: Math.max(1, check.healthy_threshold ?? HEALTHY_THRESHOLD),
    };
  }
  if (router.allowed_fails === undefined && router.allowed_fails_policy === undefined)
    return { kind: "default" };
  return {
    kind: "allowed",
    fails: router.allowed_fails ?? settings.litellm_settings?.allowed_fails ?? ALLOWED_FAILS,
    byClass: byClass(router.allowed_fails_policy, "AllowedFails"),
  };
}

/** A model's own checks, else LiteLLM's background checks, which only route when `enable_health_check_routing` says so. */
export function healthCheckRules(
  settings: Settings,
  resource: ResourceRoute | undefined,
): HealthCheckRules | undefined {
  const check = checkOf(resource);
  if (check !== undefined) {
    return {
      intervalMilliseconds: atLeastASecond(check.interval_seconds ?? CHECK_INTERVAL_SECONDS),
      timeoutMilliseconds: atLeastASecond(check.timeout_seconds ?? CHECK_TIMEOUT_SECONDS),
      unhealthyThreshold: Math.max(1, check.unhealthy_threshold ?? UNHEALTHY_THRESHOLD),
      healthyThreshold: Math.max(1, check.healthy_threshold ?? HEALTHY_THRESHOLD),
      routes: true,
    };
  }
  const { general_settings: general, router_settings: router } = settings;
  if (general?.background_health_checks !== true) return undefined;
  return {
    intervalMilliseconds: atLeastASecond(general.health_check_interval ?? BACKGROUND_INTERVAL_SECONDS),
    timeoutMilliseconds: atLeastASecond(BACKGROUND_TIMEOUT_SECONDS),
    unhealthyThreshold: 1,
    healthyThreshold: 1,
    routes: general.enable_health_check_routing === true || router?.enable_health_check_routing === true,
  };
}

function checkOf(resource: ResourceRoute | undefined): ResourceRoute["health_check"] {
  const check = resource?.health_check;
  return check?.enabled === false ? undefined : check;
}

/** A check that never pauses would do nothing else. */
function atLeastASecond(seconds: number): number {
  return Math.max(1, seconds) * 1000;
}

/** The numbers of a policy by class: its keys are the classes with a suffix. */
function byClass<S extends string>(
  policy: { readonly [key: string]: unknown } | undefined,
  suffix: S,
): ByClass {
  const found: { [name: string]: number } = {};
  for (const name of policyClasses) {
    const value = policy?.[`${name}${suffix}`];
    if (typeof value === "number") found[name] = Math.max(0, value);
  }
  return found;
}

/** When to look again at things that no watch reports; one plan for each key. */
export interface Patience {
  /**
   * Called by a pass that finds `key` still waiting for `subject`. A pass that comes before the planned look, because
   * of something else, changes nothing about the plan: passes come by the dozen while a gateway changes, and pauses
   * that grew with each of them were minutes long before the first had gone by.
   */
  next(key: string, subject: string): Look;
  reset(key: string): void;
}

/** The next look that is planned. */
export interface Look {
  /** Until then: as long as it has been waited already, at least one second, at most the longest pause. */
  readonly seconds: number;
  /** For how long it has been waited in vain when this pass is a planned look itself; absent when it is not. */
  readonly waitedSeconds?: number;
}

/** Timers may fire a little early. */
const EARLY_MILLISECONDS = 10;

/** `now`: monotonic milliseconds. Waiting for another subject begins anew. */
export function createPatience(longestSeconds: number, now: () => number): Patience {
  const plans = new Map<
    string,
    { readonly subject: string; readonly since: number; readonly lookAt: number }
  >();
  return {
    next(key, subject) {
      const at = now();
      const plan = plans.get(key);
      if (plan?.subject !== subject) {
        plans.set(key, { subject, since: at, lookAt: at + 1000 });
        return { seconds: 1 };
      }
      if (at < plan.lookAt - EARLY_MILLISECONDS) return { seconds: (plan.lookAt - at) / 1000 };
      const waitedSeconds = (at - plan.since) / 1000;
      const seconds = Math.min(Math.max(waitedSeconds, 1), longestSeconds);
      plans.set(key, { ...plan, lookAt: at + seconds * 1000 });
      return { seconds, waitedSeconds };
    },
    reset: (key) => void plans.delete(key),
  };
}

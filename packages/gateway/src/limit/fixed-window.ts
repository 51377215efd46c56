import type { Count } from "./count.ts";

/** Length of a window (litellm.md §4.3). */
export const WINDOW_MILLISECONDS = 60_000;

/*
 * The fixed window of LiteLLM (litellm.md §4.3): 60 seconds from the first hit of each counter. Times are monotonic
 * milliseconds. `redis-scripts.ts` says the same in Lua.
 */

/**
 * How long until `amount` fits, milliseconds; 0 when it does now. Something must be left even for a request that is
 * expected to use nothing.
 */
export function windowWait(count: Count, limit: number, amount: number, now: number): number {
  const left = count.startedAt + WINDOW_MILLISECONDS - now;
  const used = left > 0 ? count.used : 0;
  if (used + Math.max(amount, 1) <= limit) return 0;
  return left > 0 ? left : WINDOW_MILLISECONDS;
}

/** Uses `amount` now, which may start a window. Returns when the window started: `windowSettle` wants to know. */
export function windowTake(count: Count, amount: number, now: number): number {
  if (now - count.startedAt >= WINDOW_MILLISECONDS) {
    count.startedAt = now;
    count.used = 0;
  }
  count.used += amount;
  return count.startedAt;
}

/**
 * Puts the real amount in the place of the reserved one. In the window it was reserved in, the difference is given
 * back or charged. Once that window is over there is nothing to give back, since the next began with nothing used; what
 * was used beyond the reservation is charged to the window of now, so that a long answer never comes for free.
 */
export function windowSettle(
  count: Count,
  startedAt: number,
  reserved: number,
  used: number,
  now: number,
): void {
  if (used > reserved) {
    windowTake(count, used - reserved, now);
  } else if (count.startedAt === startedAt) {
    count.used -= reserved - used;
  }
}

/** What is left of the limit. */
export function windowRemaining(count: Count, limit: number, now: number): number {
  const used = now - count.startedAt >= WINDOW_MILLISECONDS ? 0 : count.used;
  return Math.max(0, limit - used);
}

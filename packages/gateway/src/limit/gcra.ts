import type { Count } from "./count.ts";
import { WINDOW_MILLISECONDS } from "./fixed-window.ts";

/*
 * The generic cell rate algorithm with a burst of b and a refill of (limit − b) per window: whatever 60 seconds one
 * looks at, no more than the limit was admitted in them. Everything admitted occupies a stretch of virtual time, one
 * after the other; `theoretical` is where the last one ends. Times are monotonic milliseconds. `redis-scripts.ts`
 * says the same in Lua.
 */

/**
 * The burst that holds for a limit: at least 1, or nothing would ever be admitted, and below the limit, or nothing
 * would ever come back.
 */
export function gcraBurst(limit: number, burst: number): number {
  return Math.max(1, Math.min(burst, limit - 1));
}

/** Virtual milliseconds one unit occupies. A limit of one has no burst to spare: one per window. */
function spacing(limit: number, burst: number): number {
  return WINDOW_MILLISECONDS / (limit >= 2 ? limit - burst : 1);
}

/**
 * How long until `amount` fits, milliseconds; 0 when it does now. More than the burst needs a pause before it, long
 * enough that it and all around it stay within the limit.
 */
export function gcraWait(count: Count, limit: number, burst: number, amount: number, now: number): number {
  const needed = Math.max(amount, 1);
  if (needed > limit) return WINDOW_MILLISECONDS;
  const wait = count.theoretical - now - (burst - needed) * spacing(limit, burst);
  return Math.max(wait, 0);
}

/** Uses `amount` now. Returns a mark that `gcraSettle` wants to have back. */
export function gcraTake(count: Count, limit: number, burst: number, amount: number, now: number): number {
  const start = Math.max(count.theoretical, now);
  count.theoretical = start + amount * spacing(limit, burst);
  return count.theoretical + count.shifted;
}

/**
 * Puts the real amount in the place of the reserved one. Too little is charged now. Of too much comes back what time
 * has not given back already: only the part of the reservation's stretch that still lies ahead. More would admit
 * more than the limit, because what was admitted meanwhile relied on the time that has passed.
 */
export function gcraSettle(
  count: Count,
  limit: number,
  burst: number,
  mark: number,
  reserved: number,
  used: number,
  now: number,
): void {
  if (used >= reserved) {
    if (used > reserved) gcraTake(count, limit, burst, used - reserved, now);
    return;
  }
  // Where the stretch ends now: refunds since then have moved it, or nothing behind it.
  const end = mark - count.shifted;
  const shift = Math.min((reserved - used) * spacing(limit, burst), end - now);
  if (shift <= 0) return;
  count.theoretical -= shift;
  count.shifted += shift;
}

/** What may be used at once. */
export function gcraRemaining(count: Count, limit: number, burst: number, now: number): number {
  if (limit < 1) return 0;
  const ahead = count.theoretical - now;
  return ahead <= 0 ? burst : Math.max(0, burst - ahead / spacing(limit, burst));
}

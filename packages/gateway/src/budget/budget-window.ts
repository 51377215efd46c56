import type { TimeZone } from "./time-zone.ts";

/** How long a budget lasts: so many seconds, days or months. */
export interface BudgetWindow {
  readonly count: number;
  readonly unit: "second" | "day" | "week" | "month";
}

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** LiteLLM's units (litellm.md §4.2). */
const units: { readonly [unit: string]: readonly [number, BudgetWindow["unit"]] } = {
  s: [1, "second"],
  m: [60, "second"],
  h: [3600, "second"],
  d: [1, "day"],
  w: [1, "week"],
  mo: [1, "month"],
};

/** Reads `30s`, `15m`, `24h`, `30d`, `1w`, `1mo`; undefined for anything else. 7d is a week and 30d a month (§4.2). */
export function budgetWindow(duration: string): BudgetWindow | undefined {
  const [, digits = "", letters = ""] = /^\s*(\d+)\s*(s|m|h|d|w|mo)\s*$/.exec(duration) ?? [];
  const [seconds, unit] = units[letters] ?? [];
  const count = Number(digits) * (seconds ?? 0);
  if (unit === undefined || count === 0 || count > 1e9) return undefined;
  if (unit === "day" && count === 7) return { count: 1, unit: "week" };
  if (unit === "day" && count === 30) return { count: 1, unit: "month" };
  return { count, unit };
}

/**
 * When the window that holds `epoch` ends, epoch milliseconds, later than `epoch` (litellm.md §4.2, standard
 * alignment): days end at midnight, weeks on Monday, months on the first, anything shorter on the grid that begins at
 * midnight, all by the clocks of `zone`. A length that does not divide the day begins anew at midnight.
 */
export function windowEnd({ count, unit }: BudgetWindow, epoch: number, zone: TimeZone): number {
  const wall = zone.wall(epoch);
  const midnight = Math.floor(wall / DAY) * DAY;
  const end = (time: number): number => zone.epoch(time, epoch);
  if (unit === "month") {
    const date = new Date(wall);
    return end(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1));
  }
  if (unit === "week") {
    const sinceMonday = (new Date(wall).getUTCDay() + 6) % 7;
    return end(midnight + (count * 7 - sinceMonday) * DAY);
  }
  if (unit === "day") return end(midnight + count * DAY);
  const length = count * SECOND;
  const next = midnight + (Math.floor((wall - midnight) / length) + 1) * length;
  // Of the hour that comes twice in autumn both have their windows; longer ones follow the clocks.
  if (length <= HOUR) return epoch + Math.min(next, midnight + DAY) - wall;
  return end(length < DAY ? Math.min(next, midnight + DAY) : next);
}

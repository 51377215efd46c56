import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BudgetWindow, budgetWindow, windowEnd } from "./budget-window.ts";
import { type TimeZone, timeZoneNamed } from "./time-zone.ts";

function zone(name: string): TimeZone {
  const found = timeZoneNamed(name);
  if (found === undefined) throw new Error(`no zone ${name}`);
  return found;
}

function end(duration: string, at: string, name = "UTC"): string {
  const window = budgetWindow(duration);
  if (window === undefined) throw new Error(`no window ${duration}`);
  return new Date(windowEnd(window, Date.parse(at), zone(name))).toISOString().replace(".000Z", "Z");
}

describe("budgetWindow", () => {
  it.each<[string, BudgetWindow | undefined]>([
    ["30s", { count: 30, unit: "second" }],
    ["15m", { count: 900, unit: "second" }],
    ["24h", { count: 86_400, unit: "second" }],
    ["1d", { count: 1, unit: "day" }],
    ["7d", { count: 1, unit: "week" }],
    ["30d", { count: 1, unit: "month" }],
    ["2w", { count: 2, unit: "week" }],
    ["1mo", { count: 1, unit: "month" }],
    [" 1 d ", { count: 1, unit: "day" }],
    ["0d", undefined],
    ["1y", undefined],
    ["-1d", undefined],
    ["1.5h", undefined],
    ["monthly", undefined],
    ["", undefined],
  ])("reads %j", (text, want) => {
    expect(budgetWindow(text)).toEqual(want);
  });
});

describe("windowEnd", () => {
  it.each([
    ["a day at midnight", "1d", "2026-11-28T13:14:15Z", "UTC", "2026-11-29T00:00:00Z"],
    ["a day that begins now", "1d", "2026-11-28T00:00:00Z", "UTC", "2026-11-29T00:00:00Z"],
    ["days from midnight", "3d", "2026-11-28T13:14:15Z", "UTC", "2026-12-01T00:00:00Z"],
    ["a week on Monday", "7d", "2026-11-28T13:14:15Z", "UTC", "2026-11-30T00:00:00Z"],
    ["a week that begins now", "1w", "2026-11-30T00:00:00Z", "UTC", "2026-12-07T00:00:00Z"],
    ["two weeks on the second Monday", "2w", "2026-11-29T23:59:59Z", "UTC", "2026-12-07T00:00:00Z"],
    ["a month on the first", "30d", "2026-01-31T13:00:00Z", "UTC", "2026-02-01T00:00:00Z"],
    ["a month over the year's end", "1mo", "2026-12-31T23:59:59Z", "UTC", "2027-01-01T00:00:00Z"],
    ["months", "3mo", "2026-11-30T01:00:00Z", "UTC", "2027-02-01T00:00:00Z"],
    ["a month of February", "1mo", "2028-02-29T12:00:00Z", "UTC", "2028-03-01T00:00:00Z"],
    ["hours on the grid of the day", "6h", "2026-11-28T13:14:15Z", "UTC", "2026-11-28T18:00:00Z"],
    ["the last hours at midnight", "5h", "2026-11-28T21:00:00Z", "UTC", "2026-11-29T00:00:00Z"],
    ["24h with the day", "24h", "2026-11-28T13:14:15Z", "UTC", "2026-11-29T00:00:00Z"],
    ["hours beyond a day", "36h", "2026-11-28T13:14:15Z", "UTC", "2026-11-29T12:00:00Z"],
    ["minutes on the grid", "15m", "2026-11-28T13:14:15Z", "UTC", "2026-11-28T13:15:00Z"],
    ["seconds on the grid", "30s", "2026-11-28T13:14:15Z", "UTC", "2026-11-28T13:14:30Z"],
    [
      "a day at midnight in New York",
      "1d",
      "2026-11-28T03:00:00Z",
      "America/New_York",
      "2026-11-28T05:00:00Z",
    ],
    ["a day of 23 hours in Berlin", "1d", "2026-03-28T23:00:00Z", "Europe/Berlin", "2026-03-29T22:00:00Z"],
    ["a day of 25 hours in Berlin", "1d", "2026-10-24T22:00:00Z", "Europe/Berlin", "2026-10-25T23:00:00Z"],
    [
      "a month over the change in Berlin",
      "1mo",
      "2026-10-10T00:00:00Z",
      "Europe/Berlin",
      "2026-10-31T23:00:00Z",
    ],
    [
      "a day whose midnight is skipped (Cairo)",
      "1d",
      "2026-04-23T12:00:00Z",
      "Africa/Cairo",
      "2026-04-23T22:00:00Z",
    ],
    [
      "a day whose midnight comes twice (Havana)",
      "1d",
      "2026-10-31T12:00:00Z",
      "America/Havana",
      "2026-11-01T04:00:00Z",
    ],
    [
      "each of the two hours in autumn",
      "1h",
      "2026-10-25T00:30:00Z",
      "Europe/Berlin",
      "2026-10-25T01:00:00Z",
    ],
    [
      "hours that follow the clocks in spring",
      "6h",
      "2026-03-29T00:30:00Z",
      "Europe/Berlin",
      "2026-03-29T04:00:00Z",
    ],
    [
      "hours in the second of two hours (not the first's again)",
      "90m",
      "2026-10-25T01:05:00Z",
      "Europe/Berlin",
      "2026-10-25T02:00:00Z",
    ],
    ["half-hour zones", "1h", "2026-11-28T13:14:15Z", "Asia/Kolkata", "2026-11-28T13:30:00Z"],
  ])("ends %s", (_, duration, at, name, want) => {
    expect(end(duration, at, name)).toBe(want);
  });

  it("is always later, and the same for all moments before it", () => {
    const durations = ["30s", "15m", "1h", "5h", "24h", "36h", "1d", "3d", "7d", "30d", "2mo"];
    fc.assert(
      fc.property(
        fc.constantFrom(...durations),
        fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) }),
        fc.constantFrom("UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"),
        (duration, at, name) => {
          const window = budgetWindow(duration) as BudgetWindow;
          const found = windowEnd(window, at, zone(name));
          expect(found).toBeGreaterThan(at);
          // The moment before belongs to the same window, unless that window is counted from a day, not a grid.
          if (!/^(36h|3d|2mo)$/.test(duration)) expect(windowEnd(window, found - 1, zone(name))).toBe(found);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("timeZoneNamed", () => {
  it("knows no zone of an unknown name", () => {
    expect(timeZoneNamed("Mars/Olympus")).toBeUndefined();
  });
});

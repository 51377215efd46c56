import { expect, test } from "vitest";
import { type Bar, bars, verdict } from "./bars.ts";
import type { Figures } from "./figures.ts";
import { reportText } from "./report.ts";
import type { Measured } from "./round.ts";

const bar = (more: Partial<Bar>): Bar => ({ text: "a bar", unit: "×", value: 1, kind: "ratio", ...more });

test.each([
  { name: "at most, below", bar: bar({ most: 1.5 }), want: { verdict: "met", by: 0 } },
  { name: "at most, just reached", bar: bar({ most: 1 }), want: { verdict: "met", by: 0 } },
  { name: "at most, above", bar: bar({ most: 0.75 }), want: { verdict: "missed", by: 0.25 } },
  { name: "at least, below", bar: bar({ least: 1.5 }), want: { verdict: "missed", by: 0.5 } },
  { name: "at least, above", bar: bar({ least: 0.5 }), want: { verdict: "met", by: 0 } },
  {
    name: "not there",
    bar: bar({ most: 1, value: Number.NaN }),
    want: { verdict: "not measured", by: Number.NaN },
  },
])("a bar: $name", ({ bar: given, want }) => {
  expect(verdict(given)).toEqual(want);
});

const one = (contestant: string, round: number, perSecond: number, cpuMicroseconds: number): Measured => ({
  ...{ contestant, phase: "c=10", round, requests: 10, seconds: 1, perSecond, cpuMicroseconds },
  ...{ p50: 1, p99: 2, firstByte: Number.NaN, framesIn: 0, wrong: [] },
});

const figures: Figures = {
  machine: "a machine",
  pinned: true,
  generator: "a generator",
  profiled: false,
  rounds: 3,
  phases: [{ name: "c=10", connections: 10, requests: 10, stream: false }],
  contestants: ["relay", "governed"],
  leftOut: ["envoy: there is no python3"],
  ignored: [],
  // The machine was slow in the second round, and slower still for one of them in the third.
  measured: [
    ...[one("relay", 1, 1000, 40), one("governed", 1, 700, 55)],
    ...[one("relay", 2, 100, 400), one("governed", 2, 65, 415)],
    ...[one("relay", 3, 1000, 40), one("governed", 3, 100, 500)],
  ],
  stalls: [],
  memory: {},
  growth: [
    { contestant: "relay", requests: 4000, quarters: [100, 100, 100, 100], peak: 120, wrong: [] },
    { contestant: "governed", requests: 4000, quarters: [100, 110, 120, 130], peak: 132, wrong: [] },
  ],
  coldStart: { median: 400, all: [400] },
};

test("figures are compared within a round, and the middle counts", () => {
  const found = Object.fromEntries(bars(figures).map(({ text, value }) => [text, value]));
  expect(found["governed: rate at c=10, of the relay's"]).toBeCloseTo(0.65);
  expect(found["governed: CPU per request over the relay's at c=10"]).toBeCloseTo(15);
  expect(found["governed: most resident, of the relay's"]).toBeCloseTo(1.1);
  expect(found["governed: growth between the second and the last quarter of them (5 MB is none)"]).toBe(20);
  expect(found["governed: rate at c=1, of raw Envoy's"]).toBeNaN();
});

test("the report says what was met, what was missed and by how much, and who is missing", () => {
  const lines = reportText(figures).split("\n");
  const line = (start: string): string | undefined => lines.find((text) => text.startsWith(start));
  expect(line("governed: rate at c=10")).toMatch(/≥ 0.62 × +0.650 +met +0.7: not reached$/);
  expect(line("governed: growth")).toMatch(/≤ 5 MB +20.0 +MISSED by 15.0$/);
  expect(line("governed: rate at c=1,")).toMatch(/– +not measured$/);
  expect(line("left out")).toBe("left out: envoy: there is no python3");
});

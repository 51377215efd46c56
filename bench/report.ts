import { type Bar, bars, verdict } from "./bars.ts";
import { cpu, type Figures, firstByte, latest, middle, more, rate, ratio, rows } from "./figures.ts";
import { median } from "./median.ts";
import { burdens } from "./stall.ts";

/** Beyond this, the figures say more about what else the machine did. */
const MOST_DISTURBED = 0.05;

const number = (value: number, digits = 0): string => (Number.isNaN(value) ? "–" : value.toFixed(digits));
const percent = (value: number): string => (Number.isNaN(value) ? "–" : `${(value * 100).toFixed(1)} %`);
const signed = (value: number, digits = 1): string =>
  Number.isNaN(value) ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;

/** The tables, the other figures and the bars, for people. */
export function reportText(figures: Figures): string {
  const sections = [
    ...figures.phases.map(({ name, stream }) => phaseTable(figures, name, stream)),
    stallTable(figures),
    memoryLines(figures),
    notes(figures),
    barTable(bars(figures)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function phaseTable(figures: Figures, phase: string, stream: boolean): readonly string[] {
  const unit = stream ? "stream" : "req";
  const header = [
    phase,
    `${unit}/s`,
    "of relay",
    "p50 ms",
    "p99 ms",
    `CPU µs/${unit}`,
    "over relay",
    "core busy",
  ];
  return aligned([
    stream ? [...header, "first byte ms", "over direct"] : header,
    ...figures.contestants
      .filter((contestant) => rows(figures, contestant, phase).length > 0)
      .map((contestant) => {
        const row = [
          contestant,
          number(middle(figures, contestant, phase, rate)),
          percent(ratio(figures, contestant, phase, "relay", rate)),
          number(
            middle(figures, contestant, phase, (one) => one.p50),
            3,
          ),
          number(
            middle(figures, contestant, phase, (one) => one.p99),
            3,
          ),
          number(middle(figures, contestant, phase, cpu), 1),
          contestant === "relay" ? "" : signed(more(figures, contestant, phase, "relay", cpu)),
          percent(middle(figures, contestant, phase, (one) => one.busy ?? Number.NaN)),
        ];
        if (!stream) return row;
        const over = more(figures, contestant, phase, "direct", firstByte);
        return [
          ...row,
          number(middle(figures, contestant, phase, firstByte), 3),
          contestant === "direct" ? "" : contestant === "portkey" ? "waits" : signed(over, 3),
        ];
      }),
  ]);
}

function stallTable(figures: Figures): readonly string[] {
  const names = figures.contestants.filter((name) => figures.stalls.some((one) => one.contestant === name));
  if (names.length === 0) return [];
  return aligned([
    ["latest frame of small streams, ms", ...burdens.map((burden) => `beside ${burden}`)],
    ...names.map((name) => [name, ...burdens.map((burden) => number(latest(figures, name, burden), 1))]),
  ]);
}

function memoryLines(figures: Figures): readonly string[] {
  return [
    ...Object.entries(figures.memory).map(
      ([contestant, { now, peak }]) =>
        `${contestant}: ${number(now)} MB resident after all rounds, ${number(peak)} MB at most`,
    ),
    ...figures.growth.map(
      ({ contestant, requests, quarters, peak }) =>
        `${contestant}, started anew, ${requests} requests: ${quarters.map((one) => number(one)).join(", ")} MB after each quarter, ${number(peak)} MB at most`,
    ),
  ];
}

function notes(figures: Figures): readonly string[] {
  const { all, median: coldStart } = figures.coldStart;
  const disturbed = median(figures.measured.flatMap((one) => one.disturbed ?? []));
  return [
    `cold start of the bundle to its first 200: ${number(coldStart)} ms (${all.map((one) => number(one)).join(", ")})`,
    `load of JSON answers: ${figures.generator}; streams: the bench's own`,
    ...(figures.contestants.includes("portkey")
      ? [
          "portkey waits 25 ms before the first chunk of a stream on purpose: its time to the first byte is no figure",
        ]
      : []),
    `${figures.machine}; medians of ${figures.rounds} rounds`,
    figures.pinned
      ? "the contestant alone on its core; load and upstream on another"
      : "not pinned to cores (no taskset): contestants, load and upstream shared them",
    ...(disturbed > MOST_DISTURBED
      ? [
          `others had the contestant's core for ${percent(disturbed)} of the time: measure again on a quiet machine`,
        ]
      : []),
    ...(figures.profiled ? ["profiles were written meanwhile: the gateways were slower for it"] : []),
    ...(figures.ignored.length > 0
      ? [`governed is less than it says: no effect in this build of ${figures.ignored.join(", ")}`]
      : []),
    ...figures.leftOut.map((line) => `left out: ${line}`),
  ];
}

function barTable(found: readonly Bar[]): readonly string[] {
  return aligned([
    ["bar", "wanted", "got", "", "goal"],
    ...found.map((bar) => {
      const { verdict: word, by } = verdict(bar);
      const wanted = bar.most === undefined ? `≥ ${bar.least}` : `≤ ${bar.most}`;
      const digits = bar.unit === "×" ? 3 : bar.unit === "ms" ? 2 : 1;
      return [
        bar.text,
        `${wanted} ${bar.unit}`,
        number(bar.value, digits),
        word === "missed" ? `MISSED by ${number(by, digits)}` : word,
        word === "not measured" ? "" : goalText(bar),
      ];
    }),
  ]);
}

function goalText({ goal, most, value }: Bar): string {
  if (goal === undefined) return "";
  const reached = most === undefined ? value >= goal : value <= goal;
  return `${goal}: ${reached ? "reached" : "not reached"}`;
}

function aligned(table: readonly (readonly string[])[]): readonly string[] {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? "").length)),
  );
  return table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

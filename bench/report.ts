import { median } from "./median.ts";
import type { Memory } from "./process-figures.ts";
import type { Measured, Phase } from "./round.ts";

/** Everything a run found. */
export interface Figures {
  readonly machine: string;
  readonly pinned: boolean;
  readonly rounds: number;
  readonly phases: readonly Phase[];
  readonly contestants: readonly string[];
  readonly measured: readonly Measured[];
  /** Megabytes after all the load, by contestant. */
  readonly memory: { readonly [contestant: string]: Memory };
  readonly coldStart: { readonly median: number; readonly all: readonly number[] };
}

const RELAY = "relay";
const GATEWAY = "gatewright";
/** Beyond this, the figures say more about what else the machine did. */
const MOST_DISTURBED = 0.05;
const REFERENCE = "reference";

/** One bar of the issue: what was wanted, what came out. */
export interface Bar {
  readonly text: string;
  readonly passed: boolean;
}

/** The middle of the rounds of one figure. */
function middle(
  figures: Figures,
  contestant: string,
  phase: string,
  pick: (one: Measured) => number,
): number {
  return median(rows(figures, contestant, phase).map(pick));
}

/** The middle of a figure compared with the relay's of the same round. */
function compared(
  figures: Figures,
  contestant: string,
  phase: string,
  pick: (own: Measured, relay: Measured) => number,
  against = RELAY,
): number {
  const others = new Map(rows(figures, against, phase).map((one) => [one.round, one]));
  return median(
    rows(figures, contestant, phase).flatMap((own) => {
      const other = others.get(own.round);
      return other === undefined ? [] : [pick(own, other)];
    }),
  );
}

function rows({ measured }: Figures, contestant: string, phase: string): readonly Measured[] {
  return measured.filter((one) => one.contestant === contestant && one.phase === phase);
}

const cpu = (one: Measured): number => one.cpuMicroseconds ?? Number.NaN;
const number = (value: number, digits = 0): string => (Number.isNaN(value) ? "–" : value.toFixed(digits));
const percent = (value: number): string => (Number.isNaN(value) ? "–" : `${(value * 100).toFixed(1)} %`);
const signed = (value: number): string =>
  Number.isNaN(value) ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

/** The tables, the other figures and the bars, for people. */
export function reportText(figures: Figures): string {
  const lines: string[] = [];
  for (const { name, stream } of figures.phases) {
    const unit = stream ? "stream" : "req";
    const table = [
      [name, `${unit}/s`, "of relay", "p50 ms", "p99 ms", `CPU µs/${unit}`, "over relay", "core busy"],
      ...figures.contestants
        .filter((contestant) => rows(figures, contestant, name).length > 0)
        .map((contestant) => [
          contestant,
          number(middle(figures, contestant, name, (one) => one.perSecond)),
          percent(compared(figures, contestant, name, (own, relay) => own.perSecond / relay.perSecond)),
          number(
            middle(figures, contestant, name, (one) => one.p50),
            3,
          ),
          number(
            middle(figures, contestant, name, (one) => one.p99),
            3,
          ),
          number(middle(figures, contestant, name, cpu), 1),
          contestant === RELAY
            ? ""
            : signed(compared(figures, contestant, name, (own, relay) => cpu(own) - cpu(relay))),
          percent(middle(figures, contestant, name, (one) => one.busy ?? Number.NaN)),
        ]),
    ];
    lines.push(...aligned(table), "");
  }
  for (const [contestant, { now, peak }] of Object.entries(figures.memory)) {
    lines.push(`${contestant}: ${number(now)} MB resident after the load, ${number(peak)} MB at most`);
  }
  const { all, median: coldStart } = figures.coldStart;
  lines.push(
    `cold start of the bundle to its first 200: ${number(coldStart)} ms (${all.map((one) => number(one)).join(", ")})`,
    `${figures.machine}; medians of ${figures.rounds} rounds`,
    figures.pinned
      ? "the contestant alone on its core; load and upstream on another"
      : "not pinned to cores (no taskset): contestants, load and upstream shared them",
    "",
  );
  const disturbed = median(figures.measured.flatMap((one) => one.disturbed ?? []));
  if (disturbed > MOST_DISTURBED) {
    lines.splice(
      -1,
      0,
      `others had the contestant's core for ${percent(disturbed)} of the time: measure again on a quiet machine`,
    );
  }
  for (const { passed, text } of bars(figures))
    lines.push(`${passed ? "pass      " : "FALLS SHORT"} ${text}`);
  return `${lines.join("\n")}\n`;
}

/** What the issue asks of the gateway, and of our relay when a reference runs along. */
export function bars(figures: Figures): readonly Bar[] {
  const found: Bar[] = [];
  for (const phase of ["c=10", "c=50"]) {
    const ratio = compared(figures, GATEWAY, phase, (own, relay) => own.perSecond / relay.perSecond);
    found.push({ text: `≥ 80 % of the relay's rate at ${phase}: ${percent(ratio)}`, passed: ratio >= 0.8 });
    const more = compared(figures, GATEWAY, phase, (own, relay) => cpu(own) - cpu(relay));
    found.push({
      text: `≤ 8 µs CPU per request more than the relay at ${phase}: ${signed(more)} µs`,
      passed: more <= 8,
    });
  }
  const peak = figures.memory[GATEWAY]?.peak ?? Number.NaN;
  found.push({ text: `RSS ≤ 150 MB: ${number(peak)} MB at most`, passed: peak <= 150 });
  const { median: coldStart } = figures.coldStart;
  found.push({ text: `cold start ≤ 500 ms: ${number(coldStart)} ms`, passed: coldStart <= 500 });
  if (figures.contestants.includes(REFERENCE)) {
    for (const { name } of figures.phases) {
      const ratio = compared(
        figures,
        RELAY,
        name,
        (own, other) => own.perSecond / other.perSecond,
        REFERENCE,
      );
      const text = `our relay's rate within 5 % of the reference's at ${name}: ${percent(ratio)}`;
      found.push({ text, passed: Math.abs(ratio - 1) <= 0.05 });
    }
  }
  return found;
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

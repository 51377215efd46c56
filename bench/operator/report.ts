import { median } from "../median.ts";
import type { Subject } from "./side.ts";

/** One start, milliseconds from starting the process. */
export interface ColdStart {
  readonly clusters: number;
  readonly firstPass: number;
  /** CPU time of the process until then. */
  readonly firstPassCpu: number;
  readonly firstCluster: number;
}

/** Memory of an operator at rest, megabytes (10^6 bytes). */
export interface Resident {
  readonly clusters: number;
  /** Objects that it keeps something of. */
  readonly objects: number;
  readonly megabytes: number;
  readonly peakMegabytes: number;
}

/** How often each `verb resource` was asked. */
export interface Requests {
  readonly [request: string]: number;
}

/** What an edit asked for, among one cluster and among many. */
export interface EditRequests {
  readonly subject: Subject;
  readonly one: Requests;
  readonly many: Requests;
}

/** What was found with clusters of one shape. */
export interface WorldFigures {
  readonly of: string;
  /** So many of them in each cluster. */
  readonly each: number;
  readonly clusters: number;
  readonly coldStarts: readonly ColdStart[];
  readonly resident: readonly Resident[];
  /** Until everything was passed over again. */
  readonly restart: { readonly seconds: number; readonly requests: Requests };
  readonly rest: { readonly seconds: number; readonly cpuSeconds: number; readonly requests: Requests };
  readonly requests: readonly EditRequests[];
  /** Milliseconds from an edit to the ConfigMap that holds it. */
  readonly latency: {
    readonly one: readonly number[];
    readonly many: readonly number[];
    readonly ratio: number;
  };
}

/** Everything a run found. */
export interface OperatorFigures {
  readonly machine: string;
  readonly program: "bundle" | "sources";
  readonly worlds: readonly WorldFigures[];
}

/** One bar of the issue. `timed` ones depend on the machine and fail nobody. */
export interface OperatorBar {
  readonly text: string;
  readonly passed: boolean;
  readonly timed: boolean;
}

const called: Readonly<Record<Subject, string>> = {
  model: "a model's edit",
  instructions: "an edit of an agent's instructions",
  rules: "an edit of an agent's network rules",
};

export function operatorBars({ worlds }: OperatorFigures): readonly OperatorBar[] {
  return worlds.flatMap(barsOf);
}

function barsOf(figures: WorldFigures): readonly OperatorBar[] {
  const { latency, requests, rest, clusters, of } = figures;
  const slowest = Math.max(...[1, clusters].map((size) => firstPass(figures, size)));
  const perMinute = (total(rest.requests) / rest.seconds) * 60;
  return [
    ...requests.map(({ subject, one, many }): OperatorBar => {
      const [few, lots] = [comparable(subject, one), comparable(subject, many)];
      const aside = subject === "model" ? "" : " (status and Events of the agent aside)";
      return {
        text: `requests of ${called[subject]}: ${lots} among ${clusters} clusters, ${few} at one${aside}`,
        passed: lots === few,
        timed: false,
      };
    }),
    {
      text: `edit to applied ≤ 2 × that at one cluster, ${of}: ${latency.ratio.toFixed(2)} ×`,
      passed: latency.ratio <= 2,
      timed: false,
    },
    {
      text: `requests a minute at rest ≤ 10, ${of}: ${perMinute.toFixed(0)}`,
      passed: perMinute <= 10,
      timed: false,
    },
    {
      text: `cold start to the first pass ≤ 1.5 s, ${of}: ${(slowest / 1000).toFixed(2)} s`,
      passed: slowest <= 1500,
      timed: true,
    },
  ];
}

/** How often Kubernetes tells of a Deployment that has changed is its own affair, and each time is one more status. */
function comparable(subject: Subject, requests: Requests): number {
  const counted = Object.entries(requests).filter(
    ([request]) => subject === "model" || !/ (languageagents\/status|events)$/.test(request),
  );
  return total(Object.fromEntries(counted));
}

/** The figures and the bars, for people. */
export function operatorReport(figures: OperatorFigures): string {
  const rows = figures.worlds.flatMap(rowsOf);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`.trimEnd()),
    `${figures.machine}; ${figures.program}`,
    ...operatorBars(figures).map(({ text, passed }) => `${passed ? "pass      " : "FALLS SHORT"} ${text}`),
    "",
  ].join("\n");
}

function rowsOf(figures: WorldFigures): readonly [string, string][] {
  const { clusters, of, each, latency, requests, rest, restart } = figures;
  const { base, perObject } = memoryLine(figures.resident);
  const starts = [1, clusters].map((size) => {
    const taken = figures.coldStarts.filter((start) => start.clusters === size);
    const firstCluster = median(taken.map((start) => start.firstCluster));
    const cpu = median(taken.map((start) => start.firstPassCpu));
    return `${size} × ${each}: ${firstPass(figures, size).toFixed(0)} ms (${cpu.toFixed(0)} ms CPU), first LanguageCluster ${firstCluster.toFixed(0)} ms`;
  });
  return [
    [`${clusters} clusters × ${each} ${of}`, ""],
    ["cold start to the first pass", starts.join("; ")],
    [
      `restart at ${clusters} × ${each} until all is passed over`,
      `${restart.seconds.toFixed(1)} s, ${total(restart.requests)} requests: ${listed(restart.requests)}`,
    ],
    ...requests.flatMap(({ subject, one, many }): [string, string][] => [
      [`requests of ${called[subject]}, 1 × ${each}`, `${total(one)}: ${listed(one)}`],
      [`requests of ${called[subject]}, ${clusters} × ${each}`, `${total(many)}: ${listed(many)}`],
    ]),
    [
      "edit to applied, median",
      `${median(latency.one).toFixed(1)} ms at one, ${median(latency.many).toFixed(1)} ms among ${clusters}: ${latency.ratio.toFixed(2)} × (${latency.one.length} edits each)`,
    ],
    ["memory", `${base.toFixed(0)} MB + ${(perObject * 1000).toFixed(1)} KB an object`],
    ...figures.resident.map(({ clusters: size, objects, megabytes, peakMegabytes }): [string, string] => [
      `memory at ${size} clusters, ${objects} objects`,
      `${megabytes.toFixed(0)} MB, at most ${peakMegabytes.toFixed(0)} MB`,
    ]),
    [
      `${rest.seconds} s at rest`,
      `${((rest.cpuSeconds / rest.seconds) * 100).toFixed(2)} % of a core, ${total(rest.requests)} requests ${listed(rest.requests)}`,
    ],
    ["", ""],
  ];
}

function firstPass({ coldStarts }: WorldFigures, clusters: number): number {
  return median(coldStarts.filter((start) => start.clusters === clusters).map((start) => start.firstPass));
}

function total(requests: Requests): number {
  return Object.values(requests).reduce((sum, one) => sum + one, 0);
}

function listed(requests: Requests): string {
  return Object.entries(requests)
    .map(([name, times]) => `${times} ${name}`)
    .join(", ");
}

/** Least squares: megabytes at no object, and for each. */
function memoryLine(resident: readonly Resident[]): { readonly base: number; readonly perObject: number } {
  const mean = (pick: (one: Resident) => number): number =>
    resident.reduce((sum, one) => sum + pick(one), 0) / resident.length;
  const objects = mean((one) => one.objects);
  const megabytes = mean((one) => one.megabytes);
  const spread = mean((one) => (one.objects - objects) ** 2);
  const together = mean((one) => (one.objects - objects) * (one.megabytes - megabytes));
  const perObject = together / spread;
  return { base: megabytes - perObject * objects, perObject };
}

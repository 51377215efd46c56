import { median } from "../median.ts";

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

/** Everything a run found. */
export interface OperatorFigures {
  readonly machine: string;
  readonly program: "bundle" | "sources";
  readonly clusters: number;
  readonly models: number;
  readonly coldStarts: readonly ColdStart[];
  readonly resident: readonly Resident[];
  /** Until everything was passed over again. */
  readonly restart: { readonly seconds: number; readonly requests: Requests };
  readonly rest: { readonly seconds: number; readonly cpuSeconds: number; readonly requests: Requests };
  readonly requests: { readonly one: Requests; readonly many: Requests };
  /** Milliseconds from the edit of a model to the ConfigMap that holds it. */
  readonly latency: {
    readonly one: readonly number[];
    readonly many: readonly number[];
    readonly ratio: number;
  };
}

/** One bar of the issue. `timed` ones depend on the machine and fail nobody. */
export interface OperatorBar {
  readonly text: string;
  readonly passed: boolean;
  readonly timed: boolean;
}

export function operatorBars(figures: OperatorFigures): readonly OperatorBar[] {
  const { latency, requests, rest, clusters } = figures;
  const [one, many] = [total(requests.one), total(requests.many)];
  const slowest = Math.max(...[1, clusters].map((size) => firstPass(figures, size)));
  const perMinute = (total(rest.requests) / rest.seconds) * 60;
  return [
    {
      text: `requests of an edit: ${many} among ${clusters} clusters, ${one} at one`,
      passed: many === one,
      timed: false,
    },
    {
      text: `edit to applied ≤ 2 × that at one cluster: ${latency.ratio.toFixed(2)} ×`,
      passed: latency.ratio <= 2,
      timed: false,
    },
    {
      text: `requests a minute at rest ≤ 10 (two controllers): ${perMinute.toFixed(0)}`,
      passed: perMinute <= 10,
      timed: false,
    },
    {
      text: `cold start to the first pass ≤ 1.5 s: ${(slowest / 1000).toFixed(2)} s`,
      passed: slowest <= 1500,
      timed: true,
    },
  ];
}

/** The figures and the bars, for people. */
export function operatorReport(figures: OperatorFigures): string {
  const { clusters, models, latency, requests, rest, restart } = figures;
  const { base, perObject } = memoryLine(figures.resident);
  const starts = [1, clusters].map((size) => {
    const of = figures.coldStarts.filter((start) => start.clusters === size);
    const firstCluster = median(of.map((start) => start.firstCluster));
    const cpu = median(of.map((start) => start.firstPassCpu));
    return `${size} × ${models}: ${firstPass(figures, size).toFixed(0)} ms (${cpu.toFixed(0)} ms CPU), first LanguageCluster ${firstCluster.toFixed(0)} ms`;
  });
  const rows: [string, string][] = [
    ["cold start to the first pass", starts.join("; ")],
    [
      `restart at ${clusters} × ${models} until all is passed over`,
      `${restart.seconds.toFixed(1)} s, ${total(restart.requests)} requests: ${listed(restart.requests)}`,
    ],
    [`requests of an edit, 1 × ${models}`, `${total(requests.one)}: ${listed(requests.one)}`],
    [`requests of an edit, ${clusters} × ${models}`, `${total(requests.many)}: ${listed(requests.many)}`],
    [
      "edit to applied, median",
      `${median(latency.one).toFixed(1)} ms at one, ${median(latency.many).toFixed(1)} ms among ${clusters}: ${latency.ratio.toFixed(2)} ×`,
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
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
    "",
    `${figures.machine}; ${figures.program}`,
    ...operatorBars(figures).map(({ text, passed }) => `${passed ? "pass      " : "FALLS SHORT"} ${text}`),
    "",
  ].join("\n");
}

function firstPass({ coldStarts }: OperatorFigures, clusters: number): number {
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

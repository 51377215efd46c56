import { compared, cpu, type Figures, firstByte, latest, more, rate, ratio } from "./figures.ts";
import { burdens } from "./stall.ts";

/** One bar of an issue: what was wanted, what came out. */
export interface Bar {
  readonly text: string;
  readonly most?: number;
  readonly least?: number;
  /** What would be better still. */
  readonly goal?: number;
  readonly unit: string;
  /** NaN: it was not measured. */
  readonly value: number;
  /** A ratio within a run says something on any machine; times and sizes do not. */
  readonly kind: "ratio" | "absolute";
}

export type Verdict = "met" | "missed" | "not measured";

/** Whether a bar is met, and if not, by how much it is missed. */
export function verdict({ value, most, least }: Bar): { readonly verdict: Verdict; readonly by: number } {
  if (Number.isNaN(value)) return { verdict: "not measured", by: Number.NaN };
  const by = most === undefined ? (least ?? Number.NEGATIVE_INFINITY) - value : value - most;
  return by > 0 ? { verdict: "missed", by } : { verdict: "met", by: 0 };
}

/** V8 sizes its heap as it likes from one moment to the next, megabytes: less than this is no growth. */
const GROWTH_TOLERANCE = 5;

/** The bars of the governed gateway, of the bare one, and of our relay when a reference runs along. */
export function bars(figures: Figures): readonly Bar[] {
  return [
    ...governedBars(figures),
    ...memoryBars(figures),
    ...bareBars(figures),
    ...translationBars(figures),
    ...referenceBars(figures),
  ];
}

function governedBars(figures: Figures): readonly Bar[] {
  const own = "governed";
  const times = (text: string, phase: string, peer: string, least: number): Bar => ({
    text: `${own}: rate at ${phase}, ${text}`,
    least,
    unit: "×",
    value: ratio(figures, own, phase, peer, rate),
    kind: "ratio",
  });
  return [
    ...["c=1", "c=10", "c=50"].map(
      (phase): Bar => ({
        text: `${own}: CPU per request over the relay's at ${phase}`,
        most: 20,
        goal: 12,
        unit: "µs",
        value: more(figures, own, phase, "relay", cpu),
        kind: "absolute",
      }),
    ),
    ...["c=10", "c=50"].map(
      (phase): Bar => ({ ...times("of the relay's", phase, "relay", 0.62), goal: 0.7 }),
    ),
    times("of raw Envoy's", "c=1", "envoy", 0.75),
    times("of Portkey's", "c=50", "portkey", 6),
    times("of LiteLLM's", "c=50", "litellm", 60),
    ...["streams c=10", "streams c=50"].map(
      (phase): Bar => ({
        text: `${own}: CPU per stream at ${phase}, of the relay's`,
        most: 1.3,
        unit: "×",
        value: ratio(figures, own, phase, "relay", cpu),
        kind: "ratio",
      }),
    ),
    {
      text: `${own}: time to the first byte of a stream over a direct call's`,
      most: 0.3,
      unit: "ms",
      value: more(figures, own, "streams c=1", "direct", firstByte),
      kind: "absolute",
    },
    ...burdens.slice(1).map(
      (burden): Bar => ({
        text: `${own}: latest frame of small streams beside ${burden}, over the relay's`,
        most: 5,
        unit: "ms",
        value: latest(figures, own, burden) - latest(figures, "relay", burden),
        kind: "absolute",
      }),
    ),
  ];
}

function memoryBars({ growth, coldStart }: Figures): readonly Bar[] {
  const own = growth.find(({ contestant }) => contestant === "governed");
  const relay = growth.find(({ contestant }) => contestant === "relay");
  const [, second = Number.NaN, , last = Number.NaN] = own?.quarters ?? [];
  const after = own === undefined ? "" : ` after ${own.requests} requests`;
  return [
    { text: `governed: resident${after}`, most: 150, unit: "MB", value: last, kind: "absolute" },
    {
      text: "governed: most resident, of the relay's",
      most: 1.15,
      unit: "×",
      value: (own?.peak ?? Number.NaN) / (relay?.peak ?? Number.NaN),
      kind: "ratio",
    },
    {
      text: "governed: growth between the second and the last quarter of them (5 MB is none)",
      most: GROWTH_TOLERANCE,
      unit: "MB",
      value: last - second,
      kind: "absolute",
    },
    {
      text: "cold start of the bundle",
      most: 500,
      unit: "ms",
      value: coldStart.median,
      kind: "absolute",
    },
  ];
}

function bareBars(figures: Figures): readonly Bar[] {
  return ["c=10", "c=50"].flatMap((phase): readonly Bar[] => [
    {
      text: `gatewright: rate at ${phase}, of the relay's`,
      least: 0.8,
      unit: "×",
      value: ratio(figures, "gatewright", phase, "relay", rate),
      kind: "ratio",
    },
    {
      text: `gatewright: CPU per request over the relay's at ${phase}`,
      most: 8,
      unit: "µs",
      value: more(figures, "gatewright", phase, "relay", cpu),
      kind: "absolute",
    },
  ]);
}

/** Frames with a word in a stream of the upstream. */
const STREAMED_WORDS = 19;

/** What another wire upstream costs over an alias, which also writes names anew. */
function translationBars(figures: Figures): readonly Bar[] {
  return [
    {
      text: "translated: CPU per call over one that is passed, at c=10",
      most: 60,
      unit: "µs",
      value: more(figures, "translated", "c=10", "with an alias", cpu),
      kind: "absolute",
    },
    {
      text: "translated: CPU per streamed chunk over one that is passed, at c=10",
      most: 4,
      unit: "µs",
      value: more(figures, "translated", "streams c=10", "with an alias", cpu) / STREAMED_WORDS,
      kind: "absolute",
    },
  ];
}

function referenceBars(figures: Figures): readonly Bar[] {
  if (!figures.contestants.includes("reference")) return [];
  return figures.phases.map(({ name }) => ({
    text: `our relay: rate at ${name}, away from the reference's`,
    most: 0.05,
    unit: "×",
    value: Math.abs(
      compared(figures, "relay", name, "reference", (own, other) => rate(own) / rate(other)) - 1,
    ),
    kind: "ratio",
  }));
}

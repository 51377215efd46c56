import { noLabel } from "@gatewright/litellm";
import type { MetricSelection } from "../snapshot/telemetry.ts";

/** What a metric is called, and the labels its series are told apart by. */
export interface MetricName {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Values of labels; one that is left out is written as LiteLLM writes it, `None`. */
export type Labels = { readonly [name: string]: string };

/** A number that only grows. */
export class Counter {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}

/** A number that goes up and down. */
export class Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }
}

/** Observations in buckets. Counts per bucket are summed up only when somebody scrapes. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** `value` in the unit of the metric, seconds for latencies. */
  observe(value: number): void {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (this.bounds[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
      else low = middle + 1;
    }
    this.counts[low] = (this.counts[low] ?? 0) + 1;
    this.sum += value;
  }
}

type Series = Counter | Gauge | Histogram;

interface Family {
  readonly help: string;
  readonly labels: readonly string[];
  readonly type: "counter" | "gauge" | "histogram";
  readonly series: Map<string, Series>;
}

/** Series a family may have before new ones are put together; histograms have some forty lines each, so fewer. */
export const SERIES_LIMIT = 2_000;
const HISTOGRAM_SHARE = 4;

/** What stands in place of names once a family has its most. */
const OTHER = "other";

/** Labels with as many values as there are callers, models of wildcards, customers, in time agents: together without bound. */
const unbounded: ReadonlySet<string> = new Set([
  "agent",
  "end_user",
  "hashed_api_key",
  "api_key_alias",
  "team",
  "team_alias",
  "user",
  "user_alias",
  "user_email",
  "client_ip",
  "user_agent",
  "model",
  "model_group",
  "requested_model",
  "fallback_model",
]);

/**
 * The process's metrics. Whoever counts holds on to a series, so that counting costs an addition and no look-up;
 * names and labels are put together only at a scrape. (docs/decisions: why not prom-client.)
 *
 * No family grows for ever: beyond `limit` series (a quarter for histograms), names of callers, customers and models
 * become `other` in new ones; beyond twice that everything does, which is one series more.
 */
export class Registry {
  readonly #families = new Map<string, Family>();
  readonly #limit: number;
  #selection: MetricSelection | undefined;
  readonly #beforeScrape: (() => void)[] = [];

  constructor(limit = SERIES_LIMIT) {
    this.#limit = limit;
  }

  /**
   * Exposes only these of LiteLLM's metrics, with these labels; undefined: all. Called before a snapshot asks for its
   * series: those with other labels than before begin anew.
   */
  select(selection: MetricSelection | undefined): void {
    const before = this.#selection;
    this.#selection = selection;
    for (const [name, family] of this.#families) {
      const changed =
        selected(before, name, family.labels).join() !== selected(selection, name, family.labels).join();
      if (changed && family.labels.length > 0) family.series.clear();
    }
  }

  /** Whether the selection asks for this label by name. */
  asksFor(metric: MetricName, label: string): boolean {
    return this.#selection?.get(bareName(metric.name))?.has(label) === true;
  }

  counter(metric: MetricName, labels: Labels = {}): Counter {
    return this.#series(metric, "counter", labels, () => new Counter());
  }

  gauge(metric: MetricName, labels: Labels = {}): Gauge {
    return this.#series(metric, "gauge", labels, () => new Gauge());
  }

  histogram(metric: MetricName, bounds: readonly number[], labels: Labels = {}): Histogram {
    return this.#series(metric, "histogram", labels, () => new Histogram(bounds));
  }

  /** Forgets every series of a family, for gauges whose labels are replaced as a whole. */
  reset(name: string): void {
    this.#families.get(name)?.series.clear();
  }

  /** Runs before every scrape: for gauges that are read and not kept. */
  onScrape(update: () => void): void {
    this.#beforeScrape.push(update);
  }

  /** The Prometheus text format, version 0.0.4. */
  text(): string {
    for (const update of this.#beforeScrape) update();
    const lines: string[] = [];
    for (const [name, family] of this.#families) {
      if (family.series.size === 0 || hidden(this.#selection, name)) continue;
      lines.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} ${family.type}`);
      for (const [labels, series] of family.series) {
        if (series instanceof Histogram) pushHistogram(lines, name, labels, series);
        else lines.push(`${name}${braces(labels)} ${series.value}`);
      }
    }
    return `${lines.join("\n")}\n`;
  }

  #series<T extends Series>(
    { name, help, labels: names }: MetricName,
    type: Family["type"],
    labels: Labels,
    create: () => T,
  ): T {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { help, type, labels: names, series: new Map() };
      this.#families.set(name, family);
    }
    if (family.type !== type) throw new TypeError(`metric ${name} is a ${family.type}, not a ${type}`);
    const shown = selected(this.#selection, name, names);
    const limit = type === "histogram" ? Math.ceil(this.#limit / HISTOGRAM_SHARE) : this.#limit;
    let key = labelText(shown, labels);
    if (!family.series.has(key) && family.series.size >= limit) {
      key = labelText(
        shown,
        others(labels, (label) => unbounded.has(label)),
      );
      if (!family.series.has(key) && family.series.size >= limit * 2)
        key = labelText(shown, Object.fromEntries(shown.map((label) => [label, OTHER])));
    }
    const known = family.series.get(key);
    // A family holds one type only, checked above.
    if (known !== undefined) return known as T;
    const series = create();
    family.series.set(key, series);
    return series;
  }
}

function others(labels: Labels, replaced: (label: string) => boolean): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [
      label,
      value !== noLabel && replaced(label) ? OTHER : value,
    ]),
  );
}

/** Configurations name counters without the suffix that they are exposed with. */
function bareName(name: string): string {
  return name.endsWith("_total") ? name.slice(0, -"_total".length) : name;
}

/** Only LiteLLM's metrics are chosen among; the gateway's own few are always there. */
function hidden(selection: MetricSelection | undefined, name: string): boolean {
  return selection !== undefined && name.startsWith("litellm_") && !selection.has(bareName(name));
}

function selected(
  selection: MetricSelection | undefined,
  name: string,
  labels: readonly string[],
): readonly string[] {
  const wanted = selection?.get(bareName(name));
  return wanted === undefined ? labels : labels.filter((label) => wanted.has(label));
}

function pushHistogram(lines: string[], name: string, labels: string, histogram: Histogram): void {
  let total = 0;
  const separator = labels === "" ? "" : ",";
  for (const [index, count] of histogram.counts.entries()) {
    total += count;
    const bound = histogram.bounds[index];
    lines.push(
      `${name}_bucket{${labels}${separator}le="${bound === undefined ? "+Inf" : bucketText(bound)}"} ${total}`,
    );
  }
  lines.push(`${name}_sum${braces(labels)} ${histogram.sum}`, `${name}_count${braces(labels)} ${total}`);
}

/** Whole bounds carry a `.0` in LiteLLM's exposition; dashboards that select a bucket by its text rely on it. */
function bucketText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function braces(labels: string): string {
  return labels === "" ? "" : `{${labels}}`;
}

function labelText(names: readonly string[], labels: Labels): string {
  return names.map((name) => `${name}="${escaped(labels[name] ?? noLabel)}"`).join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

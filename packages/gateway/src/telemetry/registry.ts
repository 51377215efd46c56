import { noLabel } from "@gatewright/litellm";

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
  readonly type: "counter" | "gauge" | "histogram";
  readonly series: Map<string, Series>;
}

/**
 * The process's metrics. Whoever counts holds on to a series, so that counting costs an addition and no look-up;
 * names and labels are put together only at a scrape. (docs/decisions: why not prom-client.)
 */
export class Registry {
  readonly #families = new Map<string, Family>();
  readonly #beforeScrape: (() => void)[] = [];

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
      if (family.series.size === 0) continue;
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
      family = { help, type, series: new Map() };
      this.#families.set(name, family);
    }
    if (family.type !== type) throw new TypeError(`metric ${name} is a ${family.type}, not a ${type}`);
    const key = labelText(names, labels);
    const known = family.series.get(key);
    // A family holds one type only, checked above.
    if (known !== undefined) return known as T;
    const series = create();
    family.series.set(key, series);
    return series;
  }
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

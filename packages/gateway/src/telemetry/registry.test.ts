import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram, Registry } from "./registry.ts";

describe("Registry", () => {
  it("writes the text format, labels escaped", () => {
    const registry = new Registry();
    registry.counter(metric("requests_total", "Requests.", "model", "team"), { model: 'a"b\\c\nd' }).inc(2);
    registry.gauge(metric("in_flight", "Now.")).set(1);
    const latency = registry.histogram(metric("latency_seconds", "Time.", "model"), [0.1, 1], { model: "m" });
    latency.observe(0.1);
    latency.observe(0.5);
    latency.observe(7);
    expect(registry.text()).toBe(`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{model="a\\"b\\\\c\\nd",team="None"} 2
# HELP in_flight Now.
# TYPE in_flight gauge
in_flight 1
# HELP latency_seconds Time.
# TYPE latency_seconds histogram
latency_seconds_bucket{model="m",le="0.1"} 1
latency_seconds_bucket{model="m",le="1.0"} 2
latency_seconds_bucket{model="m",le="+Inf"} 3
latency_seconds_sum{model="m"} 7.6
latency_seconds_count{model="m"} 3
`);
  });

  it("hands out one series per set of labels, and refuses one name for two types", () => {
    const registry = new Registry();
    const total = metric("a_total", "", "x");
    expect(registry.counter(total, { x: "1" })).toBe(registry.counter(total, { x: "1" }));
    expect(registry.counter(total, { x: "1" })).not.toBe(registry.counter(total, { x: "2" }));
    expect(() => registry.gauge(total)).toThrow("is a counter");
  });

  it("puts every observation into the first bucket that holds it", () => {
    const bounds = [0.005, 0.1, 1, 10];
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
        const histogram = new Histogram(bounds);
        for (const value of values) histogram.observe(value);
        const want = [...bounds, Number.POSITIVE_INFINITY].map(
          (bound, index) =>
            values.filter((value) => value <= bound && value > (bounds[index - 1] ?? -1)).length,
        );
        expect([...histogram.counts]).toEqual(want);
      }),
    );
  });
});

function metric(
  name: string,
  help: string,
  ...labels: string[]
): { name: string; help: string; labels: string[] } {
  return { name, help, labels };
}

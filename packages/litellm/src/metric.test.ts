import { describe, expect, it } from "vitest";
import { latencyBuckets, type Metric, metrics } from "./metric.ts";

describe("the metrics of litellm.md §5.1", () => {
  it("has LiteLLM's buckets", () => {
    expect(latencyBuckets.slice(0, 9)).toEqual([0.005, 0.00625, 0.0125, 0.025, 0.05, 0.1, 0.5, 1, 1.5]);
    expect(latencyBuckets.slice(-10)).toEqual([10, 15, 20, 25, 30, 60, 120, 180, 240, 300]);
    expect([...latencyBuckets].sort((a, b) => a - b)).toEqual(latencyBuckets);
    expect(latencyBuckets).toHaveLength(35);
  });

  it.each(Object.values<Metric>(metrics))(
    "$name is spelled as Prometheus wants it",
    ({ name, type, labels }) => {
      expect(name).toMatch(/^litellm_[a-z_]+$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      expect(new Set(labels).size).toBe(labels.length);
    },
  );
});

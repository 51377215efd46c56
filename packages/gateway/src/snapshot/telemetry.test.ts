import { type Document, settle } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { groupTelemetryOf, telemetryOf } from "./telemetry.ts";

function read(document: Document) {
  return telemetryOf(settle(document, () => undefined).settings, () => undefined);
}

describe("telemetryOf", () => {
  it("has defaults", () => {
    expect(read({})).toEqual({
      selection: undefined,
      customers: new Set(),
      metricsClosed: false,
      tracing: undefined,
      explained: 200,
      warnings: [],
    });
  });

  it("puts groups of metrics together", () => {
    const { selection } = read({
      litellm_settings: {
        prometheus_metrics_config: [
          { group: "a", metrics: ["litellm_spend_metric", "x_total"], include_labels: ["team"] },
          { group: "b", metrics: ["litellm_spend_metric"], include_labels: ["user"] },
          { group: "c", metrics: ["x_total"] },
          { group: "d", metrics: ["x"], include_labels: ["team"] },
          "nonsense",
        ],
      },
    });
    expect(selection).toEqual(
      new Map([
        ["litellm_spend_metric", new Set(["team", "user"])],
        ["x", undefined],
      ]),
    );
  });

  it("knows the customers that may be labels, unless they are to stay out of metrics", () => {
    const customers = [{ user_id: "acme" }];
    expect(read({ gatewright: { customers } }).customers).toEqual(new Set(["acme"]));
    const hidden = { disable_end_user_cost_tracking_prometheus_only: true };
    expect(read({ litellm_settings: hidden, gatewright: { customers } }).customers.size).toBe(0);
  });

  it("says that answers are not logged, closes metrics and bounds the records", () => {
    const document = {
      litellm_settings: { require_auth_for_metrics_endpoint: true },
      gatewright: {
        explain: { requests: 10_000_000 },
        models: { a: { telemetry: { log_responses: true } } },
      },
    };
    expect(read(document)).toMatchObject({
      metricsClosed: true,
      explained: 10_000,
      warnings: [expect.stringMatching(/^log_responses of a: answers are never written/)],
    });
  });

  it("reads what is different for one model", () => {
    expect(groupTelemetryOf(undefined)).toBeUndefined();
    expect(groupTelemetryOf({ metrics: false, log_level: "error", tracing: true })).toEqual({
      metrics: false,
      tracing: true,
      logRequests: true,
      logFrom: 500,
    });
  });
});

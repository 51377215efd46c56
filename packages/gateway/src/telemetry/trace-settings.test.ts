import { type Document, Secret, settle } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { traceSettings } from "./trace-settings.ts";

type Variables = { readonly [name: string]: string };

function read(document: Document, variables: Variables) {
  const lookup = (name: string): Secret | undefined =>
    variables[name] === undefined ? undefined : new Secret(variables[name]);
  return traceSettings(settle(document, lookup).settings, lookup);
}

const otel = { litellm_settings: { callbacks: ["otel"] } };
const collector = "http://collector:4318";

describe("traceSettings", () => {
  it.each<[why: string, document: Document, variables: Variables]>([
    ["no exporter configured", otel, {}],
    ["an endpoint, but nobody asks for traces", {}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector }],
    ["switched off", otel, { OTEL_EXPORTER: "none", OTEL_ENDPOINT: collector }],
  ])("traces nothing: %s", (_why, document, variables) => {
    expect(read(document, variables)).toEqual({ settings: undefined, warnings: [] });
  });

  it.each<[why: string, variables: Variables, url: string, headers: Variables]>([
    [
      "LiteLLM's own names",
      { OTEL_EXPORTER: "otlp_http", OTEL_ENDPOINT: collector, OTEL_HEADERS: "a=b%20c,d=e" },
      `${collector}/v1/traces`,
      { a: "b c", d: "e" },
    ],
    [
      "an endpoint with its path",
      { OTEL_EXPORTER: "otlp_http", OTEL_ENDPOINT: `${collector}/v1/traces` },
      `${collector}/v1/traces`,
      {},
    ],
    [
      "the standard names",
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector}/`,
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x",
      },
      `${collector}/v1/traces`,
      { authorization: "Bearer x" },
    ],
    [
      "an endpoint for traces alone, as it stands",
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector}/t`, OTEL_EXPORTER_OTLP_ENDPOINT: "http://other" },
      `${collector}/t`,
      {},
    ],
  ])("exports: %s", (_why, variables, url, headers) => {
    expect(read(otel, variables).settings).toMatchObject({
      exporter: { kind: "otlp", url, headers },
      everything: true,
      messages: false,
      resource: { "service.name": "gatewright" },
      sampling: { parentBased: true, ratio: 1 },
    });
  });

  it("traces one model alone when only that asks for it", () => {
    const document = { gatewright: { models: { a: { telemetry: { tracing: true } } } } };
    expect(read(document, { OTEL_EXPORTER_OTLP_ENDPOINT: collector }).settings?.everything).toBe(false);
  });

  it("sends prompts only when both switches allow it", () => {
    const shown = { ...otel, callback_settings: { otel: { message_logging: true } } };
    const variables = { OTEL_EXPORTER: "console" };
    expect(read(shown, variables).settings?.messages).toBe(true);
    const hidden = { ...shown, litellm_settings: { callbacks: ["otel"], turn_off_message_logging: true } };
    expect(read(hidden, variables).settings?.messages).toBe(false);
  });

  it("names the service and the share that is kept", () => {
    const { settings } = read(otel, {
      OTEL_EXPORTER: "console",
      OTEL_SERVICE_NAME: "agent-a",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=other,team=red",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
    });
    expect(settings).toMatchObject({
      resource: { "service.name": "agent-a", team: "red" },
      sampling: { parentBased: true, ratio: 0.25 },
    });
  });

  it.each<[why: string, variables: Variables, warning: RegExp]>([
    [
      "gRPC",
      { OTEL_EXPORTER: "otlp_grpc", OTEL_ENDPOINT: "http://collector:4317" },
      /HTTP only, not by gRPC/,
    ],
    [
      "gRPC by the standard name",
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      /HTTP only/,
    ],
    ["no endpoint", { OTEL_EXPORTER: "otlp_http" }, /no OTEL_ENDPOINT/],
    ["not a URL", { OTEL_ENDPOINT: "collector" }, /not a URL/],
    [
      "an unknown sampler",
      { OTEL_EXPORTER: "console", OTEL_TRACES_SAMPLER: "jaeger_remote" },
      /all requests are traced/,
    ],
  ])("warns: %s", (_why, variables, warning) => {
    expect(read(otel, variables).warnings).toEqual([expect.stringMatching(warning)]);
  });
});

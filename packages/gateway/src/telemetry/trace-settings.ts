import type { SecretLookup, Settings } from "@gatewright/litellm";

/** Where spans go. */
export type TraceExporter =
  | { readonly kind: "console" }
  | { readonly kind: "otlp"; readonly url: string; readonly headers: { readonly [name: string]: string } };

/** How requests are traced. */
export interface TraceSettings {
  readonly exporter: TraceExporter;
  /** False: only models whose own settings ask for it. */
  readonly everything: boolean;
  /** Prompts go along. */
  readonly messages: boolean;
  /** Attributes of the process, `service.name` among them. */
  readonly resource: { readonly [name: string]: string };
  readonly sampling: Sampling;
}

/** Which traces are kept. */
export interface Sampling {
  /** What the caller decided holds. */
  readonly parentBased: boolean;
  /** Share of those that nobody has decided about, 0 to 1. */
  readonly ratio: number;
}

const SERVICE = "gatewright";

type Variables = (name: string) => string | undefined;

/**
 * How a document and its surroundings want requests traced (litellm.md §5.2): `otel` among the callbacks, or `tracing` of a
 * model, and an exporter. Without both nothing is traced. What cannot be done is told in `warnings`.
 */
export function traceSettings(
  settings: Settings,
  lookup: SecretLookup,
): { readonly settings: TraceSettings | undefined; readonly warnings: readonly string[] } {
  const litellm = settings.litellm_settings;
  const everything = [litellm?.callbacks, litellm?.success_callback].some((names) => names?.includes("otel"));
  const some = Object.values(settings.gatewright?.models ?? {}).some(
    (model) => model.telemetry?.tracing === true,
  );
  if (!everything && !some) return { settings: undefined, warnings: [] };
  const variables: Variables = (name) => {
    const value = (settings.environment_variables?.[name] ?? lookup(name))?.reveal();
    return value === "" ? undefined : value;
  };
  const exporter = exporterOf(variables);
  if (exporter === undefined) return { settings: undefined, warnings: [] };
  if ("warning" in exporter) return { settings: undefined, warnings: [exporter.warning] };
  const sampling = samplingOf(variables);
  return {
    settings: {
      exporter,
      everything,
      // Off unless asked for: LiteLLM sends prompts to collectors by default.
      messages:
        settings.callback_settings?.["otel"]?.message_logging === true &&
        litellm?.turn_off_message_logging !== true,
      resource: {
        ...pairs(variables("OTEL_RESOURCE_ATTRIBUTES")),
        "service.name":
          variables("OTEL_SERVICE_NAME") ??
          pairs(variables("OTEL_RESOURCE_ATTRIBUTES"))["service.name"] ??
          SERVICE,
      },
      sampling: sampling ?? { parentBased: true, ratio: 1 },
    },
    warnings:
      sampling === undefined
        ? [`OTEL_TRACES_SAMPLER ${variables("OTEL_TRACES_SAMPLER")} is not known: all requests are traced.`]
        : [],
  };
}

function exporterOf(variables: Variables): TraceExporter | { readonly warning: string } | undefined {
  const kind = variables("OTEL_EXPORTER")?.toLowerCase();
  if (kind === "none") return undefined;
  if (kind === "console") return { kind: "console" };
  const protocol =
    kind ??
    variables("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ??
    variables("OTEL_EXPORTER_OTLP_PROTOCOL") ??
    "http/protobuf";
  const own = variables("OTEL_ENDPOINT");
  const traces = variables("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const base = variables("OTEL_EXPORTER_OTLP_ENDPOINT");
  const url =
    own !== undefined ? tracesUrl(own) : (traces ?? (base === undefined ? undefined : tracesUrl(base)));
  if (url === undefined)
    return kind === undefined
      ? undefined
      : { warning: `OTEL_EXPORTER is ${kind}, but no OTEL_ENDPOINT says where to: nothing is traced.` };
  if (/grpc/.test(protocol)) {
    return {
      warning:
        "Traces are exported by OTLP over HTTP only, not by gRPC: nothing is traced. Set OTEL_EXPORTER to otlp_http and the endpoint to the collector's HTTP port, usually 4318.",
    };
  }
  if (!URL.canParse(url)) return { warning: "The OTLP endpoint is not a URL: nothing is traced." };
  const headers =
    variables("OTEL_HEADERS") ??
    variables("OTEL_EXPORTER_OTLP_TRACES_HEADERS") ??
    variables("OTEL_EXPORTER_OTLP_HEADERS");
  return { kind: "otlp", url, headers: pairs(headers) };
}

function tracesUrl(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, "");
  return base.endsWith("/v1/traces") ? base : `${base}/v1/traces`;
}

/** `name=value,name=value`, values percent-encoded: the form of OpenTelemetry's variables. */
function pairs(text: string | undefined): { readonly [name: string]: string } {
  const found: { [name: string]: string } = {};
  for (const part of (text ?? "").split(",")) {
    const equals = part.indexOf("=");
    if (equals <= 0) continue;
    found[part.slice(0, equals).trim()] = decoded(part.slice(equals + 1).trim());
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The samplers of OpenTelemetry's variables; undefined for one that is not known. */
function samplingOf(variables: Variables): Sampling | undefined {
  const name = variables("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
  const argument = Number(variables("OTEL_TRACES_SAMPLER_ARG") ?? 1);
  const ratio = argument >= 0 && argument <= 1 ? argument : 1;
  const parentBased = name.startsWith("parentbased_");
  switch (parentBased ? name.slice("parentbased_".length) : name) {
    case "always_on":
      return { parentBased, ratio: 1 };
    case "always_off":
      return { parentBased, ratio: 0 };
    case "traceidratio":
      return { parentBased, ratio };
    default:
      return undefined;
  }
}

import {
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TraceState,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import type { FinishedSpan } from "./request-spans.ts";
import type { TraceSettings } from "./trace-settings.ts";

// This file and what it imports is loaded only when something is traced (trace.ts): most gateways export nothing.

/** Takes spans and exports them in batches. */
export interface SpanSink {
  take(span: FinishedSpan): void;
  /** Sends what is still here, for at most some seconds. */
  close(): Promise<void>;
}

/** Spans that may wait for the collector; more are dropped. Some six a request. */
const QUEUED = 4_096;
const BATCH = 512;
const EVERY_MILLISECONDS = 2_000;
const EXPORT_MILLISECONDS = 10_000;
const FAREWELL_MILLISECONDS = 3_000;

const scope = { name: "gatewright" };
const nothing: never[] = [];

/**
 * Opens the exporter. Spans arrive finished, so OpenTelemetry's tracer, with its contexts and its work for every span
 * that is open, is left out: the batching processor takes them as they are. `failed` hears of batches that were lost.
 */
export function openSpanSink(settings: TraceSettings, failed: (error: string) => void): SpanSink {
  const resource = resourceFromAttributes(settings.resource);
  const processor = new BatchSpanProcessor({
    exporter: reporting(exporterOf(settings), failed),
    maxQueueSize: QUEUED,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: EVERY_MILLISECONDS,
    exportTimeoutMillis: EXPORT_MILLISECONDS,
  });
  return {
    take: (span) => processor.onEnd(readable(span, resource)),
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, FAREWELL_MILLISECONDS);
      });
      // What cannot be sent has been told by then.
      await Promise.race([processor.shutdown().catch(() => {}), enough]);
      clearTimeout(timer);
    },
  };
}

function exporterOf({ exporter }: TraceSettings): SpanExporter {
  if (exporter.kind === "console") return new ConsoleSpanExporter();
  return new OTLPTraceExporter({
    url: exporter.url,
    headers: { ...exporter.headers },
    timeoutMillis: EXPORT_MILLISECONDS,
  });
}

/** The processor tells nobody but OpenTelemetry's own log of what it could not send. */
function reporting(exporter: SpanExporter, failed: (error: string) => void): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code !== 0) failed(result.error?.message ?? "the collector did not take them");
        // Said to have gone well: the processor would only throw it at OpenTelemetry's global error handler.
        done({ code: 0 });
      });
    },
    shutdown: async () => exporter.shutdown(),
  };
}

const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

function readable(span: FinishedSpan, resource: Resource): ReadableSpan {
  const { traceId } = span;
  const own: SpanContext = {
    traceId,
    spanId: span.spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(span.state === undefined ? {} : { traceState: new ForeignState(span.state) }),
  };
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => own,
    ...(span.parentSpanId === undefined
      ? {}
      : {
          parentSpanContext: {
            traceId,
            spanId: span.parentSpanId,
            traceFlags: TraceFlags.SAMPLED,
            isRemote: span.parentRemote,
          },
        }),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    status:
      span.error === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: span.attributes,
    links: nothing,
    events: nothing,
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** The caller's `tracestate`: passed on, never looked into. */
class ForeignState implements TraceState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  set(): TraceState {
    return this;
  }

  unset(): TraceState {
    return this;
  }

  get(): undefined {
    return undefined;
  }

  serialize(): string {
    return this.#text;
  }
}

/** Milliseconds as seconds and nanoseconds. */
function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.min(999_999_999, Math.round((milliseconds - seconds * 1000) * 1e6))];
}

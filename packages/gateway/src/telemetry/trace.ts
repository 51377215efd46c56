import type { Logger } from "../logger.ts";
import { ownMetrics } from "./own-metrics.ts";
import type { Registry } from "./registry.ts";
import type { RequestFacts } from "./request-facts.ts";
import { requestSpans } from "./request-spans.ts";
import type { SpanSink } from "./span-sink.ts";
import { parseTraceParent, randomId, traceParentText } from "./trace-parent.ts";
import type { TraceSettings } from "./trace-settings.ts";

/** Prompts in spans are cut after this many characters. */
const MESSAGE_CHARACTERS = 8_192;

/** The trace of one request: ids while it runs; the spans are made when it is over. */
export class RequestTrace {
  readonly settings: TraceSettings;
  readonly traceId: string;
  /** The span of the whole request. */
  readonly spanId = randomId(8);
  /** The caller's span; undefined when the trace begins here. */
  readonly parentSpanId: string | undefined;
  /** The caller's `tracestate`, passed on as it is. */
  readonly state: string | undefined;
  readonly sampled: boolean;
  /** What turns `performance.now()` into milliseconds since 1970. */
  readonly epoch = Date.now() - performance.now();
  /** When the caller was known and a deployment chosen, as `performance.now()`; 0 = not told. */
  authenticatedAt = 0;
  routedAt = 0;
  /** Spans of the calls, in order. */
  readonly attemptIds: string[] = [];
  /** The prompt, cut short, where it may be told. */
  prompt: string | undefined;

  constructor(
    settings: TraceSettings,
    traceId: string,
    parentSpanId: string | undefined,
    state: string | undefined,
    sampled: boolean,
  ) {
    this.settings = settings;
    this.traceId = traceId;
    this.parentSpanId = parentSpanId;
    this.state = state;
    this.sampled = sampled;
  }

  authenticated(): void {
    this.authenticatedAt = performance.now();
  }

  routed(): void {
    this.routedAt = performance.now();
  }
}

/** Traces requests while the configuration asks for it. What exports is loaded only then. */
export class Tracing {
  readonly #logger: Logger;
  readonly #registry: Registry;
  #settings: TraceSettings | undefined;
  #sink: SpanSink | undefined;
  #changes: Promise<void> = Promise.resolve();
  #wanted = "";
  #told = Number.NEGATIVE_INFINITY;

  constructor(logger: Logger, registry: Registry) {
    this.#logger = logger;
    this.#registry = registry;
  }

  /** Follows the newest configuration; resolves when it is in effect. Requests until then are not traced. */
  async configure(settings: TraceSettings | undefined): Promise<void> {
    const wanted = JSON.stringify(settings) ?? "";
    if (wanted === this.#wanted) return this.#changes;
    this.#wanted = wanted;
    this.#changes = this.#changes.then(async () => this.#change(settings));
    return this.#changes;
  }

  /** Begins the trace of a request, or continues the caller's; undefined when nothing is traced. */
  start(exchange: RequestFacts): RequestTrace | undefined {
    const settings = this.#settings;
    if (settings === undefined) return undefined;
    const { headers } = exchange.request;
    const parent = parseTraceParent(headers["traceparent"]);
    const traceId = parent?.traceId ?? randomId(16);
    const { parentBased, ratio } = settings.sampling;
    const sampled = parent !== undefined && parentBased ? parent.sampled : inShare(traceId, ratio);
    const state = parent === undefined ? undefined : headers["tracestate"];
    const trace = new RequestTrace(
      settings,
      traceId,
      parent?.spanId,
      typeof state === "string" ? state : undefined,
      sampled,
    );
    exchange.trace = trace;
    return trace;
  }

  /** Hands the spans of a request that is over to the exporter. */
  end(exchange: RequestFacts, status: number): void {
    const { trace } = exchange;
    if (trace === undefined || !trace.sampled || this.#sink === undefined || !covers(trace, exchange)) return;
    for (const span of requestSpans(exchange, trace, status)) this.#sink.take(span);
  }

  /** Sends what is still here, for at most some seconds. */
  async close(): Promise<void> {
    return this.configure(undefined);
  }

  async #change(settings: TraceSettings | undefined): Promise<void> {
    const before = this.#sink;
    this.#settings = undefined;
    this.#sink = undefined;
    if (settings !== undefined) {
      try {
        const { openSpanSink } = await import("./span-sink.ts");
        this.#sink = openSpanSink(settings, (error) => this.#exportFailed(error));
        this.#settings = settings;
      } catch (error) {
        this.#logger.error({ error: String(error) }, "tracing could not be started");
      }
    }
    await before?.close();
  }

  /** A collector that is away is said once a minute, not for every batch. */
  #exportFailed(error: string): void {
    this.#registry.counter(ownMetrics.traceFailures).inc();
    const now = performance.now();
    if (now - this.#told < 60_000) return;
    this.#told = now;
    this.#logger.warn({ error }, "traces could not be exported; requests go on");
  }
}

/**
 * The `traceparent` of the next call upstream: the call's own span. Asked once per call, in order, while the request's
 * fields are still there; undefined when this request is not traced, so that the client's own header may go through.
 */
export function traceParent(exchange: RequestFacts): string | undefined {
  const { trace } = exchange;
  if (trace === undefined || !covers(trace, exchange)) return undefined;
  const id = randomId(8);
  trace.attemptIds.push(id);
  if (trace.settings.messages && trace.sampled && trace.prompt === undefined)
    trace.prompt = promptOf(exchange);
  return traceParentText(trace.traceId, id, trace.sampled);
}

/** Whether the model's requests are traced. */
function covers({ settings }: RequestTrace, exchange: RequestFacts): boolean {
  return exchange.group?.telemetry?.tracing ?? settings.everything;
}

/** Whether a trace that nobody has decided about is kept: the same everywhere for the same id. */
function inShare(traceId: string, ratio: number): boolean {
  return ratio >= 1 || Number.parseInt(traceId.slice(-13), 16) / 2 ** 52 < ratio;
}

function promptOf({ fields }: RequestFacts): string | undefined {
  const prompt = fields["messages"] ?? fields["prompt"] ?? fields["input"];
  return prompt === undefined ? undefined : copied(JSON.stringify(prompt).slice(0, MESSAGE_CHARACTERS));
}

/** V8 would keep a long text alive behind its first characters. */
function copied(text: string): string {
  return Buffer.from(text).toString();
}

import { performance } from "node:perf_hooks";
import { type CallFailure, isFailure } from "@gatewright/call";
import { type ApiError, apiError, upstreamError } from "@gatewright/litellm";
import type { Dispatcher } from "undici";
import type { Call, Exchange } from "../exchange.ts";
import type { CallListener } from "../route/call-listener.ts";
import type { Failure } from "../route/failure.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { beginAnswer } from "./answer.ts";
import type { AnswerForm, AnswerStream } from "./answer-form.ts";
import { deadlines, type Watched } from "./deadlines.ts";
import type { UpstreamHeaders } from "./response-headers.ts";

/** Answers longer than this are passed on as they come, their `model` unchanged, instead of being held in memory. */
const HELD_BYTES = 16 << 20;

/** An upstream's error text is quoted up to this many bytes. */
const ERROR_BYTES = 64 << 10;

/** How often a stream that waits for its client is looked at again. */
const PAUSED_LOOK_MILLISECONDS = 1000;

/** Why a call was ended from our side. */
type End = "timeout" | "silence" | "client" | "failure";

/**
 * Carries one upstream answer to the client. Streams go through chunk by chunk, with back-pressure; a JSON answer is
 * gathered and sent in one piece, so that its length and its `model` are right.
 */
export class Relay implements Dispatcher.DispatchHandler, Call, Watched {
  readonly #exchange: Exchange;
  readonly #deployment: Deployment;
  readonly #listener: CallListener;
  /** What the client asked for; whether it gets one, the upstream decides. */
  readonly #wantsStream: boolean;
  readonly #form: AnswerForm;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #isStream = false;
  #headers: UpstreamHeaders = {};
  #stream: AnswerStream | undefined;
  #held: Buffer[] | undefined;
  #heldBytes = 0;
  /** Bytes came since somebody looked; and when they did, for all that is known. */
  #heard = false;
  #heardAt = 0;
  #end: End | undefined;
  slot = -1;
  dueAt = 0;

  constructor(exchange: Exchange, deployment: Deployment, listener: CallListener, form: AnswerForm) {
    this.#exchange = exchange;
    this.#deployment = deployment;
    this.#listener = listener;
    this.#form = form;
    this.#wantsStream = exchange.stream;
    exchange.call = this;
    const { timeoutMilliseconds, firstByteMilliseconds } = exchange.timeouts;
    this.#lookAt(
      exchange.calledAt +
        (exchange.stream ? Math.min(timeoutMilliseconds, firstByteMilliseconds) : timeoutMilliseconds),
    );
  }

  abandon(): void {
    this.#stop("client");
  }

  /** There is no authorization to call with: nothing was sent. */
  credentialsFailed(error: unknown): void {
    deadlines.forget(this);
    const exchange = this.#exchange;
    exchange.call = undefined;
    if (this.#end === "client" || exchange.over) return this.#listener.abandoned();
    if (this.#end !== undefined) return;
    const text = error instanceof Error ? error.message : String(error);
    const detail = { provider: this.#deployment.provider.title, model: exchange.model, text };
    this.#fail(apiError("credentials_failed", detail), "upstream");
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The client may have left, or the time may have run out, while the call waited for a connection.
    if (this.#end !== undefined) controller.abort(new Error(this.#end));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: UpstreamHeaders,
  ): void {
    // 1xx: the answer is still to come.
    if (status < 200) return;
    const exchange = this.#exchange;
    exchange.answeredAt = performance.now();
    this.#status = status;
    this.#headers = headers;
    this.#deployment.metrics.series(exchange.caller, exchange.group).noteProviderLimits(headers);
    const contentType = String(headers["content-type"]);
    if (status < 300 && this.#form.isStream(contentType)) {
      this.#isStream = true;
      // Encoded bytes cannot be looked into; nobody asked for them, but they are the client's to read.
      if (headers["content-encoding"] === undefined) this.#stream = this.#form.readStream();
    } else if (status >= 300 || this.#form.isGathered(contentType)) {
      this.#held = [];
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#heard = true;
    if (this.#exchange.firstByteAt === 0) this.#begin(performance.now(), chunk);
    if (this.#held !== undefined) return this.#hold(controller, chunk);
    const stream = this.#stream;
    const bytes = stream === undefined ? chunk : stream.push(chunk);
    if (bytes !== undefined) this.#write(controller, bytes);
    if (stream?.failure === undefined) return;
    this.#end = "failure";
    controller.abort(new Error("the upstream told of a failure in its stream"));
    this.#breakOff(stream.failure);
  }

  onResponseEnd(): void {
    deadlines.forget(this);
    const exchange = this.#exchange;
    exchange.call = undefined;
    if (exchange.over) return this.#listener.abandoned();
    if (this.#held !== undefined) return this.#answer(joined(this.#held));
    const stream = this.#stream;
    const rest = stream?.rest();
    if (rest !== undefined) this.#write(undefined, rest);
    exchange.usageText = stream?.usage;
    if (stream?.failure !== undefined) return this.#fail(this.#upstreamError(stream.failure), "upstream");
    if (stream?.complete === false)
      return this.#fail(this.#garbage("a stream that ends too early"), "answer");
    if (!exchange.response.headersSent) return this.#fail(this.#garbage("an empty stream"), "answer");
    exchange.response.end();
    this.#listener.succeeded();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#end === "failure") return;
    deadlines.forget(this);
    const exchange = this.#exchange;
    exchange.call = undefined;
    if (this.#end === "client" || exchange.over) return this.#listener.abandoned();
    // What the upstream has said of the usage counts, also when it breaks off afterwards.
    exchange.usageText = this.#stream?.usage;
    const detail = { provider: this.#deployment.provider.title, model: exchange.model };
    if (this.#end !== undefined) {
      const seconds = Math.round(performance.now() - exchange.calledAt) / 1000;
      const silence = this.#end === "silence";
      return this.#fail(apiError("upstream_timeout", { ...detail, seconds, silence }), "timeout");
    }
    const text = connectionText(error, this.#deployment.origin);
    this.#fail(apiError("upstream_unreachable", { ...detail, text }), "connection");
  }

  /** From here on it is silence that is measured, not the wait for the first byte. */
  #begin(now: number, chunk: Buffer): void {
    const exchange = this.#exchange;
    exchange.firstByteAt = now;
    if (!this.#isStream) return;
    if (this.#stream !== undefined && beginsWithError(chunk)) {
      // Nothing has been said yet, so it is as good as a status: another attempt may follow.
      this.#isStream = false;
      this.#status = 500;
      this.#held = [];
      return;
    }
    this.#lookAt(
      Math.min(
        now + exchange.snapshot.streamIdleMilliseconds,
        exchange.calledAt + exchange.timeouts.timeoutMilliseconds,
      ),
    );
  }

  #hold(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const held = this.#held ?? [];
    if (this.#status >= 300) {
      if (this.#heldBytes < ERROR_BYTES) {
        held.push(chunk);
        this.#heldBytes += chunk.length;
      }
      return;
    }
    held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= HELD_BYTES) return;
    this.#held = undefined;
    this.#write(controller, joined(held));
  }

  /** The whole of an answer that is not a stream. */
  #answer(body: Buffer): void {
    const exchange = this.#exchange;
    if (this.#status >= 300) {
      const from = this.#stream === undefined ? 0 : body.indexOf(DATA) + DATA.length;
      const failure = this.#form.readFailure(this.#status, body.toString("utf8", from, ERROR_BYTES));
      return this.#fail(this.#upstreamError(failure), "upstream", failure.status);
    }
    if (this.#headers["content-encoding"] !== undefined) return this.#finish(body);
    const whole = this.#form.readWhole(body);
    if (whole === undefined)
      return this.#fail(this.#garbage("something that is not a JSON object"), "answer");
    if (isFailure(whole)) return this.#fail(this.#upstreamError(whole), "upstream", whole.status);
    exchange.usageText = whole.usage;
    this.#finish(whole.body);
  }

  #finish(body: Buffer): void {
    this.#beginAnswer(body.length);
    this.#exchange.finish(body);
    this.#listener.succeeded();
  }

  /** The upstream has told of a failure in the middle of its stream. */
  #breakOff(failure: CallFailure): void {
    deadlines.forget(this);
    const exchange = this.#exchange;
    exchange.call = undefined;
    if (exchange.over) return this.#listener.abandoned();
    exchange.usageText = this.#stream?.usage;
    this.#fail(this.#upstreamError(failure), "upstream", failure.status);
  }

  #upstreamError({ status, message, kind, retryAfter: said }: CallFailure): ApiError {
    const header = this.#headers["retry-after"];
    const retryAfter = typeof header === "string" || said === undefined ? header : String(said);
    return upstreamError({
      status,
      text: message,
      ...(kind === undefined ? {} : { kind }),
      provider: this.#deployment.provider.title,
      model: this.#exchange.model,
      ...(typeof retryAfter === "string" ? { retryAfter } : {}),
    });
  }

  #write(controller: Dispatcher.DispatchController | undefined, bytes: Buffer): void {
    const { response } = this.#exchange;
    if (!response.headersSent) this.#beginAnswer(undefined);
    if (this.#exchange.send(bytes) || controller === undefined) return;
    // A client that reads slowly slows the upstream down; nothing piles up here.
    controller.pause();
    response.once("drain", () => controller.resume());
  }

  #beginAnswer(length: number | undefined): void {
    const status = this.#status;
    const upstreamType = String(this.#headers["content-type"] ?? "application/json");
    const contentType = this.#form.contentType(upstreamType, this.#isStream);
    this.#exchange.stream = this.#isStream;
    this.#listener.answering();
    beginAnswer(this.#exchange, this.#deployment, { status, contentType, upstream: this.#headers, length });
  }

  #fail(error: ApiError, kind: Failure["kind"], status = error.status): void {
    const retryAfterMilliseconds =
      kind === "upstream" ? untilMilliseconds(error.headers?.["retry-after"], Date.now()) : undefined;
    this.#listener.failed({ error, status, kind, retryAfterMilliseconds });
  }

  #garbage(what: string): ReturnType<typeof apiError> {
    const { provider } = this.#deployment;
    return apiError("upstream_garbage", {
      provider: provider.title,
      model: this.#exchange.model,
      text: `the upstream answered ${this.#status} with ${what}`,
    });
  }

  #lookAt(time: number): void {
    this.dueAt = time;
    deadlines.watch(this);
  }

  /** Has one of the limits really been passed, or did bytes come in meanwhile? */
  look(now: number): void {
    const exchange = this.#exchange;
    const { timeoutMilliseconds, firstByteMilliseconds } = exchange.timeouts;
    const untilTotal = exchange.calledAt + timeoutMilliseconds - now;
    if (untilTotal <= 0) return this.#stop("timeout");
    let next = untilTotal;
    if (exchange.firstByteAt === 0) {
      if (this.#wantsStream) next = Math.min(next, exchange.calledAt + firstByteMilliseconds - now);
      if (next <= 0) return this.#stop("timeout");
    } else if (this.#isStream) {
      // A clock that is read at every chunk would cost more than knowing to within one interval is worth.
      if (this.#heard) this.#heardAt = now;
      this.#heard = false;
      const untilSilent = this.#heardAt + exchange.snapshot.streamIdleMilliseconds - now;
      // While the client is not taking what we have, the silence is ours.
      if (untilSilent <= 0 && !this.#controller?.paused) return this.#stop("silence");
      next = Math.min(next, untilSilent > 0 ? untilSilent : PAUSED_LOOK_MILLISECONDS);
    }
    this.#lookAt(now + next);
  }

  #stop(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    deadlines.forget(this);
    if (this.#controller !== undefined) return this.#controller.abort(new Error(end));
    // Still waiting for a connection: the client need not wait as well.
    if (end !== "client") this.onResponseError({} as Dispatcher.DispatchController, new Error(end));
  }
}

/** `retry-after`: seconds, or the date to wait for (RFC 9110 §10.2.3). */
function untilMilliseconds(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000;
  return milliseconds >= 0 ? milliseconds : undefined;
}

/** Most answers come in one piece, which needs no copy. */
function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

const DATA = "data:";

/** A stream whose first frame is an error: some servers send the status before they look at the request. */
function beginsWithError(chunk: Buffer): boolean {
  return /^(?:data: ?\{"error":|event: ?error\n)/.test(chunk.toString("latin1", 0, 16));
}

/** Says which side failed without the stack, and without more of the address than the operator configured. */
function connectionText(error: Error & { code?: string }, origin: string): string {
  const code = typeof error.code === "string" ? ` (${error.code})` : "";
  return `no answer from ${origin}${code}: ${error.message}`;
}

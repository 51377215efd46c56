import { apiError, responseHeaders, upstreamError } from "@gatewright/litellm";
import type { Dispatcher } from "undici";
import type { Call, Exchange } from "../exchange.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { ModelRenamer, renameModel } from "../wire/response-model.ts";
import { addProviderHeaders } from "./response-headers.ts";

/** Answers longer than this are passed on as they come, their `model` unchanged, instead of being held in memory. */
const HELD_BYTES = 16 << 20;

/** An upstream's error text is quoted up to this many bytes. */
const ERROR_BYTES = 64 << 10;

/** How often a stream that waits for its client is looked at again. */
const PAUSED_LOOK_MILLISECONDS = 1000;

type Headers = { readonly [name: string]: string | string[] | undefined };

/** Why a call was ended from our side. */
type End = "timeout" | "silence" | "client";

/**
 * Carries one upstream answer to the client. Streams go through chunk by chunk, with back-pressure; a JSON answer is
 * gathered and sent in one piece, so that its length and its `model` are right.
 */
export class Relay implements Dispatcher.DispatchHandler, Call {
  readonly #exchange: Exchange;
  readonly #deployment: Deployment;
  /** What the client asked for; whether it gets one, the upstream decides. */
  readonly #wantsStream: boolean;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Headers = {};
  #renamer: ModelRenamer | undefined;
  #held: Buffer[] | undefined;
  #heldBytes = 0;
  #lastChunkAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #end: End | undefined;

  constructor(exchange: Exchange, deployment: Deployment) {
    this.#exchange = exchange;
    this.#deployment = deployment;
    this.#wantsStream = exchange.stream;
    exchange.call = this;
    const { timeoutMilliseconds, firstByteMilliseconds } = exchange.timeouts;
    this.#arm(exchange.stream ? Math.min(timeoutMilliseconds, firstByteMilliseconds) : timeoutMilliseconds);
  }

  abandon(): void {
    this.#stop("client");
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The client may have left, or the time may have run out, while the call waited for a connection.
    if (this.#end !== undefined) controller.abort(new Error(this.#end));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // 1xx: the answer is still to come.
    if (status < 200) return;
    const exchange = this.#exchange;
    exchange.answeredAt = performance.now();
    this.#status = status;
    this.#headers = headers;
    if (status < 300 && String(headers["content-type"]).startsWith("text/event-stream")) {
      exchange.stream = true;
      // Encoded bytes cannot be looked into; nobody asked for them, but they are the client's to read.
      if (headers["content-encoding"] === undefined)
        this.#renamer = new ModelRenamer(exchange.answeredModelJson());
    } else {
      exchange.stream = false;
      this.#held = [];
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const now = performance.now();
    this.#lastChunkAt = now;
    if (this.#exchange.firstByteAt === 0) this.#begin(now);
    if (this.#held !== undefined) return this.#hold(controller, chunk);
    const bytes = this.#renamer === undefined ? chunk : this.#renamer.push(chunk);
    if (bytes !== undefined) this.#write(controller, bytes);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const exchange = this.#exchange;
    exchange.call = undefined;
    if (exchange.over) return;
    if (this.#held !== undefined) return this.#answer(joined(this.#held));
    const rest = this.#renamer?.rest();
    if (rest !== undefined) this.#write(undefined, rest);
    if (!exchange.response.headersSent) return exchange.fail(this.#garbage("an empty stream"));
    exchange.response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#timer);
    const exchange = this.#exchange;
    exchange.call = undefined;
    if (this.#end === "client" || exchange.over) return;
    const detail = { provider: this.#deployment.provider.title, model: exchange.model };
    if (this.#end !== undefined) {
      const seconds = Math.round(performance.now() - exchange.calledAt) / 1000;
      return exchange.fail(
        apiError("upstream_timeout", { ...detail, seconds, silence: this.#end === "silence" }),
      );
    }
    exchange.fail(
      apiError("upstream_unreachable", { ...detail, text: connectionText(error, this.#deployment.origin) }),
    );
  }

  /** From here on it is silence that is measured, not the wait for the first byte. */
  #begin(now: number): void {
    const exchange = this.#exchange;
    exchange.firstByteAt = now;
    if (!exchange.stream) return;
    clearTimeout(this.#timer);
    this.#arm(
      Math.min(
        exchange.snapshot.streamIdleMilliseconds,
        exchange.calledAt + exchange.timeouts.timeoutMilliseconds - now,
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
      const retryAfter = this.#headers["retry-after"];
      return exchange.fail(
        upstreamError({
          status: this.#status,
          text: body.toString("utf8", 0, ERROR_BYTES),
          provider: this.#deployment.provider.title,
          model: exchange.model,
          ...(typeof retryAfter === "string" ? { retryAfter } : {}),
        }),
      );
    }
    const encoded = this.#headers["content-encoding"] !== undefined;
    if (!encoded && !looksLikeObject(body))
      return exchange.fail(this.#garbage("something that is not a JSON object"));
    const renamed = encoded ? body : renameModel(body, exchange.answeredModelJson());
    const headers = this.#responseHeaders();
    headers.push("content-length", String(renamed.length));
    exchange.sentBytes = renamed.length;
    exchange.response.writeHead(this.#status, headers);
    exchange.response.end(renamed);
  }

  #write(controller: Dispatcher.DispatchController | undefined, bytes: Buffer): void {
    const { response } = this.#exchange;
    if (!response.headersSent) response.writeHead(this.#status, this.#responseHeaders());
    this.#exchange.sentBytes += bytes.length;
    if (response.write(bytes) || controller === undefined) return;
    // A client that reads slowly slows the upstream down; nothing piles up here.
    controller.pause();
    response.once("drain", () => controller.resume());
  }

  #responseHeaders(): string[] {
    const exchange = this.#exchange;
    const headers = [
      "content-type",
      String(this.#headers["content-type"] ?? "application/json"),
      responseHeaders.call,
      exchange.callId,
      "x-request-id",
      exchange.requestId,
      responseHeaders.modelGroup,
      exchange.group?.nameHeader ?? "",
      responseHeaders.duration,
      (exchange.answeredAt - exchange.calledAt).toFixed(2),
      responseHeaders.overhead,
      (exchange.calledAt - exchange.startedAt).toFixed(2),
      ...this.#deployment.responseHeaders,
    ];
    if (exchange.stream) headers.push("cache-control", "no-cache", "x-accel-buffering", "no");
    addProviderHeaders(headers, this.#headers);
    return headers;
  }

  #garbage(what: string): ReturnType<typeof apiError> {
    const { provider } = this.#deployment;
    return apiError("upstream_garbage", {
      provider: provider.title,
      model: this.#exchange.model,
      text: `the upstream answered ${this.#status} with ${what}`,
    });
  }

  #arm(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.min(milliseconds, LONGEST_TIMER));
  }

  /** The timer went off: has one of the limits really been passed, or did bytes come in meanwhile? */
  #look(): void {
    const exchange = this.#exchange;
    const { timeoutMilliseconds, firstByteMilliseconds } = exchange.timeouts;
    const now = performance.now();
    const untilTotal = exchange.calledAt + timeoutMilliseconds - now;
    if (untilTotal <= 0) return this.#stop("timeout");
    let next = untilTotal;
    if (exchange.firstByteAt === 0) {
      if (this.#wantsStream) next = Math.min(next, exchange.calledAt + firstByteMilliseconds - now);
      if (next <= 0) return this.#stop("timeout");
    } else if (exchange.stream) {
      const untilSilent = this.#lastChunkAt + exchange.snapshot.streamIdleMilliseconds - now;
      // While the client is not taking what we have, the silence is ours.
      if (untilSilent <= 0 && !this.#controller?.paused) return this.#stop("silence");
      next = Math.min(next, untilSilent > 0 ? untilSilent : PAUSED_LOOK_MILLISECONDS);
    }
    this.#arm(next + 1);
  }

  #stop(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    clearTimeout(this.#timer);
    if (this.#controller !== undefined) return this.#controller.abort(new Error(end));
    // Still waiting for a connection: the client need not wait as well.
    if (end !== "client") this.onResponseError({} as Dispatcher.DispatchController, new Error(end));
  }
}

/** Most answers come in one piece, which needs no copy. */
function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

/** Node fires timers that are longer than this at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The cheapest test that tells an answer from a proxy's error page or a cut-off body. */
function looksLikeObject(body: Buffer): boolean {
  let last = body.length - 1;
  while (last >= 0 && (body[last] ?? 0) <= 0x20) last--;
  let first = 0;
  while (first < last && (body[first] ?? 0) <= 0x20) first++;
  return body[first] === 0x7b && body[last] === 0x7d;
}

/** Says which side failed without the stack, and without more of the address than the operator configured. */
function connectionText(error: Error & { code?: string }, origin: string): string {
  const code = typeof error.code === "string" ? ` (${error.code})` : "";
  return `no answer from ${origin}${code}: ${error.message}`;
}

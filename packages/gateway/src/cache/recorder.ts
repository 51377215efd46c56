import { ANSWER_BYTES, type Answer } from "./answer.ts";
import type { AnswerStore } from "./answer-store.ts";
import { isWholeObject, isWholeStream } from "./frames.ts";
import type { Lead, SingleFlight } from "./single-flight.ts";

/** What a recorder has to know of its request when the answer is complete. */
export interface Recorded {
  readonly model: string;
  readonly deployment: { readonly id: string } | undefined;
  /** Fallbacks taken. */
  readonly fallbacks: number;
  readonly usageText: string | undefined;
}

/** Bytes being recorded for one store, and how many there may be. */
export interface Recording {
  bytes: number;
  readonly limit: number;
}

/** Where a recorded answer goes. */
export interface RecorderTarget {
  readonly store: AnswerStore;
  readonly flights: SingleFlight;
  readonly recording: Recording;
  readonly key: string;
  readonly ttlMilliseconds: number;
  /** Epoch milliseconds. */
  readonly clock: { epoch(): number };
}

/**
 * Keeps the answer to one request, from exactly the bytes that its client got, and tells those who wait for it.
 *
 * Kept is what ended well with status 200: a JSON object without `error`, or a stream that is whole to its
 * `data: [DONE]`; never an error, a part, or what a fallback answered (the next one who asks should try the model it
 * asked for). Longer than 8 MiB, or more than the store's share of recordings at one time: not kept.
 *
 * Until the end it holds on to the client's chunks and copies nothing; at the end they are copied once, into one buffer
 * of the right length, because chunks are parts of larger buffers, which would stay with them.
 */
export class Recorder {
  readonly #exchange: Recorded;
  readonly #target: RecorderTarget;
  readonly #lead: Lead | undefined;
  #contentType = "";
  #chunks: Buffer[] | undefined;
  #bytes = 0;
  #over = false;

  constructor(exchange: Recorded, target: RecorderTarget, lead: Lead | undefined) {
    this.#exchange = exchange;
    this.#target = target;
    this.#lead = lead;
  }

  /**
   * The client gets an answer. Must come before the first `push`; not for encoded bytes (`content-encoding`), for which
   * `refuse` is right.
   */
  begin(status: number, contentType: string): void {
    if (this.#over) return;
    if (status !== 200) return this.abandon();
    if (this.#exchange.fallbacks > 0) return this.refuse();
    this.#contentType = contentType;
    this.#chunks = [];
  }

  push(bytes: Buffer): void {
    if (this.#chunks === undefined) return;
    const { recording } = this.#target;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    recording.bytes += bytes.length;
    if (this.#bytes > ANSWER_BYTES || recording.bytes > recording.limit) this.refuse();
  }

  /** The client has been sent all of it. */
  end(): void {
    if (this.#over) return;
    const chunks = this.#chunks;
    if (chunks === undefined) return this.abandon();
    const body = joined(chunks, this.#bytes);
    const stream = this.#contentType.startsWith("text/event-stream");
    if (!(stream ? isWholeStream(body) : isWholeObject(body))) return this.abandon();
    this.#close();
    const { model, deployment, usageText } = this.#exchange;
    const { store, flights, key, ttlMilliseconds } = this.#target;
    const answer: Answer = {
      contentType: this.#contentType,
      stream,
      body,
      model,
      deployment: deployment?.id ?? "",
      storedAt: this.#target.clock.epoch(),
      usageText,
    };
    if (ttlMilliseconds > 0) store.set(key, answer, ttlMilliseconds);
    flights.answered(key, answer);
  }

  /** There will be no answer: it failed, or the client left. Does nothing after an end. */
  abandon(): void {
    if (this.#over) return;
    this.#close();
    this.#lead?.fail();
  }

  /** There is an answer, but none to keep. */
  refuse(): void {
    if (this.#over) return;
    this.#close();
    this.#lead?.release();
  }

  #close(): void {
    this.#over = true;
    this.#chunks = undefined;
    this.#target.recording.bytes -= this.#bytes;
  }
}

/** Not from Node's pool of small buffers: a part of it would keep the whole. */
function joined(chunks: readonly Buffer[], bytes: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(whole, at);
  return whole;
}

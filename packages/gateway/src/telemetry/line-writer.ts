import { constants, openSync, writeSync } from "node:fs";

/** Lines are written together once there are this many bytes of them … */
const BATCH_BYTES = 64 << 10;

/** … or after this long. */
const BATCH_MILLISECONDS = 100;

/** A reader that has fallen behind is offered more this often, and at the end of the process for this long. */
const RETRY_MILLISECONDS = 5;
const FAREWELL_MILLISECONDS = 1000;

/** What may wait for a reader that does not read. More is dropped and counted: logs must not fill the memory. */
const WAITING_BYTES = 16 << 20;

/**
 * Writes lines to a file descriptor, many at a time: a write per request would cost more than the request, and so
 * would handing each batch to another thread. A pipe whose reader is slow is never waited for; lines still here when
 * the process exits are written then.
 */
export class LineWriter {
  readonly #descriptor: number;
  readonly #batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #length = 0;
  /** Batches that the reader has not taken yet. */
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = withoutBlocking(descriptor);
    process.on("exit", () => this.#farewell());
  }

  /** `line` ends in a line end. */
  write(line: string): void {
    // Three bytes are the most that a UTF-16 unit takes.
    const most = line.length * 3;
    if (most > BATCH_BYTES - this.#length) this.#endBatch();
    if (most > BATCH_BYTES) this.#send(Buffer.from(line));
    else this.#length += this.#batch.write(line, this.#length, "utf8");
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MILLISECONDS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sendWaiting();
    if (this.#dropped > 0 && this.#waiting.length === 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      this.#send(
        Buffer.from(
          `{"level":40,"time":${Date.now()},"msg":"${dropped} bytes of log dropped: nobody read them"}\n`,
        ),
      );
    }
    this.#endBatch();
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#flush(), RETRY_MILLISECONDS).unref();
  }

  #farewell(): void {
    const until = performance.now() + FAREWELL_MILLISECONDS;
    for (this.#flush(); this.#waiting.length > 0 && performance.now() < until; this.#flush()) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }

  #endBatch(): void {
    const length = this.#length;
    this.#length = 0;
    if (length > 0) this.#send(this.#batch.subarray(0, length));
  }

  /** Hands bytes to the reader, or keeps a copy of what it does not take now. */
  #send(bytes: Buffer): void {
    const taken = this.#waiting.length > 0 ? 0 : this.#taken(bytes);
    if (taken === bytes.length) return;
    const rest = bytes.length - taken;
    if (this.#waitingBytes + rest > WAITING_BYTES) {
      this.#dropped += rest;
      return;
    }
    this.#waiting.push(Buffer.from(bytes.subarray(taken)));
    this.#waitingBytes += rest;
  }

  #sendWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const taken = this.#taken(next);
      this.#waitingBytes -= taken;
      if (taken < next.length) {
        this.#waiting[0] = next.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
  }

  /** How many of the bytes the reader took. */
  #taken(bytes: Buffer): number {
    let taken = 0;
    try {
      while (taken < bytes.length) taken += writeSync(this.#descriptor, bytes, taken);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") return taken;
      // A reader that went away (`gatewright up | head`) must not take the gateway with it.
      return bytes.length;
    }
    return taken;
  }
}

/**
 * The same file, opened once more so that writing to it fails instead of blocking; the descriptor itself is shared with
 * others, who may rely on it blocking. What cannot be opened again (a socket, another system) is used as it is.
 */
function withoutBlocking(descriptor: number): number {
  try {
    const { O_WRONLY, O_APPEND, O_NONBLOCK } = constants;
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_APPEND | O_NONBLOCK);
  } catch {
    return descriptor;
  }
}

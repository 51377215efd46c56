/** One HTTP answer, as far as the bench looks at it. */
export interface Answered {
  readonly status: number;
  /** Bytes of body. */
  readonly length: number;
  /** Events of a stream: blank lines in its body. */
  readonly frames: number;
}

const NEWLINE = 0x0a;

/**
 * Reads the answers on one kept connection, one after the other, with as little work as can be: the load generator
 * shares a core with the upstream and must not be what is measured. Understands a content length and chunks; anything
 * else throws.
 */
export class ResponseReader {
  readonly #answered: (answer: Answered) => void;
  readonly #begun: () => void;
  #held: Buffer | undefined;
  #status = 0;
  /** Bytes of body still to come, in this chunk or in all; -1 while the head is awaited. */
  #left = -1;
  #chunked = false;
  #length = 0;
  #frames = 0;
  #lastByte = 0;

  /** Calls `begun` at the first byte of a body and `answered` at its end. */
  constructor(answered: (answer: Answered) => void, begun: () => void = () => {}) {
    this.#answered = answered;
    this.#begun = begun;
  }

  feed(chunk: Buffer): void {
    let bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = undefined;
    while (bytes.length > 0) {
      const used = this.#left < 0 ? this.#head(bytes) : this.#body(bytes);
      if (used === 0) {
        this.#held = bytes;
        return;
      }
      bytes = bytes.subarray(used);
    }
  }

  #head(bytes: Buffer): number {
    const end = bytes.indexOf("\r\n\r\n");
    if (end === -1) return 0;
    const text = bytes.toString("latin1", 0, end).toLowerCase();
    this.#status = Number(text.slice(9, 12));
    this.#length = 0;
    this.#frames = 0;
    this.#lastByte = 0;
    const at = text.indexOf("\r\ncontent-length:");
    this.#chunked = at === -1;
    if (this.#chunked && !text.includes("\r\ntransfer-encoding: chunked")) {
      throw new Error(`an answer without a length:\n${text}`);
    }
    this.#left = this.#chunked ? 0 : Number.parseInt(text.slice(at + 17), 10);
    if (!this.#chunked && this.#left === 0) this.#finish();
    return end + 4;
  }

  #body(bytes: Buffer): number {
    if (this.#left > 0) {
      const part = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
      this.#left -= part.length;
      if (this.#length === 0) this.#begun();
      this.#length += part.length;
      if (this.#chunked) this.#count(part);
      else if (this.#left === 0) this.#finish();
      return part.length;
    }
    // Between chunks: the line end of the last one, then the size of the next.
    const start = bytes[0] === 0x0d ? 2 : 0;
    const end = bytes.indexOf("\r\n", start);
    if (end === -1) return 0;
    this.#left = Number.parseInt(bytes.toString("latin1", start, end), 16);
    if (this.#left > 0) return end + 2;
    if (bytes.length < end + 4) {
      this.#left = 0;
      return 0;
    }
    this.#finish();
    return end + 4;
  }

  #count(part: Buffer): void {
    let last = this.#lastByte === NEWLINE ? -1 : -2;
    for (let at = part.indexOf(NEWLINE); at !== -1; at = part.indexOf(NEWLINE, at + 1)) {
      if (at === last + 1) this.#frames++;
      last = at;
    }
    this.#lastByte = part[part.length - 1] ?? 0;
  }

  #finish(): void {
    this.#left = -1;
    this.#answered({ status: this.#status, length: this.#length, frames: this.#frames });
  }
}

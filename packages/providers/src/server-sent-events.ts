const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Longest line that is put together from chunks; anything longer is no event of a chat. */
const LONGEST_LINE_BYTES = 32 << 20;

/** Hears the data of each event; several `data:` lines of one event are joined by line ends, as the standard says. */
export type EventListener = (data: string, event: string) => void;

/**
 * Lines of a body that comes in chunks which may end anywhere, also inside a character: bytes are put together before
 * they become text.
 */
export class Lines {
  readonly #line: (line: string) => void;
  #held: Buffer | undefined;

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  /** Throws a RangeError when a line becomes longer than 32 MiB. */
  push(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#line(bytes.toString("utf8", start, bytes[end - 1] === RETURN && end > start ? end - 1 : end));
      start = end + 1;
    }
    this.#held = start === bytes.length ? undefined : bytes.subarray(start);
    if (bytes.length - start > LONGEST_LINE_BYTES) throw new RangeError("a line of the stream is too long");
  }

  /** The body ended: what came after the last line end is a line, too. */
  end(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#line(held.toString());
  }
}

/** Reads server-sent events (HTML standard §9.2), as far as model APIs use them: `event` and `data`. */
export class ServerSentEvents {
  readonly #listener: EventListener;
  readonly #lines = new Lines((line) => this.#read(line));
  #data: string | undefined;
  #event = "";

  constructor(listener: EventListener) {
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  /** An event without its empty line is complete as well: some servers leave the last one out. */
  end(): void {
    this.#lines.end();
    this.#dispatch();
  }

  #read(line: string): void {
    if (line === "") return this.#dispatch();
    if (line.startsWith("data:")) {
      const data = line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5);
      this.#data = this.#data === undefined ? data : `${this.#data}\n${data}`;
    } else if (line.startsWith("event:")) {
      this.#event = line.slice(6).trim();
    }
  }

  #dispatch(): void {
    const data = this.#data;
    const event = this.#event;
    this.#data = undefined;
    this.#event = "";
    if (data !== undefined) this.#listener(data, event);
  }
}

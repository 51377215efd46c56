import { readPartHeader } from "./part-header.ts";

/** A part of a form that is no file. Offsets are bytes from the beginning of the body. */
export interface TextPart {
  readonly name: string;
  readonly value: string;
  /** At the dashes of its delimiter. */
  readonly start: number;
  readonly valueStart: number;
  /** After the last byte of the value. */
  readonly valueEnd: number;
  /** At the dashes of the next delimiter. */
  readonly end: number;
}

/** Hears what a form has in it. */
export interface FormListener {
  /** A part begins. */
  begins(name: string, file: boolean): void;
  /** One that is no file has ended. */
  text(part: TextPart): void;
}

/** A value may have this many bytes; longer ones come as files. */
const VALUE_BYTES = 64 << 10;

/** So may the header of a part. */
const HEADER_BYTES = 16 << 10;

/** `over`: after the last delimiter, or after a failure. */
type State = "preamble" | "header" | "file" | "text" | "over";

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/**
 * Looks through a body of multipart/form-data (RFC 7578) that comes in chunks, which may end anywhere. Keeps the header
 * and the value it is in, and nothing of files. Stops with a failure at what readers understand differently, such as a
 * delimiter after half a line end: see `readPartHeader`.
 */
export class FormScanner {
  /** Why the body is no form; undefined while it may be one. */
  failure: string | undefined;
  /** The last delimiter has come. */
  closed = false;
  /** Where the first delimiter stands; -1 while none has come. */
  firstDelimiter = -1;
  readonly #listener: FormListener;
  /** A line feed, two dashes and the boundary. The line feed is nowhere else in it, so a match never begins inside of another. */
  readonly #delimiter: Buffer;
  #state: State = "preamble";
  /** Of the chunk's first byte. */
  #offset = 0;
  /** How many bytes of a delimiter the last bytes are. Before the body stands as good as a line end. */
  #matched = 1;
  /** A carriage return stands before the line feed that was matched. */
  #afterReturn = true;
  #lastByte = 0;
  /** How much of the blank line after a header has come. */
  #blank = 0;
  #header = "";
  #name = "";
  #start = 0;
  #valueStart = 0;
  #value: Buffer[] = [];
  #valueLength = 0;

  constructor(boundary: string, listener: FormListener) {
    this.#delimiter = Buffer.from(`\n--${boundary}`, "latin1");
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#state !== "over")
      at = this.#state === "header" ? this.#readHeader(chunk, at) : this.#readContent(chunk, at);
    this.#lastByte = chunk[chunk.length - 1] ?? this.#lastByte;
    this.#offset += chunk.length;
  }

  /** Gives the position to go on at. */
  #readContent(chunk: Buffer, from: number): number {
    const end = this.#afterDelimiter(chunk, from);
    if (this.#state === "text") this.#keep(chunk.subarray(from, end < 0 ? chunk.length : end));
    if (end < 0 || this.failure !== undefined) return chunk.length;
    const start = this.#offset + end - this.#delimiter.length + 1;
    if (this.#state === "preamble") this.firstDelimiter = start;
    else if (!this.#afterReturn) this.#fail("a delimiter stands after a line feed alone");
    if (this.#state === "text") this.#endText(start);
    if (this.failure !== undefined) return chunk.length;
    this.#state = "header";
    this.#start = start;
    this.#header = "";
    this.#blank = 0;
    return end;
  }

  /** The position after the next delimiter; -1 when it is not in this chunk, or not wholly. */
  #afterDelimiter(chunk: Buffer, from: number): number {
    const delimiter = this.#delimiter;
    let at = from;
    for (; this.#matched > 0; at++, this.#matched++) {
      if (this.#matched === delimiter.length) {
        this.#matched = 0;
        return at;
      }
      if (at === chunk.length) return -1;
      if (chunk[at] === delimiter[this.#matched]) continue;
      this.#matched = 0;
      break;
    }
    const found = chunk.indexOf(delimiter, at);
    if (found >= 0) {
      this.#afterReturn = this.#byteBefore(chunk, found) === RETURN;
      return found + delimiter.length;
    }
    const begun = chunk.lastIndexOf(LINE_FEED);
    const length = chunk.length - begun;
    if (begun < at || length >= delimiter.length) return -1;
    if (chunk.compare(delimiter, 0, length, begun) !== 0) return -1;
    this.#matched = length;
    this.#afterReturn = this.#byteBefore(chunk, begun) === RETURN;
    return -1;
  }

  #byteBefore(chunk: Buffer, at: number): number | undefined {
    return at === 0 ? this.#lastByte : chunk[at - 1];
  }

  #keep(bytes: Buffer): void {
    this.#value.push(bytes);
    this.#valueLength += bytes.length;
    // With the value comes the delimiter, and the return before it.
    if (this.#valueLength > VALUE_BYTES + this.#delimiter.length + 1)
      this.#fail(`the value of a part that is no file is longer than ${VALUE_BYTES} bytes`);
  }

  /** `end`: where the next delimiter's dashes are, after a line end that is not the value's. */
  #endText(end: number): void {
    // The blank line after a header may be the delimiter's line end: then there is no value at all.
    const valueEnd = Math.max(this.#valueStart, end - 2);
    const value = Buffer.concat(this.#value).toString("utf8", 0, valueEnd - this.#valueStart);
    this.#value = [];
    this.#valueLength = 0;
    const part = { name: this.#name, value, start: this.#start, valueStart: this.#valueStart, valueEnd, end };
    this.#listener.text(part);
  }

  /** What comes after a delimiter: two dashes if it is the last, else the rest of its line, and a header. */
  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.#blank < 4) {
      const byte = chunk[at++];
      if (byte === (this.#blank % 2 === 0 ? RETURN : LINE_FEED)) this.#blank++;
      else this.#blank = byte === RETURN ? 1 : 0;
    }
    this.#header += chunk.toString("latin1", from, at);
    if (this.#header.startsWith("--")) {
      this.closed = true;
      this.#state = "over";
    } else if (this.#header.length > HEADER_BYTES) {
      this.#fail(`the header of a part is longer than ${HEADER_BYTES} bytes`);
    } else if (this.#blank === 4) {
      this.#beginPart(this.#offset + at);
    }
    return at;
  }

  #beginPart(valueStart: number): void {
    const header = readPartHeader(this.#header.slice(0, -4));
    if (header === undefined) return this.#fail("a part has no header that can be read");
    this.#name = header.name;
    this.#valueStart = valueStart;
    this.#state = header.file ? "file" : "text";
    this.#matched = 1;
    this.#afterReturn = true;
    this.#listener.begins(header.name, header.file);
  }

  #fail(text: string): void {
    this.failure = text;
    this.#state = "over";
  }
}

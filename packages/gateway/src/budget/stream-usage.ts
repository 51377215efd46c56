import { estimatedUsage, tokensOfLength } from "./token-estimate.ts";
import { type Usage, usageInBody } from "./usage.ts";

const USAGE = Buffer.from('"usage":');
const CONTENT = Buffer.from('"content":"');
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A line longer than this is not kept until its end is there: usage frames are short. */
const LONGEST_LINE = 64 << 10;

/**
 * Finds the usage in a stream of server-sent events as its chunks go by, wherever they are cut. Providers send it in
 * the last frame, some in every frame with running counts: the last one counts. Measures the text as well, for
 * streams that turn out to have no usage.
 */
export class StreamUsage {
  #last: Usage | undefined;
  #textBytes = 0;
  /** The beginning of a line whose end has not come yet. */
  #held: Buffer | undefined;

  /** One chunk of the stream, as it came from upstream. The bytes are not kept beyond the end of their line. */
  push(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    const complete = bytes.lastIndexOf(NEWLINE) + 1;
    this.#held =
      complete === bytes.length || bytes.length - complete > LONGEST_LINE
        ? undefined
        : bytes.subarray(complete);
    if (complete > 0) this.#look(bytes, complete);
  }

  /** What the stream said it used, else an estimate from its text and `estimatedInput`. */
  usage(estimatedInput: number): Usage {
    if (this.#held !== undefined) {
      this.#look(this.#held, this.#held.length); // A last line without its end.
      this.#held = undefined;
    }
    return this.#last ?? estimatedUsage(estimatedInput, tokensOfLength(this.#textBytes));
  }

  #look(bytes: Buffer, end: number): void {
    const key = bytes.lastIndexOf(USAGE, end - 1);
    if (key >= 0) this.#readUsage(bytes, key, end);
    for (let at = bytes.indexOf(CONTENT); at >= 0 && at < end; at = bytes.indexOf(CONTENT, at)) {
      const start = at + CONTENT.length;
      at = start;
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
      this.#textBytes += at - start;
    }
  }

  /** Frames of OpenAI say `"usage":null` until the last one. */
  #readUsage(bytes: Buffer, key: number, end: number): void {
    const lineStart = bytes.lastIndexOf(NEWLINE, key) + 1;
    const lineEnd = bytes.indexOf(NEWLINE, key);
    const line = bytes.subarray(lineStart, lineEnd < 0 || lineEnd > end ? end : lineEnd);
    const brace = line.indexOf(0x7b);
    if (brace < 0) return;
    const usage = usageInBody(line.subarray(brace));
    if (usage !== undefined) {
      this.#last = usage;
      return;
    }
    // The newest frame has none; an earlier one of the same chunk may.
    const before = lineStart === 0 ? -1 : bytes.lastIndexOf(USAGE, lineStart - 1);
    if (before >= 0) this.#readUsage(bytes, before, lineStart);
  }
}

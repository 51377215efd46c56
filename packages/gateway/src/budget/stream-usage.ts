import { equals, skipSpace } from "../wire/members.ts";
import { estimatedUsage, tokensOfLength } from "./token-estimate.ts";
import { type Usage, usageInBody } from "./usage.ts";

const USAGE = Buffer.from('"usage"');
const CONTENT = Buffer.from('"content":"');
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;

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
  /** Where the text stood in the last frame: mostly it is there again, which saves looking for it. */
  #contentAt = 0;
  /** The beginning of a line whose end has not come yet. */
  #held: Buffer | undefined;

  /** One chunk of the stream, as it came from upstream. The bytes are not kept beyond the end of their line. */
  push(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    const length = bytes.length;
    const complete = bytes[length - 1] === NEWLINE ? length : bytes.lastIndexOf(NEWLINE) + 1;
    this.#held =
      complete === length || length - complete > LONGEST_LINE ? undefined : bytes.subarray(complete);
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
    let at = this.#contentAt;
    if (!equals(bytes, at, Math.min(at + CONTENT.length, end), CONTENT)) {
      at = bytes.indexOf(CONTENT);
      if (at < 0 || at >= end) return;
      this.#contentAt = at;
    }
    const first = at;
    do {
      at += CONTENT.length;
      const start = at;
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
      this.#textBytes += at - start;
      // A further frame would need as much before its text as the first did.
      at = end - at > first ? bytes.indexOf(CONTENT, at) : -1;
    } while (at >= 0 && at < end);
  }

  /** OpenAI's frames say `"usage":null` until the last one; of several in a chunk the last that says something counts. */
  #readUsage(bytes: Buffer, lastKey: number, end: number): void {
    for (let key = lastKey; key >= 0; key = key === 0 ? -1 : bytes.lastIndexOf(USAGE, key - 1)) {
      const colon = skipSpace(bytes, key + USAGE.length, end);
      if (bytes[colon] !== COLON || bytes[skipSpace(bytes, colon + 1, end)] !== OPEN_OBJECT) continue;
      const lineStart = bytes.lastIndexOf(NEWLINE, key) + 1;
      const lineEnd = bytes.indexOf(NEWLINE, key);
      const brace = bytes.indexOf(OPEN_OBJECT, lineStart);
      const usage = usageInBody(bytes.subarray(brace, lineEnd < 0 ? end : Math.min(lineEnd, end)));
      if (usage === undefined) continue;
      this.#last = usage;
      return;
    }
  }
}

import { equals, memberNamed } from "./members.ts";

const MODEL = Buffer.from("model");
const DATA = Buffer.from("data:");
const NEWLINE = 0x0a;

/** Longest line that is held back to be looked at; anything longer is passed on as it is. */
const HELD_BYTES = 8 << 20;

/**
 * `body` (a JSON object) with its `model` written as `wanted`, the JSON text of the name the client asked for
 * (litellm.md §3.8). The same buffer when there is nothing to change.
 */
export function renameModel(body: Buffer, wanted: Buffer): Buffer {
  const member = memberNamed(body, MODEL, 0, body.length);
  if (member === undefined || equals(body, member.valueStart, member.valueEnd, wanted)) return body;
  return Buffer.concat([body.subarray(0, member.valueStart), wanted, body.subarray(member.valueEnd)]);
}

/**
 * The same for a stream of server-sent events whose chunks may end anywhere. A stream that already carries the
 * wanted name, by its first frame that has one, is passed through without a further look.
 */
export class ModelRenamer {
  readonly #wanted: Buffer;
  #state: "undecided" | "passing" | "renaming" = "undecided";
  #held: Buffer | undefined;

  constructor(wanted: Buffer) {
    this.#wanted = wanted;
  }

  /** What can be sent on now; undefined when all of it has to wait for the rest of a line. */
  push(chunk: Buffer): Buffer | undefined {
    if (this.#state === "passing") return chunk;
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    const complete = bytes.lastIndexOf(NEWLINE) + 1;
    if (complete === 0) return this.#hold(bytes);
    const renamed = this.#renameLines(bytes, complete);
    if (renamed === undefined) {
      this.#state = "passing";
      this.#held = undefined;
      return bytes;
    }
    this.#held = complete === bytes.length ? undefined : bytes.subarray(complete);
    return renamed;
  }

  /** What was held back when the stream ended without a final line end. */
  rest(): Buffer | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  #hold(bytes: Buffer): Buffer | undefined {
    if (bytes.length <= HELD_BYTES) {
      this.#held = bytes;
      return undefined;
    }
    this.#state = "passing";
    this.#held = undefined;
    return bytes;
  }

  /** The lines in `bytes[0, complete)`, renamed; undefined when the stream turns out to need none of this. */
  #renameLines(bytes: Buffer, complete: number): Buffer | undefined {
    const pieces: Buffer[] = [];
    let copied = 0;
    for (let start = 0; start < complete; ) {
      const end = bytes.indexOf(NEWLINE, start) + 1;
      if (equals(bytes, start, Math.min(start + DATA.length, end), DATA)) {
        const member = memberNamed(bytes, MODEL, start + DATA.length, end);
        if (member !== undefined) {
          const same = equals(bytes, member.valueStart, member.valueEnd, this.#wanted);
          if (same && this.#state === "undecided") return undefined;
          this.#state = "renaming";
          if (!same) {
            pieces.push(bytes.subarray(copied, member.valueStart), this.#wanted);
            copied = member.valueEnd;
          }
        }
      }
      start = end;
    }
    if (copied === 0) return complete === bytes.length ? bytes : bytes.subarray(0, complete);
    pieces.push(bytes.subarray(copied, complete));
    return Buffer.concat(pieces);
  }
}

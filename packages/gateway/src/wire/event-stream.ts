import { equals, memberNamed, skipSpace } from "./members.ts";

const MODEL = Buffer.from("model");
const USAGE = Buffer.from("usage");
const CHOICES = Buffer.from("choices");
const DATA = Buffer.from("data:");
/** What a frame with usage holds, and nearly no other: found before any line is looked at. */
const USAGE_KEY = Buffer.from('"usage"');
const DONE = Buffer.from("[DONE]");
const NEWLINE = 0x0a;
const OPEN_OBJECT = 0x7b;

/** Longest line that is held back to be looked at; anything longer is passed on as it is. */
const HELD_BYTES = 8 << 20;

/** How the frames of a stream are to be changed. */
export interface StreamEdits {
  /** JSON text that `model` is to have; undefined leaves the upstream's. */
  readonly model: Buffer | undefined;
  /** The last frame holds nothing but the usage that the gateway asked for, and the client did not. */
  readonly withoutUsage: boolean;
}

/**
 * A stream of server-sent events on its way to the client, in chunks that may end anywhere. Every frame gets the wanted
 * `model` (litellm.md §3.8), and the usage is read as it goes by. Names that are right are found out by the first frame
 * that has one; from then on a chunk without usage is passed on as it came.
 */
export class EventStream {
  readonly #edits: StreamEdits;
  #names: "undecided" | "right" | "wrong";
  #held: Buffer | undefined;
  /** A frame was left out, and the empty line behind it is still to come. */
  #leavesGap = false;
  #usage: Buffer | undefined;
  #done = false;

  constructor(edits: StreamEdits) {
    this.#edits = edits;
    this.#names = edits.model === undefined ? "right" : "undecided";
  }

  /** JSON text of the last usage that went by. */
  get usage(): string | undefined {
    return this.#usage?.toString();
  }

  /** Whether the stream has said that it is complete (`data: [DONE]`). */
  get done(): boolean {
    return this.#done;
  }

  /** What can be sent on now; undefined when all of it has to wait for the rest of a line, or is left out. */
  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    // Nearly all chunks end where a frame does.
    const complete = bytes[bytes.length - 1] === NEWLINE ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    if (complete === 0) return this.#hold(bytes);
    this.#held = complete === bytes.length ? undefined : bytes.subarray(complete);
    this.#done ||= endsWithDone(bytes, complete);
    const lines = this.#held === undefined ? bytes : bytes.subarray(0, complete);
    if (this.#names === "right" && !this.#leavesGap && !saysUsage(lines)) return lines;
    return this.#edited(lines);
  }

  /** What was held back when the stream ended without a final line end. */
  rest(): Buffer | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#done ||= endsWithDone(held, held.length);
    return held;
  }

  #hold(bytes: Buffer): Buffer | undefined {
    if (bytes.length <= HELD_BYTES) {
      this.#held = bytes;
      return undefined;
    }
    this.#held = undefined;
    return bytes;
  }

  #edited(lines: Buffer): Buffer | undefined {
    const pieces: Buffer[] = [];
    let copied = 0;
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(NEWLINE, start) + 1;
      if (this.#leavesGap && isBlank(lines, start, end)) {
        pieces.push(lines.subarray(copied, start));
        copied = end;
        this.#leavesGap = false;
      } else if (equals(lines, start, Math.min(start + DATA.length, end), DATA)) {
        this.#leavesGap = false;
        if (this.#readUsage(lines, start + DATA.length, end)) {
          pieces.push(lines.subarray(copied, start));
          copied = end;
          this.#leavesGap = true;
        } else {
          const { model } = this.#edits;
          const value = model && this.#wrongName(lines, start + DATA.length, end, model);
          if (model !== undefined && value !== undefined) {
            pieces.push(lines.subarray(copied, value.valueStart), model);
            copied = value.valueEnd;
          }
        }
      }
      start = end;
    }
    if (copied === 0) return lines;
    pieces.push(lines.subarray(copied));
    const edited = Buffer.concat(pieces);
    return edited.length === 0 ? undefined : edited;
  }

  /** Keeps the usage of a frame. True when the frame is to be left out: it has nothing else, and nobody asked for it. */
  #readUsage(lines: Buffer, start: number, end: number): boolean {
    const key = lines.indexOf(USAGE_KEY, start);
    if (key < 0 || key >= end) return false;
    const usage = memberNamed(lines, USAGE, start, end);
    if (usage === undefined || lines[usage.valueStart] !== OPEN_OBJECT) return false;
    // A copy: the chunk is larger, and would be kept alive as long as the stream.
    this.#usage = Buffer.from(lines.subarray(usage.valueStart, usage.valueEnd));
    if (!this.#edits.withoutUsage) return false;
    const choices = memberNamed(lines, CHOICES, start, end);
    return choices !== undefined && isEmptyList(lines, choices.valueStart, choices.valueEnd);
  }

  #wrongName(lines: Buffer, start: number, end: number, wanted: Buffer): ReturnType<typeof memberNamed> {
    if (this.#names === "right") return undefined;
    const member = memberNamed(lines, MODEL, start, end);
    if (member === undefined) return undefined;
    const same = equals(lines, member.valueStart, member.valueEnd, wanted);
    if (this.#names === "undecided") this.#names = same ? "right" : "wrong";
    return same ? undefined : member;
  }
}

/** Whether a chunk may hold a usage. OpenAI writes `"usage":null` into every frame before the one that has it. */
function saysUsage(lines: Buffer): boolean {
  for (let key = lines.indexOf(USAGE_KEY); key >= 0; key = lines.indexOf(USAGE_KEY, key + 1)) {
    const colon = skipSpace(lines, key + USAGE_KEY.length, lines.length);
    if (lines[skipSpace(lines, colon + 1, lines.length)] === OPEN_OBJECT) return true;
  }
  return false;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 1 || (end - start === 2 && bytes[start] === 0x0d);
}

function isEmptyList(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start + 1; at < end - 1; at++) if ((bytes[at] ?? 0) > 0x20) return false;
  return true;
}

/** `data: [DONE]` is the last that a chunk says. */
function endsWithDone(bytes: Buffer, end: number): boolean {
  let last = end;
  while (last > 0 && (bytes[last - 1] ?? 0) <= 0x20) last--;
  return last >= DONE.length && equals(bytes, last - DONE.length, last, DONE);
}

import type { CallFailure } from "@gatewright/call";
import { equals, memberNamed, skipSpace } from "./members.ts";

const MODEL = Buffer.from("model");
const USAGE = Buffer.from("usage");
const CHOICES = Buffer.from("choices");
const DATA = Buffer.from("data:");
/** What a frame with usage holds, and nearly no other: found before any line is looked at. */
const USAGE_KEY = Buffer.from('"usage"');
const DONE = Buffer.from("[DONE]");
const FRAME_END = Buffer.from("\n\n");
const LAST_WORD = Buffer.from("data: [DONE]\n\n");
/** How a frame begins that is an error; inside of texts its quotes would be escaped. */
const ERROR = Buffer.from('{"error":');
const FINISH = Buffer.from('"finish_reason":"');
const SPACED_FINISH = Buffer.from('"finish_reason": "');
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
  /** Reads a frame that is an error: the JSON text behind `data:`. */
  readFailure(text: string): CallFailure;
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
  #finished = false;
  /** What an error frame said; neither it nor anything after it is passed on. */
  failure: CallFailure | undefined;

  constructor(edits: StreamEdits) {
    this.#edits = edits;
    this.#names = edits.model === undefined ? "right" : "undecided";
  }

  /** JSON text of the last usage that went by. */
  get usage(): string | undefined {
    return this.#usage?.toString();
  }

  /** Whether the stream has said that it is complete: `data: [DONE]`, or the finish, after which some servers stop. */
  get complete(): boolean {
    return this.#done || this.#finished;
  }

  /** What can be sent on now; undefined when all of it has to wait for the rest of a line, or is left out. */
  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    // Nearly all chunks end where a frame does.
    const complete = bytes[bytes.length - 1] === NEWLINE ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    if (complete === 0) return this.#hold(bytes);
    this.#held = complete === bytes.length ? undefined : bytes.subarray(complete);
    this.#done ||= endsWithDone(bytes, complete);
    this.#finished ||= saysFinish(bytes);
    let lines = this.#held === undefined ? bytes : bytes.subarray(0, complete);
    if (lines.includes(ERROR)) {
      lines = this.#untilError(lines);
      if (lines.length === 0) return undefined;
    }
    if (this.#names === "right" && !this.#leavesGap && !saysUsage(lines)) return lines;
    return this.#edited(lines);
  }

  /** What was held back when the stream ended without a final line end, and the last word where a server leaves it out. */
  rest(): Buffer | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#done ||= endsWithDone(held, held.length);
    if (this.#done || !this.#finished) return held;
    return held === undefined ? LAST_WORD : Buffer.concat([held, FRAME_END, LAST_WORD]);
  }

  /** The frames before an error: that is told in the gateway's own words, and counted. */
  #untilError(lines: Buffer): Buffer {
    for (let at = lines.indexOf(ERROR); at >= 0; at = lines.indexOf(ERROR, at + 1)) {
      const start = lines.lastIndexOf(NEWLINE, at) + 1;
      const value = lines.toString("latin1", at + ERROR.length, at + ERROR.length + 5).trimStart();
      if (value.startsWith("null") || !/^data: ?$/.test(lines.toString("latin1", start, at))) continue;
      const end = lines.indexOf(NEWLINE, at);
      this.failure = this.#edits.readFailure(lines.toString("utf8", at, end < 0 ? lines.length : end));
      return lines.subarray(0, start);
    }
    return lines;
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

/** A reason in `finish_reason`, where all frames but the last have `null`; Python writes a space before it. */
function saysFinish(bytes: Buffer): boolean {
  return bytes.includes(FINISH) || bytes.includes(SPACED_FINISH);
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

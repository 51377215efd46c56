import type { CallFailure } from "@gatewright/call";
import { equals, memberNamed } from "./members.ts";

const MODEL = Buffer.from("model");
const USAGE = Buffer.from("usage");
const TYPE = Buffer.from("type");
const USAGE_KEY = Buffer.from('"usage"');
const DATA = Buffer.from("data:");
const NEWLINE = 0x0a;
const OPEN_OBJECT = 0x7b;

/** Longest line that is held back to be looked at; anything longer is passed on as it is. */
const HELD_BYTES = 32 << 20;

/** An API whose streams tell about their answer in an object inside some of the events. */
export interface NestedStreamForm {
  /** Name of that object: `message` (Anthropic), `response` (OpenAI's Responses); "" where there is none. */
  readonly container: string;
  /** `type` of the events that end a stream. */
  readonly last: readonly string[];
}

/** `type` of the event for an error, in all of these APIs. */
const ERROR = Buffer.from('"error"');

/**
 * A stream of Anthropic's Messages or OpenAI's Responses on its way to the client, in chunks that may end anywhere. The
 * model's name is made the client's, wherever an event holds the object that has one, and the usage is read as it goes
 * by. Other events, nearly all, are passed on as they came.
 */
export class NestedEventStream {
  readonly #container: Buffer;
  readonly #containerKey: Buffer;
  readonly #last: readonly Buffer[];
  readonly #model: Buffer | undefined;
  #held: Buffer | undefined;
  #usage: Record<string, unknown> | undefined;
  readonly #readFailure: (text: string) => CallFailure;
  complete = false;
  /** What an error event said; neither it nor anything after it is passed on. */
  failure: CallFailure | undefined;

  /**
   * `model`: JSON text of the name the client used; undefined leaves the upstream's. `readFailure` reads the data of an
   * error event.
   */
  constructor(
    { container, last }: NestedStreamForm,
    model: Buffer | undefined,
    readFailure: (text: string) => CallFailure,
  ) {
    this.#container = Buffer.from(container);
    this.#containerKey = Buffer.from(`"${container}"`);
    this.#last = last.map((type) => Buffer.from(`"${type}"`));
    this.#model = model;
    this.#readFailure = readFailure;
  }

  /** Anthropic tells the prompt's tokens at the beginning and the answer's at the end: later counts go before. */
  get usage(): string | undefined {
    return this.#usage === undefined ? undefined : JSON.stringify(this.#usage);
  }

  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    const complete = bytes.lastIndexOf(NEWLINE) + 1;
    const rest = bytes.length - complete;
    this.#held = rest === 0 || rest > HELD_BYTES ? undefined : bytes.subarray(complete);
    const lines = this.#held === undefined ? bytes : bytes.subarray(0, complete);
    return lines.length === 0 ? undefined : this.#edited(lines);
  }

  rest(): Buffer | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined ? undefined : this.#edited(held);
  }

  #edited(lines: Buffer): Buffer | undefined {
    if (!this.#isInteresting(lines)) return lines;
    const pieces: Buffer[] = [];
    let copied = 0;
    /** Where the event under way began: its `event:` line stands before its data. */
    let eventStart = 0;
    for (let start = 0; start < lines.length; ) {
      const newline = lines.indexOf(NEWLINE, start);
      const end = newline < 0 ? lines.length : newline + 1;
      if (end - start <= 2) eventStart = end;
      if (equals(lines, start, Math.min(start + DATA.length, end), DATA)) {
        if (this.#isError(lines, start + DATA.length, end)) {
          const before = Buffer.concat([...pieces, lines.subarray(copied, Math.max(copied, eventStart))]);
          return before.length === 0 ? undefined : before;
        }
        const name = this.#read(lines, start + DATA.length, end);
        if (name !== undefined && this.#model !== undefined) {
          pieces.push(lines.subarray(copied, name.valueStart), this.#model);
          copied = name.valueEnd;
        }
      }
      start = end;
    }
    if (copied === 0) return lines;
    return Buffer.concat([...pieces, lines.subarray(copied)]);
  }

  #isInteresting(lines: Buffer): boolean {
    if (lines.includes(USAGE_KEY) || lines.includes(ERROR)) return true;
    if (this.#container.length > 0 && lines.includes(this.#containerKey)) return true;
    return this.#last.some((type) => lines.includes(type));
  }

  #isError(lines: Buffer, start: number, end: number): boolean {
    const type = memberNamed(lines, TYPE, start, end);
    if (type === undefined || !equals(lines, type.valueStart, type.valueEnd, ERROR)) return false;
    this.failure = this.#readFailure(lines.toString("utf8", start, end));
    return true;
  }

  /** Reads one event, and finds the name in it that is to be changed. */
  #read(lines: Buffer, start: number, end: number): ReturnType<typeof memberNamed> {
    const type = memberNamed(lines, TYPE, start, end);
    if (type !== undefined)
      this.complete ||= this.#last.some((last) => equals(lines, type.valueStart, type.valueEnd, last));
    const container = memberNamed(lines, this.#container, start, end);
    if (container === undefined || lines[container.valueStart] !== OPEN_OBJECT) {
      this.#readUsage(lines, start, end);
      return undefined;
    }
    this.#readUsage(lines, container.valueStart, container.valueEnd);
    const model = memberNamed(lines, MODEL, container.valueStart, container.valueEnd);
    if (model === undefined || this.#model === undefined) return undefined;
    return equals(lines, model.valueStart, model.valueEnd, this.#model) ? undefined : model;
  }

  #readUsage(lines: Buffer, start: number, end: number): void {
    const usage = memberNamed(lines, USAGE, start, end);
    if (usage === undefined || lines[usage.valueStart] !== OPEN_OBJECT) return;
    try {
      const counts = JSON.parse(lines.toString("utf8", usage.valueStart, usage.valueEnd)) as object;
      this.#usage = { ...this.#usage, ...counts };
    } catch {
      // What an upstream writes there is not the client's trouble.
    }
  }
}

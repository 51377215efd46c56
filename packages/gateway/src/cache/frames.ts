import { memberNamed } from "../wire/members.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const ERROR = Buffer.from("error");
const QUOTED_ERROR = Buffer.from('"error"');
const ERROR_EVENT = "event: error";
const DATA = "data:";
const DONE = "[DONE]";

/**
 * Where the server-sent event that begins at `start` ends: after its blank line, or at the end of the bytes. Lines end
 * with LF or CRLF; nobody sends the third form of the standard.
 */
export function frameEnd(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf(NEWLINE, at) + 1;
    if (lineEnd === 0) return bytes.length;
    if (bytes[lineEnd] === NEWLINE) return lineEnd + 1;
    if (bytes[lineEnd] === RETURN && bytes[lineEnd + 1] === NEWLINE) return lineEnd + 2;
    at = lineEnd;
  }
}

/**
 * Whether a stream may be replayed: complete to its `data: [DONE]` with nothing but blank after it, and no line that is
 * an error, half an object or no event at all. Looks at the two ends of each line, and closer only where the text
 * speaks of an error, so that it takes about 0.1 µs a line.
 */
export function isWholeStream(bytes: Buffer): boolean {
  const mentionsError = bytes.includes(QUOTED_ERROR);
  let done = false;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) return false;
    const end = bytes[newline - 1] === RETURN && newline > start ? newline - 1 : newline;
    const verdict = end === start ? "blank" : lineKind(bytes, start, end, mentionsError);
    if (verdict === "bad" || (done && verdict !== "blank")) return false;
    if (verdict === "done") done = true;
    start = newline + 1;
  }
  return done;
}

function lineKind(
  bytes: Buffer,
  start: number,
  end: number,
  mentionsError: boolean,
): "bad" | "done" | "good" {
  const field = bytes.toString("latin1", start, Math.min(end, start + ERROR_EVENT.length));
  if (!field.startsWith(DATA)) {
    // Comments keep connections open; `id` and `event` name a frame.
    const known = field.startsWith(":") || field.startsWith("event:") || field.startsWith("id:");
    return known && field !== ERROR_EVENT ? "good" : "bad";
  }
  let from = start + DATA.length;
  if (bytes[from] === 0x20) from++;
  if (end - from === DONE.length && bytes.toString("latin1", from, end) === DONE) return "done";
  if (bytes[from] !== OPEN_OBJECT || bytes[end - 1] !== CLOSE_OBJECT) return "bad";
  return mentionsError && hasError(bytes, from, end) ? "bad" : "good";
}

/** Whether a JSON answer is an object without an `error`. */
export function isWholeObject(bytes: Buffer): boolean {
  return bytes[0] === OPEN_OBJECT && !(bytes.includes(QUOTED_ERROR) && hasError(bytes, 0, bytes.length));
}

/** `"error": null` is no error: some servers write it into every answer. */
function hasError(bytes: Buffer, start: number, end: number): boolean {
  const member = memberNamed(bytes, ERROR, start, end);
  return member !== undefined && bytes.toString("latin1", member.valueStart, member.valueEnd) !== "null";
}

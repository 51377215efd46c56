import { equals, members, skipSpace, skipValue } from "./members.ts";

const KEY = Buffer.from("usage");
const QUOTED_KEY = Buffer.from('"usage"');

/**
 * JSON text of the `usage` of an answer, a JSON object; undefined when it has none. Answers have it near their end, so it
 * is looked for from there; only when what is found there turns out to belong to something inside is the body read
 * from its beginning. Of a repeated `usage` the last counts, as in `JSON.parse`; a key written with escapes is not
 * found.
 */
export function usageText(body: Buffer): string | undefined {
  const key = body.lastIndexOf(QUOTED_KEY);
  if (key < 0) return undefined;
  const range = atEnd(body, key) ?? fromBeginning(body);
  if (range === undefined || body[range.start] !== OPEN_OBJECT) return undefined;
  return body.toString("utf8", range.start, range.end);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The value of the key at `key` when it belongs to the outermost object. It does when the first bracket that closes
 * more than was opened after it is the last thing in the body. In strings all quotes are escaped, so a quote that
 * follows a comma or an opening brace really begins a key.
 */
function atEnd(body: Buffer, key: number): Range | undefined {
  let before = key - 1;
  while (before >= 0 && isSpace(body[before])) before--;
  if (body[before] !== COMMA && body[before] !== OPEN_OBJECT) return undefined;
  const colon = skipSpace(body, key + QUOTED_KEY.length, body.length);
  if (body[colon] !== COLON) return undefined;
  const start = skipSpace(body, colon + 1, body.length);
  const end = skipValue(body, start, body.length);
  if (end < 0) return undefined;
  // What follows the value: members, each skipped whole, then the bracket that closes the object.
  let at = skipSpace(body, end, body.length);
  while (body[at] === COMMA) {
    at = skipSpace(body, at + 1, body.length);
    if (body[at] !== QUOTE) return undefined;
    at = skipValue(body, at, body.length);
    if (at < 0) return undefined;
    at = skipSpace(body, at, body.length);
    if (body[at] !== COLON) return undefined;
    at = skipValue(body, skipSpace(body, at + 1, body.length), body.length);
    if (at < 0) return undefined;
    at = skipSpace(body, at, body.length);
  }
  if (body[at] !== CLOSE_OBJECT || skipSpace(body, at + 1, body.length) !== body.length) return undefined;
  return { start, end };
}

function fromBeginning(body: Buffer): Range | undefined {
  const found = members(body).findLast((member) => equals(body, member.keyStart + 1, member.keyEnd - 1, KEY));
  return found === undefined ? undefined : { start: found.valueStart, end: found.valueEnd };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Byte offsets of one member of a JSON object: `"key" : value`. */
export interface Member {
  /** At the opening quote of the key. */
  readonly keyStart: number;
  /** After the closing quote of the key. */
  readonly keyEnd: number;
  readonly valueStart: number;
  /** After the last byte of the value. */
  readonly valueEnd: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/**
 * The members of the outermost object in `bytes`, in order. Works on bytes so that a request can be changed in one
 * place and passed on unchanged in all others. Stops at the first thing that is not JSON; callers that need to know
 * whether it all is have parsed it already.
 */
export function members(bytes: Uint8Array): Member[] {
  const found: Member[] = [];
  let at = afterOpening(bytes, 0, bytes.length);
  while (at >= 0) {
    const member = memberAt(bytes, at, bytes.length);
    if (member === undefined) break;
    found.push(member);
    at = afterComma(bytes, member.valueEnd, bytes.length);
  }
  return found;
}

/**
 * The member named `key` (ASCII, given as the bytes between its quotes) of the object that starts in
 * `bytes[start, end)`; undefined when there is none or the object is cut off before it.
 */
export function memberNamed(
  bytes: Uint8Array,
  key: Uint8Array,
  start: number,
  end: number,
): Member | undefined {
  let at = afterOpening(bytes, start, end);
  while (at >= 0) {
    const member = memberAt(bytes, at, end);
    if (member === undefined) return undefined;
    if (equals(bytes, member.keyStart + 1, member.keyEnd - 1, key)) return member;
    at = afterComma(bytes, member.valueEnd, end);
  }
  return undefined;
}

/** True when `bytes[start, end)` are exactly `wanted`. */
export function equals(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false;
  for (let index = 0; index < wanted.length; index++)
    if (bytes[start + index] !== wanted[index]) return false;
  return true;
}

/** First position that is not JSON white space. */
export function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}

function afterOpening(bytes: Uint8Array, start: number, end: number): number {
  const at = skipSpace(bytes, start, end);
  return bytes[at] === OPEN_OBJECT && at < end ? at + 1 : -1;
}

function afterComma(bytes: Uint8Array, start: number, end: number): number {
  const at = skipSpace(bytes, start, end);
  return bytes[at] === COMMA && at < end ? at + 1 : -1;
}

function memberAt(bytes: Uint8Array, start: number, end: number): Member | undefined {
  const keyStart = skipSpace(bytes, start, end);
  if (keyStart >= end || bytes[keyStart] !== QUOTE) return undefined;
  const keyEnd = skipString(bytes, keyStart, end);
  if (keyEnd < 0) return undefined;
  const colon = skipSpace(bytes, keyEnd, end);
  if (colon >= end || bytes[colon] !== COLON) return undefined;
  const valueStart = skipSpace(bytes, colon + 1, end);
  const valueEnd = skipValue(bytes, valueStart, end);
  return valueEnd < 0 ? undefined : { keyStart, keyEnd, valueStart, valueEnd };
}

function skipString(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at + 1;
  }
  return -1;
}

/** After the JSON value that starts at `start`; -1 when it is cut off before `end`. */
export function skipValue(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start];
  if (start >= end) return -1;
  if (first === QUOTE) return skipString(bytes, start, end);
  if (first === OPEN_OBJECT || first === OPEN_LIST) return skipContainer(bytes, start, end);
  let at = start;
  while (at < end) {
    const byte = bytes[at];
    if (
      byte === COMMA ||
      byte === CLOSE_OBJECT ||
      byte === CLOSE_LIST ||
      byte === 0x20 ||
      byte === 0x0a ||
      byte === 0x0d ||
      byte === 0x09
    )
      break;
    at++;
  }
  return at === start || at === end ? -1 : at;
}

function skipContainer(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at, end) - 1;
      if (at < 0) return -1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

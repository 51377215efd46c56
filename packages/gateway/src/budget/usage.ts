import { equals, members, skipSpace, skipValue } from "../wire/members.ts";

/**
 * What a call used, tokens. The details are parts of their whole: `cachedInput`, `cacheWriteInput` and `audioInput`
 * of `input`, `reasoning` and `audioOutput` of `output`.
 */
export interface Usage {
  readonly input: number;
  readonly output: number;
  /** Read from the provider's cache. */
  readonly cachedInput: number;
  /** Written to the provider's cache. */
  readonly cacheWriteInput: number;
  readonly reasoning: number;
  readonly audioInput: number;
  readonly audioOutput: number;
  /** Counted by the gateway, because the provider sent nothing. */
  readonly estimated: boolean;
}

/** More tokens than any call can have: what an upstream claims beyond that is cut off, so that costs stay exact. */
const MOST_TOKENS = 1e8;

type Fields = { readonly [field: string]: unknown };

/**
 * Reads OpenAI's `usage` (of chat, completions and embeddings), with the spellings of cache details that compatible
 * servers have. Anything that is not a count is 0; undefined when there is no count at all (`"usage": null` in the
 * frames of a stream, for example).
 */
export function usageOf(value: unknown): Usage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const usage = value as Fields;
  const total = usage["total_tokens"];
  if (
    typeof usage["prompt_tokens"] !== "number" &&
    typeof usage["completion_tokens"] !== "number" &&
    typeof total !== "number"
  )
    return undefined;
  const output = tokens(usage["completion_tokens"]);
  const input =
    typeof usage["prompt_tokens"] === "number"
      ? tokens(usage["prompt_tokens"])
      : Math.max(0, tokens(total) - output);
  const prompt = fieldsOf(usage["prompt_tokens_details"]);
  const completion = fieldsOf(usage["completion_tokens_details"]);
  const cachedInput = Math.min(
    input,
    tokens(prompt["cached_tokens"] ?? usage["cache_read_input_tokens"] ?? usage["prompt_cache_hit_tokens"]),
  );
  return {
    input,
    output,
    cachedInput,
    cacheWriteInput: Math.min(
      input - cachedInput,
      tokens(
        prompt["cache_creation_tokens"] ??
          prompt["cache_write_tokens"] ??
          usage["cache_creation_input_tokens"],
      ),
    ),
    reasoning: Math.min(output, tokens(completion["reasoning_tokens"])),
    audioInput: Math.min(input, tokens(prompt["audio_tokens"])),
    audioOutput: Math.min(output, tokens(completion["audio_tokens"])),
    estimated: false,
  };
}

const none: Fields = {};

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : none;
}

function tokens(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.floor(Math.min(value, MOST_TOKENS)) : 0;
}

const KEY = Buffer.from("usage");
const QUOTED_KEY = Buffer.from('"usage"');

/**
 * The usage in `body`, a JSON object, without parsing the rest of it. Answers have it near their end, so it is looked
 * for from there; only when what is found there turns out to belong to something inside is the body read from its
 * beginning. Of a repeated `usage` the last counts, as in `JSON.parse`; a key written with escapes is not found.
 */
export function usageInBody(body: Buffer): Usage | undefined {
  const key = body.lastIndexOf(QUOTED_KEY);
  if (key < 0) return undefined;
  const range = atEnd(body, key) ?? fromBeginning(body);
  return range === undefined ? undefined : parsed(body, range.start, range.end);
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

/** Only counts and ASCII names are read, so the bytes need no decoding. */
function parsed(body: Buffer, start: number, end: number): Usage | undefined {
  try {
    return usageOf(JSON.parse(body.toString("latin1", start, end)));
  } catch {
    return undefined; // An upstream that breaks off in the middle has no usage, and the answer is the client's.
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

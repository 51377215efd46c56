import { crc32 } from "node:zlib";

/** Lengths and their checksum, before everything else. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const LEAST_BYTES = PRELUDE_BYTES + CHECKSUM_BYTES;
/** More than AWS sends in one message; what claims to be longer is not read. */
const MOST_BYTES = 32 << 20;

/** Bytes of header values by their type; texts and byte arrays (6, 7) tell their own length. */
const valueBytes: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const STRING = 7;

/** Text headers of a message, by name (`:message-type`, `:event-type`, `:exception-type`, …). */
export type MessageHeaders = ReadonlyMap<string, string>;

/** Hears the messages in their order. */
export type MessageListener = (headers: MessageHeaders, payload: Buffer) => void;

/**
 * Reads AWS event streams (`application/vnd.amazon.eventstream`): messages of two lengths, headers, a payload and
 * checksums over both, in chunks that may end anywhere.
 */
export class EventStream {
  readonly #listener: MessageListener;
  /** Chunks of a message that is not complete. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #wantedBytes = PRELUDE_BYTES;
  /** The last headers, as bytes and read: nearly every message has the same ones as the one before. */
  #headerBytes: Buffer = Buffer.alloc(0);
  #headers: MessageHeaders = new Map();

  constructor(listener: MessageListener) {
    this.#listener = listener;
  }

  /** Returns what is wrong with the stream, if anything is: nothing can be read after that. */
  push(chunk: Buffer): string | undefined {
    let bytes = chunk;
    if (this.#heldBytes > 0) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
      // Put together only when a message can be complete, so that a long one is not copied with every chunk.
      if (this.#heldBytes < this.#wantedBytes) return undefined;
      bytes = Buffer.concat(this.#held, this.#heldBytes);
    }
    let start = 0;
    let wanted = PRELUDE_BYTES;
    while (bytes.length - start >= PRELUDE_BYTES) {
      const length = bytes.readUInt32BE(start);
      if (length < LEAST_BYTES || length > MOST_BYTES) return `a message of ${length} bytes`;
      if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32BE(start + 8))
        return "a wrong checksum";
      wanted = length;
      if (bytes.length - start < length) break;
      const problem = this.#read(bytes.subarray(start, start + length));
      if (problem !== undefined) return problem;
      start += length;
      wanted = PRELUDE_BYTES;
    }
    this.#held = start === bytes.length ? [] : [bytes.subarray(start)];
    this.#heldBytes = bytes.length - start;
    this.#wantedBytes = wanted;
    return undefined;
  }

  #read(message: Buffer): string | undefined {
    const end = message.length - CHECKSUM_BYTES;
    if (crc32(message.subarray(0, end)) !== message.readUInt32BE(end)) return "a wrong checksum";
    const headersEnd = PRELUDE_BYTES + message.readUInt32BE(4);
    if (headersEnd > end) return "headers longer than their message";
    const headerBytes = message.subarray(PRELUDE_BYTES, headersEnd);
    if (!headerBytes.equals(this.#headerBytes)) {
      const headers = readHeaders(headerBytes);
      if (headers === undefined) return "headers that cannot be read";
      this.#headers = headers;
      // A copy, so that the chunk does not stay in memory for it.
      this.#headerBytes = Buffer.from(headerBytes);
    }
    this.#listener(this.#headers, message.subarray(headersEnd, end));
    return undefined;
  }
}

/** Undefined when the bytes are no headers. */
function readHeaders(bytes: Buffer): MessageHeaders | undefined {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameStart = at + 1;
    const typeAt = nameStart + (bytes[at] ?? 0);
    const type = bytes[typeAt];
    let length = type === undefined ? undefined : valueBytes[type];
    if (length === undefined) return undefined;
    at = typeAt + 1;
    if (length < 0) {
      if (at + 2 > bytes.length) return undefined;
      length = bytes.readUInt16BE(at);
      at += 2;
    }
    if (at + length > bytes.length) return undefined;
    if (type === STRING)
      headers.set(bytes.toString("utf8", nameStart, typeAt), bytes.toString("utf8", at, at + length));
    at += length;
  }
  return headers;
}

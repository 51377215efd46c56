/**
 * A finished answer as it went to the client, with the provider's own `id` and `created` (litellm.md §4.6). Always one
 * of status 200. Never changed: it may be under way to many clients at once.
 */
export interface Answer {
  readonly contentType: string;
  /** A stream of server-sent events up to its `data: [DONE]`; else one JSON object. */
  readonly stream: boolean;
  readonly body: Buffer;
  /** The name the body says in `model`: the one its first client asked for. */
  readonly model: string;
  /** Id of the deployment that gave it. */
  readonly deployment: string;
  /** When it was complete, epoch milliseconds: replicas share answers, so no process's own clock will do. */
  readonly storedAt: number;
  /** JSON text of the `usage` that the upstream sent, also where the client did not ask a stream for it. */
  readonly usageText: string | undefined;
}

/** Largest body that is kept, bytes. A longer answer is passed on and forgotten. */
export const ANSWER_BYTES = 8 << 20;

/** What an answer weighs beside its body in memory: key, objects, the buffer's own bookkeeping. */
const OVERHEAD_BYTES = 1024;

/** Bytes an answer is counted with in memory. */
export function sizeOf(answer: Answer): number {
  return answer.body.length + OVERHEAD_BYTES;
}

const MAGIC = Buffer.from("GWA1");
const HEAD_AT = MAGIC.length + 4;

/** One buffer for a store outside: `GWA1`, length of the head (32 bits, big endian), head as JSON, body. */
export function encodeAnswer({ body, ...rest }: Answer): Buffer {
  const head = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([MAGIC, length, head, body]);
}

/**
 * Reads `encodeAnswer`'s bytes; undefined for anything else, which a store shared with others may well hold. The body
 * is a part of `bytes`, not a copy.
 */
export function decodeAnswer(bytes: Buffer): Answer | undefined {
  if (bytes.length < HEAD_AT || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) return undefined;
  const bodyAt = HEAD_AT + bytes.readUInt32BE(MAGIC.length);
  if (bodyAt > bytes.length) return undefined;
  try {
    const head: unknown = JSON.parse(bytes.toString("utf8", HEAD_AT, bodyAt));
    return isHead(head) ? { ...head, usageText: head.usageText, body: bytes.subarray(bodyAt) } : undefined;
  } catch {
    return undefined;
  }
}

/** The content type goes into a header: Node throws on what does not belong there, and nobody would catch it. */
const fitContentType = /^[\x20-\x7e]+$/;

function isHead(head: unknown): head is Omit<Answer, "body"> {
  if (typeof head !== "object" || head === null) return false;
  const { contentType, stream, model, deployment, storedAt, usageText } = head as {
    readonly [name: string]: unknown;
  };
  return (
    typeof contentType === "string" &&
    fitContentType.test(contentType) &&
    typeof stream === "boolean" &&
    typeof model === "string" &&
    typeof deployment === "string" &&
    typeof storedAt === "number" &&
    (usageText === undefined || typeof usageText === "string")
  );
}

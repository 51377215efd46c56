import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";

/** IPv4 addresses by host name. Names that are not listed do not exist. */
export type NameRecords = { readonly [name: string]: readonly string[] };

/** A DNS server on a UDP port of 127.0.0.1 that knows nothing but its records. */
export interface NameServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`, as Node's resolvers take it. */
  readonly address: string;
  /** Set it to change the answers to come. */
  records: NameRecords;
  /** Names that were asked for, in lower case, oldest first; a look-up of both families asks twice. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Answers A questions from the records; other types of a known name have no answer, unknown names NXDOMAIN. */
export async function startNameServer(
  records: NameRecords,
  { ttlSeconds = 60 }: { readonly ttlSeconds?: number } = {},
): Promise<NameServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  let known = records;
  socket.on("message", (message, { address, port }) => {
    const question = readQuestion(message);
    if (question === undefined) return;
    asked.push(question.name);
    socket.send(answer(message, question, known[question.name], ttlSeconds), port, address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", resolve);
  });
  const close = (): Promise<void> => new Promise((resolve) => socket.close(() => resolve()));
  return {
    address: `127.0.0.1:${(socket.address() as AddressInfo).port}`,
    get records() {
      return known;
    },
    set records(next) {
      known = next;
    },
    asked,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where it ends in the message. */
  readonly end: number;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;

/** The first question of a message (RFC 1035 §4.1.2); undefined for what is none. */
function readQuestion(message: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at]; length !== 0; length = message[at]) {
    if (length === undefined || length > 63) return undefined;
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  if (end > message.length) return undefined;
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end };
}

function answer(
  message: Buffer,
  { type, end }: Question,
  addresses: readonly string[] | undefined,
  ttlSeconds: number,
): Buffer {
  const records = type === TYPE_A ? (addresses ?? []).map((address) => record(address, ttlSeconds)) : [];
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  // An answer, authoritative, recursion as it was asked for and available.
  const desired = (message[2] ?? 0) & 1;
  header.writeUInt16BE(0x8480 | (desired << 8) | (addresses === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, message.subarray(HEADER_BYTES, end), ...records]);
}

/** An A record of the name that was asked for. */
function record(address: string, ttlSeconds: number): Buffer {
  const bytes = Buffer.alloc(16);
  // A pointer to the question's name.
  bytes.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  bytes.writeUInt16BE(TYPE_A, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt32BE(ttlSeconds, 6);
  bytes.writeUInt16BE(4, 10);
  for (const [index, part] of address.split(".").entries()) bytes[12 + index] = Number(part);
  return bytes;
}

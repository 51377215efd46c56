import { crc32 } from "node:zlib";

const STRING = 7;

/**
 * One message of an AWS event stream (`application/vnd.amazon.eventstream`): two lengths and their checksum, headers
 * with text values, a payload, a checksum over all.
 */
export function eventStreamFrame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(payload);
  const frame = Buffer.alloc(12 + head.length + body.length + 4);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  head.copy(frame, 12);
  body.copy(frame, 12 + head.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4);
  return frame;
}

function header(name: string, value: string): Buffer {
  const bytes = Buffer.from(value);
  const start = Buffer.from([Buffer.byteLength(name), ...Buffer.from(name), STRING, 0, 0]);
  start.writeUInt16BE(bytes.length, start.length - 2);
  return Buffer.concat([start, bytes]);
}

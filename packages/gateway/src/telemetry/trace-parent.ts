import { randomFillSync } from "node:crypto";

/** Where a trace comes from, read from the header `traceparent` (W3C Trace Context). */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/** Length of version 00, which has nothing further. */
const LENGTH = 55;

/** Reads a `traceparent`; undefined when it is not one. Later versions may carry more, which is none of our business. */
export function parseTraceParent(header: unknown): TraceParent | undefined {
  if (typeof header !== "string" || !form.test(header)) return undefined;
  if (header.length !== LENGTH && header.startsWith("00")) return undefined;
  return {
    traceId: header.slice(3, 35),
    spanId: header.slice(36, 52),
    sampled: (Number.parseInt(header.slice(53, 55), 16) & 1) === 1,
  };
}

/** The header for whoever is called next. */
export function traceParentText(traceId: string, spanId: string, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

const pool = Buffer.alloc(4096);
let place = pool.length;

/** Random bytes, hexadecimal: 16 for a trace, 8 for a span. Drawn many at a time. */
export function randomId(bytes: 8 | 16): string {
  if (place + bytes > pool.length) {
    randomFillSync(pool);
    place = 0;
  }
  place += bytes;
  const id = pool.toString("hex", place - bytes, place);
  // All zeros means "none".
  return /[^0]/.test(id) ? id : randomId(bytes);
}

import { randomFillSync } from "node:crypto";

/** Where a trace comes from, read from the header `traceparent` (W3C Trace Context). */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = "0".repeat(32);
const noSpan = "0".repeat(16);

/** Reads a `traceparent`; undefined when it is not one. Later versions may carry more, which is none of our business. */
export function parseTraceParent(header: unknown): TraceParent | undefined {
  if (typeof header !== "string") return undefined;
  const [, version, traceId = noTrace, spanId = noSpan, flags = "00", more] = form.exec(header.trim()) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (traceId === noTrace || spanId === noSpan) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
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

import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { apiError, keyHeaders } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Next } from "./stage.ts";

/** Lets the owner of the master key through, or everybody when the document names no key. */
export function authenticate(exchange: Exchange, next: Next): void {
  const refusal = checkKey(exchange.snapshot, exchange.request.headers);
  if (refusal !== undefined) return exchange.fail(refusal);
  if (exchange.snapshot.isMasterKey !== undefined) exchange.caller = "master";
  next(exchange);
}

/** The error a caller is refused with; undefined when it may go on. */
export function checkKey(
  snapshot: Snapshot,
  headers: IncomingHttpHeaders,
): ReturnType<typeof apiError> | undefined {
  const { isMasterKey } = snapshot;
  if (isMasterKey === undefined) return undefined;
  const presented = presentedKey(headers, snapshot.keyHeader);
  if (presented === undefined) return apiError("key_missing", {});
  if (presented === malformed) return apiError("key_malformed", {});
  if (!isMasterKey(presented)) return apiError("key_unknown", { key: presented });
  return undefined;
}

/** Tells a key from others in a time that depends on its length only (litellm.md §3.1). */
export function keyComparison(key: string): (presented: string) => boolean {
  const bytes = Buffer.from(key);
  return (presented) => {
    const other = Buffer.from(presented);
    return other.length === bytes.length && timingSafeEqual(other, bytes);
  };
}

const malformed = Symbol("malformed");

/** The configured header first, then litellm.md §3.1's, in its order. Only `authorization` must carry a scheme. */
function presentedKey(
  headers: IncomingHttpHeaders,
  configured: string | undefined,
): string | typeof malformed | undefined {
  for (const name of configured === undefined ? keyHeaders : [configured, ...keyHeaders]) {
    const value = headers[name];
    if (typeof value !== "string") continue;
    return name === "authorization" && !bearer.test(value) ? malformed : withoutBearer(value);
  }
  return undefined;
}

const bearer = /^bearer /i;

function withoutBearer(value: string): string {
  return bearer.test(value) ? value.slice(7).trim() : value;
}

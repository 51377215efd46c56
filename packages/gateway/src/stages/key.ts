import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { type ApiError, apiError, keyHeaders } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import { anonymous, type Caller } from "../snapshot/caller.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Next } from "./stage.ts";

/** Lets those through whose key is known, or everybody when the document names no key. */
export function authenticate(exchange: Exchange, next: Next): void {
  const caller = callerAt(exchange.request.socket, exchange.snapshot, exchange.request.headers);
  if ("status" in caller) return exchange.fail(caller);
  exchange.caller = caller;
  exchange.trace?.authenticated();
  next(exchange);
}

/** Who calls, or the error that a stranger is refused with. */
export function callerOf(snapshot: Snapshot, headers: IncomingHttpHeaders): Caller | ApiError {
  const { keyCheck } = snapshot;
  if (keyCheck === undefined) return anonymous;
  const presented = presentedKey(headers, snapshot.keyHeader);
  if (presented === undefined) return apiError("key_missing", {});
  if (presented === malformed) return apiError("key_malformed", {});
  return keyCheck(presented) ?? apiError("key_unknown", { key: presented });
}

/** What a connection has shown last, and who that was. */
interface Shown {
  readonly authorization: string;
  readonly snapshot: Snapshot;
  readonly caller: Caller;
}

const shown = new WeakMap<Socket, Shown>();

/**
 * The same for a request on a connection that may be kept open: who shows what they have shown before need not be
 * looked for again. Their own words are compared with their own, which tells nothing about anybody else's key.
 */
function callerAt(socket: Socket, snapshot: Snapshot, headers: IncomingHttpHeaders): Caller | ApiError {
  const { authorization } = headers;
  // Only who was found by `authorization` is remembered by it: by another header, it may say anything.
  if (authorization === undefined || hasOtherKey(headers, snapshot.keyHeader))
    return callerOf(snapshot, headers);
  const before = shown.get(socket);
  if (before !== undefined && before.snapshot === snapshot && before.authorization === authorization)
    return before.caller;
  const caller = callerOf(snapshot, headers);
  // A key that ends is asked for its end each time.
  if (!("status" in caller) && caller.kind === "key" && !caller.ends)
    shown.set(socket, { authorization, snapshot, caller });
  return caller;
}

/** A header that goes before `authorization`. */
function hasOtherKey(headers: IncomingHttpHeaders, configured: string | undefined): boolean {
  if (configured !== undefined && headers[configured] !== undefined) return true;
  return headers[keyHeaders[0]] !== undefined;
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

/** A key without the scheme it may stand behind. */
export function withoutBearer(value: string): string {
  return bearer.test(value) ? value.slice(7).trim() : value;
}

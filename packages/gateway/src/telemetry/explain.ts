import type { IncomingMessage } from "node:http";
import { type ApiError, apiError } from "@gatewright/litellm";
import { decisionJson, decisionOf } from "./decision.ts";
import { explainHeaderName } from "./explain-header-name.ts";
import type { RequestFacts } from "./request-facts.ts";

/** Headers in front of many a client and proxy end at 8 KB in all. */
const HEADER_CHARACTERS = 4_096;

/** What is left out first when a record is too long for a header. */
const dispensable = ["limits", "routing", "attempts", "cost"] as const;

/**
 * Whether decision records may be read: by the administrator; at a gateway without keys by whoever sits on the same
 * machine, and then not through a proxy or a page in a browser that believes us to be another host.
 */
export function explainDenied(
  caller: { readonly kind: string },
  request: IncomingMessage,
  path: string,
): ApiError | undefined {
  if (caller.kind === "master") return undefined;
  if (caller.kind !== "anonymous") return apiError("admin_only", { path });
  const address = request.socket.remoteAddress ?? "";
  const { headers } = request;
  const direct = headers["x-forwarded-for"] === undefined && headers["forwarded"] === undefined;
  return direct && loopback.test(address) && loopbackHost.test(headers.host ?? "")
    ? undefined
    : apiError("address_denied", { address });
}

const loopback = /^(127\.|::1$|::ffff:127\.)/;
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** The decision record of a request as it is when its headers go out; undefined for all that did not ask or may not. */
export function explainHeader(exchange: RequestFacts): string | undefined {
  if (exchange.request.headers[explainHeaderName] !== "true") return undefined;
  if (explainDenied(exchange.caller, exchange.request, exchange.path) !== undefined) return undefined;
  const record = { ...decisionJson(decisionOf(exchange, 0)) };
  let text = ascii(record);
  for (const member of dispensable) {
    if (text.length <= HEADER_CHARACTERS) return text;
    record[member] = undefined;
    record["shortened"] = true;
    text = ascii(record);
  }
  return text.length <= HEADER_CHARACTERS ? text : undefined;
}

/** JSON without what a header value must not hold; the escapes are JSON's own. */
function ascii(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

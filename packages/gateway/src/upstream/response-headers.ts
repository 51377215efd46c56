import { providerHeaderPrefix } from "@gatewright/litellm";
import { headerText } from "../snapshot/header-text.ts";

/** Connection-level headers, and those that describe bytes we frame anew. */
const withheld = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "proxy-authenticate",
  "proxy-authorization",
  "content-length",
  "content-type",
  // A provider's cookies are between it and the gateway.
  "set-cookie",
  "set-cookie2",
  "date",
]);

/** Headers as undici gives them. */
export type UpstreamHeaders = { readonly [name: string]: string | string[] | undefined };

/**
 * An answer's headers as they are, for clients that talk to the upstream itself: a flat list. Without those of the
 * connection, and without cookies.
 */
export function passedHeaders(headers: UpstreamHeaders): string[] {
  const list: string[] = [];
  for (const name in headers) {
    if (withheld.has(name) && !describing.has(name)) continue;
    const value = headers[name];
    for (const one of typeof value === "string" ? [value] : (value ?? [])) list.push(name, headerText(one));
  }
  return list;
}

/** What a body has that is passed on as it is. */
const describing = new Set(["content-type", "content-length"]);

/** Providers send the same few names again and again; remembered up to this many. */
const REMEMBERED = 500;
const prefixed = new Map<string, string>();

/**
 * An upstream's headers as lines for the client: `x-ratelimit-*` and `retry-after` as they are, every header once more
 * as `llm_provider-<name>` (litellm.md §3.7), `content-encoding` because the bytes are passed on. Values are made
 * fit once more, so that a client of undici's that reads them otherwise than as Latin-1 could not bring in a line end.
 */
export function providerHeaders(headers: UpstreamHeaders): string {
  let lines = "";
  for (const name in headers) {
    if (withheld.has(name)) continue;
    const value = headers[name];
    if (value === undefined) continue;
    const line = `: ${headerText(typeof value === "string" ? value : value.join(", "))}\r\n`;
    if (name.startsWith("x-ratelimit-") || name === "retry-after" || name === "content-encoding")
      lines += name + line;
    lines += prefixedName(name) + line;
  }
  return lines;
}

function prefixedName(name: string): string {
  let known = prefixed.get(name);
  if (known === undefined) {
    known = providerHeaderPrefix + name;
    if (prefixed.size >= REMEMBERED) prefixed.clear();
    prefixed.set(name, known);
  }
  return known;
}

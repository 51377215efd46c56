import type { IncomingHttpHeaders } from "node:http";
import { keyHeaders } from "@gatewright/litellm";
import type { PassThrough } from "../snapshot/pass-through.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { withoutBearer } from "../stages/key.ts";
import { hopByHopHeaders } from "../upstream/hop-by-hop-headers.ts";

/** What describes a body and the answer that is wanted: goes to every target. */
const describing = ["content-type", "content-encoding", "accept"];

/**
 * Headers of a request to a pass-through target: a flat list. Of the client's only those that describe its body, or all
 * of them where the endpoint forwards headers, but for the gateway's own key; the configured ones stand in their place.
 */
export function targetHeaders(
  client: IncomingHttpHeaders,
  endpoint: PassThrough,
  snapshot: Pick<Snapshot, "keyCheck" | "keyHeader">,
): string[] {
  const headers = new Map<string, string | readonly string[]>();
  const forwarded = endpoint.forwardsHeaders ? Object.keys(client) : describing;
  const connection = new Set(client.connection?.toLowerCase().split(/\s*,\s*/));
  for (const name of forwarded) {
    const value = client[name];
    if (value === undefined || hopByHopHeaders.has(name) || connection.has(name)) continue;
    if (!isOwnKey(name, value, snapshot)) headers.set(name, value);
  }
  const { headers: own } = endpoint;
  for (let index = 0; index + 1 < own.length; index += 2) headers.set(own[index] ?? "", own[index + 1] ?? "");
  return [...headers].flatMap(([name, value]) =>
    typeof value === "string" ? [name, value] : value.flatMap((one) => [name, one]),
  );
}

/** A header that is for the gateway alone, or carries one of its keys. */
function isOwnKey(
  name: string,
  value: string | readonly string[],
  { keyCheck, keyHeader }: Pick<Snapshot, "keyCheck" | "keyHeader">,
): boolean {
  const [ownHeader, ...others] = keyHeaders;
  if (name === ownHeader || name === keyHeader) return true;
  if (!others.some((one) => one === name) || typeof value !== "string") return false;
  return keyCheck?.(withoutBearer(value)) !== undefined;
}

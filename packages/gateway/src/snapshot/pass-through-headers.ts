import { hopByHopHeaders } from "../upstream/hop-by-hop-headers.ts";
import type { PassThroughContext } from "./pass-through.ts";

/**
 * The configured headers of a pass-through endpoint: a flat list of names, lower case, and values. `os.environ/NAME` is
 * looked up wherever it stands in a value (`Bearer os.environ/KEY`). One without a value keeps the endpoint from being
 * served: its target would refuse every request, or serve them as somebody else.
 */
export function passThroughHeaders(
  configured: { readonly [name: string]: string },
  place: string,
  { lookup, missing }: PassThroughContext,
): { readonly list: readonly string[] } | { readonly reason: string } {
  // A header that is a reference and nothing else is left out of the settings when that has no value.
  for (const [path, name] of missing)
    if (path.startsWith(`${place}.`)) return notSet(path.slice(place.length + 1), name);
  const headers = new Map<string, string>();
  for (const [name, written] of Object.entries(configured)) {
    let absent: string | undefined;
    const value = written.replaceAll(reference, (_whole, variable: string) => {
      const found = lookup(variable)?.reveal();
      absent ??= found === undefined ? variable : undefined;
      return found ?? "";
    });
    if (absent !== undefined) return notSet(name, absent);
    if (!token.test(name) || !text.test(value))
      return { reason: `its header ${JSON.stringify(name)} cannot be sent` };
    if (!hopByHopHeaders.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  }
  withLangfuse(headers);
  return { list: [...headers].flat() };
}

function notSet(header: string, variable: string): { readonly reason: string } {
  return { reason: `its header ${header} needs os.environ/${variable}, which is not set` };
}

/** LiteLLM's way to give Langfuse's pair of keys, which Langfuse itself takes as a user and a password. */
function withLangfuse(headers: Map<string, string>): void {
  const user = headers.get("langfuse_public_key");
  const password = headers.get("langfuse_secret_key");
  if (user === undefined || password === undefined) return;
  headers.delete("langfuse_public_key");
  headers.delete("langfuse_secret_key");
  headers.set("authorization", `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
}

const reference = /os\.environ\/([\w.-]+)/g;
const token = /^[\w!#$%&'*+.^`|~-]+$/;
const text = /^[\t\x20-\x7e\x80-\xff]*$/;
